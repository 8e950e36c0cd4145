import { LocalIndex, Repo } from 'shardex'
import { describe, inject } from 'vitest'
import { freshBucket, freshRedis, type S3Server, s3Servers, tempDir } from '../services/index.ts'

/** A registry and a store that both shardex and atdata use. */
export interface Place extends AsyncDisposable {
  readonly repo: Repo
  readonly index: LocalIndex
  /** The same, for functions of `exchange.py`. */
  readonly place: object
}

type Where = 'SQLite and disk' | 'Redis and S3'

/** A suite on each kind of place. */
export function describePlaces(body: (where: Where, open: () => Promise<Place>) => void): void {
  describe('on SQLite and disk', () => body('SQLite and disk', sqliteAndDisk))
  describeServers('on Redis and S3', () => body('Redis and S3', redisAndS3))
}

/** A suite on Redis and S3. Where they are not there it is skipped and says so. */
export function describeServers(name: string, body: () => void): void {
  if (inject('redis') && inject('s3').length > 0) describe(name, body)
  else describe.skip(`${name} (skipped: this run has no Redis or no S3 server)`, body)
}

export async function sqliteAndDisk(): Promise<Place> {
  await using undo = new AsyncDisposableStack()
  const home = undo.use(await tempDir('interop'))
  const repo = undo.use(new Repo({ home: home.path }))
  const owned = undo.move()
  const place = { path: home.file('index.db'), root: home.file('data') }
  return { repo, index: repo.index, place, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

export async function redisAndS3(): Promise<Place> {
  const server = serverOfPlaces()
  await using undo = new AsyncDisposableStack()
  const redis = undo.use(await freshRedis())
  const bucket = undo.use(await freshBucket(server))
  const index = undo.use(new LocalIndex({ redis: redis.url }))
  const credentials = {
    AWS_ENDPOINT: server.endpoint,
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
  }
  const repo = undo.use(new Repo({ index, s3Credentials: credentials, hivePath: bucket.name }))
  const place = { redis: redis.url, credentials, bucket: bucket.name, region: server.region }
  const owned = undo.move()
  return { repo, index, place, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** The quickest to start: what is tested here is not S3. */
export function serverOfPlaces(): S3Server {
  return s3Servers().find(({ name }) => name === 'versitygw') ?? s3Servers()[0]
}
