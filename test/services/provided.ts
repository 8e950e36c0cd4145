import type { RedisAddress } from './redis.ts'
import type { S3Server } from './s3.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** `undefined` if this machine has none (never in CI). */
    redis: RedisAddress | undefined
    /** The first one is the primary. Empty if this machine has none (never in CI). */
    s3: readonly S3Server[]
  }
}
