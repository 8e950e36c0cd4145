import type { Redis, RedisOptions } from 'ioredis'
import type { CallOptions, IndexProvider } from '../provider.ts'
import { corrupt } from '../refusals.ts'
import { toInfo } from './diagnose.ts'
import { keysUnder } from './keys.ts'
import { RedisProvider } from './redis-provider.ts'
import { toText } from './replies.ts'

const LAYOUT = '1'

export interface RedisIndexOptions extends CallOptions {
  /** A client, which stays open and the caller's; or a URL or connection options, for a client of the index's own. */
  readonly redis: Redis | string | RedisOptions
  /** Before every key, atdata's too: several indexes in one database. Default none, so that atdata finds what is written. */
  readonly keyPrefix?: string | undefined
}

/**
 * An index in Redis: one server, with or without replicas. The first time shardex touches a database it looks once at all keys, to index what
 * atdata wrote; after that nothing scans.
 * @throws {ShardexError} `index.unavailable`, `credentials.refused`, `config.invalid` for a cluster, `index.corrupt` for a newer layout
 */
export async function openRedisIndex(options: RedisIndexOptions): Promise<IndexProvider> {
  const keys = keysUnder(options.keyPrefix ?? '')
  // With its client, which takes longer to load than the rest of an index, and is not needed for SQLite.
  const { clusterRefused, RedisConnection } = await import('./connection.ts')
  await using undo = new AsyncDisposableStack()
  const redis = undo.use(new RedisConnection(options.redis, keys))
  const info = toInfo(toText(await redis.call(['INFO', 'cluster'], options)))
  if (info['cluster_enabled'] === '1') throw clusterRefused(redis.url)

  const provider = new RedisProvider(redis, keys)
  const layout = await redis.call(['GET', keys.layout], options)
  if (layout === null) {
    await provider.adopt(options)
    await redis.call(['SET', keys.layout, LAYOUT, 'NX'], options)
  } else if (toText(layout) !== LAYOUT) {
    throw corrupt(`key ${keys.layout}`, `layout ${toText(layout)}`, `layout ${LAYOUT}, or a newer shardex`)
  }
  undo.move()
  return provider
}
