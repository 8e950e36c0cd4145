/**
 * Where the examples run. With `REDIS_URL` and `SHARDEX_S3=bucket/prefix` (and the `AWS_*` variables) set: on Redis and S3.
 * Otherwise on this machine alone: SQLite and a directory that goes away. The examples are the same for both.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DataStore, LocalDiskStore, LocalIndex, Repo, S3DataStore } from 'shardex'

export interface Setting extends AsyncDisposable {
  readonly index: LocalIndex
  readonly repo: Repo
  readonly store: DataStore
  /** A directory for files of the example. */
  readonly dir: string
}

export async function openSetting(): Promise<Setting> {
  const { REDIS_URL, SHARDEX_S3, SHARDEX_KEY_PREFIX = '' } = process.env
  const dir = await mkdtemp(join(tmpdir(), 'shardex-example-'))
  const index =
    REDIS_URL === undefined
      ? new LocalIndex({ path: join(dir, 'index.db') })
      : new LocalIndex({ redis: REDIS_URL, keyPrefix: SHARDEX_KEY_PREFIX })
  const store =
    SHARDEX_S3 === undefined
      ? new LocalDiskStore({ root: join(dir, 'shards') })
      : new S3DataStore({ credentials: s3Credentials(), bucket: SHARDEX_S3.split('/')[0]! })
  const repo = new Repo({ index, store })
  return {
    index,
    repo,
    store,
    dir,
    async [Symbol.asyncDispose]() {
      await repo[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
      await index[Symbol.asyncDispose]()
      await rm(dir, { recursive: true })
    },
  }
}

/** From the environment; in a program of your own pass a path to a `.env` file. */
export function s3Credentials(): { AWS_ENDPOINT?: string; AWS_ACCESS_KEY_ID: string; AWS_SECRET_ACCESS_KEY: string } {
  const { AWS_ENDPOINT, AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = process.env
  return { ...(AWS_ENDPOINT === undefined ? {} : { AWS_ENDPOINT }), AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY }
}
