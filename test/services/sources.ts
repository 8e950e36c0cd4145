import { findCeph, installCeph, startCeph } from './ceph.ts'
import { dockerRedis, dockerVersitygw } from './docker.ts'
import { findProgram } from './find-program.ts'
import { installRedis, type RedisAddress, redisVersion, startRedisProgram } from './redis.ts'
import { type S3Server, s3Answers } from './s3.ts'
import type { Service, Source } from './service.ts'
import { buildVersitygw, startVersitygw } from './versitygw.ts'

const env = process.env

/** Where a Redis may come from, best first. */
export const REDIS: readonly Source<RedisAddress>[] = [
  { from: 'REDIS_URL', open: givenRedis, asked: env['REDIS_URL'] !== undefined },
  { from: 'Docker', open: dockerRedis },
  { from: 'redis-server on this machine', open: () => ifFound(findProgram('redis-server'), startRedisProgram) },
  { from: 'redis-server by apt-get', open: async () => ifFound(await installRedis(), startRedisProgram) },
]

/** A server that is given or in a container stands alone; each of these lists brings one server of another make. */
export const GIVEN_S3: readonly Source<S3Server>[] = [
  { from: 'S3_ENDPOINT', open: givenS3, asked: env['S3_ENDPOINT'] !== undefined },
  { from: 'Docker', open: dockerVersitygw },
]
export const CEPH: readonly Source<S3Server>[] = [
  { from: 'radosgw on this machine', open: () => ifFound(findCeph(), startCeph) },
  { from: 'radosgw by apt-get', open: async () => ifFound(await installCeph(), startCeph) },
]
export const VERSITYGW: readonly Source<S3Server>[] = [
  { from: 'versitygw on this machine', open: () => ifFound(findProgram('versitygw'), startVersitygw) },
  { from: 'versitygw built by go', open: async () => ifFound(await buildVersitygw(), startVersitygw) },
]

async function ifFound<P, A>(
  program: P | undefined,
  start: (program: P) => Promise<Service<A>>,
): Promise<Service<A> | undefined> {
  return program === undefined ? undefined : start(program)
}

async function givenRedis(): Promise<Service<RedisAddress> | undefined> {
  const url = env['REDIS_URL']
  return url === undefined ? undefined : notOurs({ url }, `Redis ${await redisVersion(url)}`)
}

async function givenS3(): Promise<Service<S3Server> | undefined> {
  const endpoint = env['S3_ENDPOINT']
  if (endpoint === undefined) return undefined
  const [accessKeyId, secretAccessKey] = [env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY']]
  if (!accessKeyId || !secretAccessKey) throw new Error('it needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY beside it')
  const program = await s3Answers(endpoint)
  return notOurs({ name: 'given', endpoint, accessKeyId, secretAccessKey, region: env['AWS_REGION'] ?? 'us-east-1' }, program)
}

function notOurs<A>(address: A, program: string): Service<A> {
  return { address, program, [Symbol.asyncDispose]: async () => undefined }
}
