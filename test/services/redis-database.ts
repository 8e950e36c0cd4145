import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { redisUrl } from './describe.ts'

export interface FreshRedis extends AsyncDisposable {
  /** Names a database of the run's Redis that is empty and nobody else's. */
  readonly url: string
}

/** A key prefix nobody else uses, ending in `:`. */
export function freshPrefix(): string {
  return `test:${randomUUID()}:`
}

/**
 * An empty logical database of the run's Redis, for code whose key names are fixed. It is leased through a key in
 * database 0, so that test files in parallel do not meet, and emptied when disposed.
 */
export async function freshRedis(): Promise<FreshRedis> {
  const base = new URL(redisUrl())
  const leases = new Redis(base.href)
  const count = Number(((await leases.config('GET', 'databases')) as string[])[1] ?? 16)
  for (let database = 1; database < count; database++) {
    const lease = `shardex-test:database:${database}`
    if ((await leases.set(lease, process.pid, 'EX', 3600, 'NX')) !== 'OK') continue
    base.pathname = `/${database}`
    const redis = new Redis(base.href)
    // A given server may hold somebody's data: what is not empty is not ours.
    if ((await redis.dbsize()) > 0) {
      redis.disconnect()
      continue
    }
    return {
      url: base.href,
      async [Symbol.asyncDispose]() {
        await redis.flushdb()
        await leases.del(lease)
        redis.disconnect()
        leases.disconnect()
      },
    }
  }
  leases.disconnect()
  throw new Error(`all ${count - 1} databases of ${base.host} are taken; give the tests a Redis with more`)
}
