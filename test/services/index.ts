/**
 * The services of a test run, and the things a test makes on them. A service is real or it is not there; nothing here
 * imitates one.
 * @module
 */
export { type Bucket, freshBucket, s3Client } from './bucket.ts'
export { type Child, run, startChild, untilReady } from './child.ts'
export { describeRedis, describeS3, redisUrl, s3Servers } from './describe.ts'
export { describeWith } from './describe-with.ts'
export { findProgram } from './find-program.ts'
export { freePorts, withFreePorts } from './free-port.ts'
export { needProgram } from './need-program.ts'
export { openServices, type Services } from './open-services.ts'
export { describePds } from './pds/describe-pds.ts'
export { type OwnPds, type PdsAccount, type PdsOptions, RESTART_MS, startPds } from './pds/start-pds.ts'
export {
  ATDATA_VERSION,
  hasPythonWithLocked,
  pythonWith,
  pythonWithAtdata,
  pythonWithLocked,
  pythonWithWebdataset,
  WEBDATASET_VERSION,
} from './python.ts'
export { type OwnRedis, type RedisAddress, type RedisOptions, startRedis } from './redis.ts'
export { type FreshRedis, freshPrefix, freshRedis } from './redis-database.ts'
export type { S3Server } from './s3.ts'
export type { Service } from './service.ts'
export { shared } from './shared.ts'
export { startS3 } from './start-s3.ts'
export { type TempDir, tempDir } from './temp-dir.ts'
export { watchSyncs } from './watch-syncs.ts'
