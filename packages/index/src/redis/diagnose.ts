import type { CallOptions, Diagnosis } from '../provider.ts'
import type { RedisConnection } from './connection.ts'
import type { Keys } from './keys.ts'
import { toNumber, toText } from './replies.ts'

/** What an operator should know: is it durable, and will it throw entries away when memory runs out? */
export async function diagnoseRedis(redis: RedisConnection, keys: Keys, options: CallOptions | undefined): Promise<Diagnosis> {
  const info = toInfo(toText(await redis.call(['INFO'], options)))
  const count = async (key: string): Promise<number> => toNumber(await redis.call(['ZCARD', key], options))
  const appendOnly = info['aof_enabled'] === '1'
  const setting = (name: string): Promise<string> => settingOf(redis, name, options)
  const appendFsync = appendOnly ? await setting('appendfsync') : undefined
  const isUnsyncedOnRewrite = appendOnly && (await setting('no-appendfsync-on-rewrite')) === 'yes'
  const policy = info['maxmemory_policy'] ?? 'unknown'
  const warnings = [
    ...(appendOnly
      ? []
      : ['appendonly is off: a crash of Redis loses what was committed since the last snapshot; set appendonly yes']),
    ...(appendFsync === 'everysec' || appendFsync === 'no' ? [laterSync(appendFsync)] : []),
    ...(isUnsyncedOnRewrite
      ? [
          'no-appendfsync-on-rewrite is yes: while Redis rewrites its file, a crash of the machine loses what is committed; set it to no',
        ]
      : []),
    ...(policy === 'noeviction' ? [] : [`maxmemory-policy is ${policy}: Redis may evict entries; set noeviction`]),
    ...(info['role'] === 'slave' ? ['this is a replica: commits will be refused'] : []),
  ]
  return {
    backend: 'redis',
    url: redis.url,
    version: info['redis_version'] ?? 'unknown',
    counts: {
      entries: await count(keys.entries),
      names: await count(keys.names),
      labels: await count(keys.labels),
      schemas: await count(keys.schemas),
    },
    facts: {
      appendonly: appendOnly,
      ...(appendFsync !== undefined && { appendfsync: appendFsync }),
      'maxmemory-policy': policy,
      maxmemory: info['maxmemory_human'] ?? 'unknown',
      used: info['used_memory_human'] ?? 'unknown',
      role: info['role'] ?? 'unknown',
      'journals of inserts': await count(keys.ingests),
      'marked as garbage': await count(keys.garbage),
    },
    warnings,
  }
}

function laterSync(policy: 'everysec' | 'no'): string {
  const lost =
    policy === 'everysec' ? 'two seconds of commits, more where the disk is slow' : 'what the system had not written yet'
  return `appendfsync is ${policy}: a crash can lose ${lost}; set appendfsync always`
}

/** Managed servers may not tell. */
async function settingOf(redis: RedisConnection, name: string, options: CallOptions | undefined): Promise<string> {
  try {
    const reply = await redis.call(['CONFIG', 'GET', name], options)
    return Array.isArray(reply) && reply[1] !== undefined ? toText(reply[1]) : 'unknown'
  } catch {
    options?.signal?.throwIfAborted()
    return 'unknown'
  }
}

export function toInfo(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...text.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name, value]) => [name, value]))
}
