import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Redis, RedisOptions } from 'ioredis'
import type { IndexProvider } from './provider.ts'
import { openRedisIndex } from './redis/open.ts'
import { openSqliteIndex } from './sqlite/open.ts'

/** Where an index is. */
export type IndexLocation = RedisLocation | RedisServer | FileLocation | ProviderLocation

export interface RedisLocation {
  /**
   * A URL, or a client, which stays the caller's to close. How long a client waits for a Redis that is away is its own affair; with
   * ioredis's defaults it sends a commit again if the connection breaks meanwhile, which `ifRevision` then takes for another writer's.
   */
  readonly redis: Redis | string
  /** Before every key, atdata's too. Default none. */
  readonly keyPrefix?: string | undefined
}

/** Connection options of ioredis. */
export interface RedisServer extends Omit<RedisOptions, 'path'> {
  readonly host: string
  readonly keyPrefix?: string
}

export interface FileLocation {
  /** An SQLite file; atdata's own will do. */
  readonly path: string
}

export interface ProviderLocation {
  /** Stays the caller's to close. */
  readonly provider: IndexProvider
}

/** @returns the provider, and how to give it back */
export async function openProvider(location: IndexLocation): Promise<{ provider: IndexProvider; close: () => Promise<void> }> {
  if ('provider' in location) return { provider: location.provider, close: async () => {} }
  const provider = await open(location)
  return { provider, close: async () => provider[Symbol.asyncDispose]() }
}

/**
 * Redis at `REDIS_URL` if that is set, else the file `index.db` in `SHARDEX_HOME`, which is `~/.shardex` if not set.
 * @param environment default `process.env`
 */
export function defaultLocation(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): RedisLocation | FileLocation {
  const { REDIS_URL: redis, SHARDEX_HOME: home } = environment
  return redis ? { redis } : { path: join(home || join(homedir(), '.shardex'), 'index.db') }
}

function open(location: RedisLocation | RedisServer | FileLocation): Promise<IndexProvider> {
  if ('redis' in location) return openRedisIndex(location)
  if ('path' in location) return openSqliteIndex(location)
  const { keyPrefix, ...redis } = location
  return openRedisIndex({ redis, keyPrefix })
}
