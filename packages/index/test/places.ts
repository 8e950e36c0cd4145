import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type IndexProvider, openRedisIndex, openSqliteIndex } from '@shardex/index'
import type { PlaceUnderTest } from '@shardex/index/testing'
import { Redis } from 'ioredis'
import { redisUrl } from '../../../test/services/describe.ts'
import { tempDir } from '../../../test/services/temp-dir.ts'

export interface RedisPlace extends PlaceUnderTest {
  readonly url: string
  readonly keyPrefix: string
  /** A plain client, to write what others write and to look at what is there. */
  readonly redis: Redis
}

export interface SqlitePlace extends PlaceUnderTest {
  readonly path: string
}

/** Keys under a prefix of its own, removed afterwards. */
export async function redisPlace(): Promise<RedisPlace> {
  const [url, keyPrefix] = [redisUrl(), `test:${randomUUID()}:`]
  const redis = new Redis(url)
  await using undo = new AsyncDisposableStack()
  undo.defer(() => redis.disconnect())
  undo.defer(async () => {
    for await (const keys of redis.scanStream({ match: `${keyPrefix}*`, count: 1000 }) as AsyncIterable<string[]>) {
      if (keys.length > 0) await redis.del(keys)
    }
  })
  const owned = undo.move()
  return {
    url,
    keyPrefix,
    redis,
    async connect(): Promise<IndexProvider> {
      return owned.use(await openRedisIndex({ redis: url, keyPrefix }))
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** A file in a folder of its own. */
export async function sqlitePlace(): Promise<SqlitePlace> {
  const dir = await tempDir('index')
  const path = join(dir.path, 'deep', 'index.db')
  const undo = new AsyncDisposableStack()
  undo.use(dir)
  undo.defer(() => rm(path, { force: true }))
  return {
    path,
    connect: async () => undo.use(await openSqliteIndex({ path })),
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  }
}
