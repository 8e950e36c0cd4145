import type { S3Server } from './s3.ts'
import { firstService, type Service } from './service.ts'
import { CEPH, GIVEN_S3, VERSITYGW } from './sources.ts'

/** An S3 server to be had outside of a test run (examples, benchmarks): given, in Docker, or of this machine. */
export async function startS3(): Promise<Service<S3Server>> {
  const found = await firstService([...GIVEN_S3, ...VERSITYGW, ...CEPH])
  if ('missing' in found) throw new Error(`no S3-compatible server here\n${found.missing}`)
  return found.service
}
