import { describe, inject } from 'vitest'
import './provided.ts'
import type { S3Server } from './s3.ts'

/** Where the run's Redis is. Throws where there is none; suites that can be skipped use {@link describeRedis}. */
export function redisUrl(): string {
  const redis = inject('redis')
  if (!redis) throw new Error(`${NOT_HERE} Redis`)
  return redis.url
}

/** The run's S3 servers, primary first. Throws where there is none; suites that can be skipped use {@link describeS3}. */
export function s3Servers(): readonly [S3Server, ...S3Server[]] {
  const [primary, ...others] = inject('s3')
  if (!primary) throw new Error(`${NOT_HERE} S3 server`)
  return [primary, ...others]
}

/** A suite on the run's Redis. Where there is none it is skipped and says so. */
export function describeRedis(name: string, body: (url: string) => void): void {
  if (inject('redis')) describe(name, () => body(redisUrl()))
  else describe.skip(`${name} (skipped: ${NOT_HERE} Redis)`, () => body('redis://not-here'))
}

/** A suite once on every S3 server of the run. Where there is none it is skipped and says so. */
export function describeS3(name: string, body: (server: S3Server) => void): void {
  for (const server of inject('s3')) describe(`${name} on ${server.name}`, () => body(server))
  if (inject('s3').length === 0) describe.skip(`${name} (skipped: ${NOT_HERE} S3 server)`, () => body(NO_SERVER))
}

const NOT_HERE = 'this run has no'
/** Stands in while a skipped suite is collected; nothing of it is executed. */
const NO_SERVER: S3Server = { name: 'none', endpoint: 'http://not-here', accessKeyId: '', secretAccessKey: '', region: '' }
