import { LocalIndex, Repo } from 'shardex'
import { freshBucket, freshRedis, s3Servers, tempDir } from '../services/index.ts'

/** A registry and a store that both shardex and atdata use. */
export interface Place extends AsyncDisposable {
  readonly repo: Repo
  readonly index: LocalIndex
  /** The same, for functions of `exchange.py`. */
  readonly place: object
}

export const PLACES: readonly (readonly [string, () => Promise<Place>])[] = [
  ['SQLite and disk', sqliteAndDisk],
  ['Redis and S3', redisAndS3],
]

export async function sqliteAndDisk(): Promise<Place> {
  await using undo = new AsyncDisposableStack()
  const home = undo.use(await tempDir('interop'))
  const repo = undo.use(new Repo({ home: home.path }))
  const owned = undo.move()
  const place = { path: home.file('index.db'), root: home.file('data') }
  return { repo, index: repo.index, place, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

export async function redisAndS3(): Promise<Place> {
  const server = s3Servers().find(({ name }) => name === 'versitygw') ?? s3Servers()[0]
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
  const place = { redis: redis.url, credentials, bucket: bucket.name }
  const owned = undo.move()
  return { repo, index, place, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
