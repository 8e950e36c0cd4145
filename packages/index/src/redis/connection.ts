import { setTimeout as sleep } from 'node:timers/promises'
import { ShardexError } from '@shardex/errors'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { abortable } from '../abortable.ts'
import type { CallOptions } from '../provider.ts'
import { isConnectionLoss, redisFailure } from './failure.ts'
import type { Keys } from './keys.ts'
import { loadScript, type ScriptName } from './script.ts'

/** Strings as buffers, integers as numbers, nil as null, arrays of them. */
export type Reply = Buffer | number | null | readonly Reply[]
export type Argument = string | Uint8Array | number | undefined

/** Three attempts, then a call fails; the client goes on reconnecting behind the scenes, so that a later call can succeed. */
const ATTEMPTS = 3
const OWN_CLIENT = {
  lazyConnect: true,
  connectTimeout: 3_000,
  commandTimeout: 10_000,
  // A command whose connection is lost is never sent again by the client: it may have been a write that happened.
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  retryStrategy: (times: number) => Math.min(50 * 2 ** times, 1_000),
}

/** One client, the scripts it runs, and what its failures mean. */
export class RedisConnection implements AsyncDisposable {
  readonly url: string
  readonly client: Redis
  readonly #keys: Keys
  readonly #owned: boolean
  readonly #onError = (error: Error): void => {
    this.#lastError = error
  }
  #lastError: Error | undefined

  constructor(redis: Redis | string | RedisOptions, keys: Keys) {
    this.#owned = !isClient(redis)
    this.client = isClient(redis) ? acceptable(redis) : ownClient(redis)
    this.#keys = keys
    this.url = urlOf(this.client)
    this.client.on('error', this.#onError)
  }

  /** Run a script that changes nothing that matters if it runs twice. */
  read(script: ScriptName, args: readonly Argument[], options: CallOptions | undefined): Promise<Reply> {
    return this.#retry(() => this.#evaluate(script, args), options, script)
  }

  /** Run a script at most once. */
  async write(script: ScriptName, args: readonly Argument[], options: CallOptions | undefined): Promise<Reply> {
    if (this.client.status !== 'ready') await this.call(['PING'], options)
    options?.signal?.throwIfAborted()
    return this.#once(() => this.#evaluate(script, args), options, script)
  }

  /** A plain command that only reads. */
  call(command: readonly [string, ...(string | number)[]], options: CallOptions | undefined): Promise<Reply> {
    const [name, ...args] = command
    return this.#retry(() => this.client.callBuffer(name, args) as Promise<Reply>, options, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.off('error', this.#onError)
    if (!this.#owned) return
    this.client.on('error', () => {}) // A connection attempt that is under way may still fail.
    this.client.disconnect()
  }

  async #evaluate(name: ScriptName, args: readonly Argument[]): Promise<Reply> {
    const { lua, sha1 } = loadScript(name)
    const rest = [this.#keys.roots.length, ...this.#keys.roots, ...args.map(toArgument)]
    try {
      return (await this.client.callBuffer('EVALSHA', [sha1, ...rest])) as Reply
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return (await this.client.callBuffer('EVAL', [lua, ...rest])) as Reply
    }
  }

  async #retry(attempt: () => Promise<Reply>, options: CallOptions | undefined, doing: string): Promise<Reply> {
    for (let left = ATTEMPTS - 1; ; left--) {
      options?.signal?.throwIfAborted()
      try {
        return await abortable(attempt(), options?.signal)
      } catch (error) {
        if (left === 0 || options?.signal?.aborted || !this.#owned || !isConnectionLoss(error)) {
          throw this.#failure(error, doing, false)
        }
        await sleep(100)
      }
    }
  }

  async #once(attempt: () => Promise<Reply>, options: CallOptions | undefined, doing: string): Promise<Reply> {
    try {
      return await abortable(attempt(), options?.signal)
    } catch (error) {
      throw this.#failure(error, doing, true)
    }
  }

  #failure(error: unknown, doing: string, writeWasSent: boolean): unknown {
    const lastError = this.client.status === 'ready' ? undefined : this.#lastError
    return redisFailure(error, this.url, `${doing} at ${this.url}`, { lastError, writeWasSent })
  }
}

function ownClient(redis: string | RedisOptions): Redis {
  return typeof redis === 'string' ? new Redis(redis, OWN_CLIENT) : new Redis({ ...OWN_CLIENT, ...redis, replyMapping: 'legacy' })
}

function toArgument(value: Argument): string | Buffer | number {
  if (value === undefined) return ''
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
}

/** By shape, not by class: the caller may have another copy of ioredis. */
export function isClient(value: unknown): value is Redis {
  return typeof value === 'object' && value !== null && 'callBuffer' in value && 'status' in value
}

function acceptable(client: Redis): Redis {
  if (client.isCluster || client instanceof Cluster) throw clusterRefused(urlOf(client))
  const prefix = client.options.keyPrefix
  if (prefix) {
    throw new ShardexError(
      'config.invalid',
      { setting: 'redis.keyPrefix', found: prefix, wanted: 'a client without keyPrefix' },
      {
        message: `the Redis client has the keyPrefix ${JSON.stringify(prefix)}; give it to LocalIndex as keyPrefix instead, which also finds what it scans for`,
      },
    )
  }
  return client
}

export function clusterRefused(url: string): ShardexError {
  return new ShardexError(
    'config.invalid',
    { setting: 'redis', found: 'a Redis Cluster', wanted: 'one Redis, with or without replicas' },
    { message: `${url} is a Redis Cluster; an index is committed in one step and needs one Redis, with or without replicas` },
  )
}

/** Where a client connects to, without user and password. */
function urlOf(client: Redis): string {
  if (client.isCluster) return 'redis-cluster:'
  const { path, host, port, db, tls } = client.options
  return path ? `unix:${path}?db=${db ?? 0}` : `${tls ? 'rediss' : 'redis'}://${host ?? 'localhost'}:${port ?? 6379}/${db ?? 0}`
}
