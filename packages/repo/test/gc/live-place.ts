import type { FileLocation, RedisLocation } from '@shardex/index'
import type { S3DataStoreOptions } from '../../src/index.ts'

/** Where registry and store are, for another process. */
export interface LivePlace {
  readonly index: FileLocation | RedisLocation
  readonly disk?: { readonly root: string } | undefined
  readonly s3?: S3DataStoreOptions | undefined
}
