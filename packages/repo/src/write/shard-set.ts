import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { describe, isShardexError, ShardexError } from '@shardex/errors'
import type { ShardDescription } from '@shardex/index'
import { ByteWriter, type SampleType } from '@shardex/schema'
import type { ObjectStore } from '@shardex/storage'
import { HashThread } from '../hash/hash-thread.ts'
import { type Member, memberOf, positionKey } from '../shard/keys.ts'
import { INDEX_SUFFIX } from '../shard/offset-index.ts'
import { ChunkPool } from './chunk-pool.ts'
import { OpenShard } from './open-shard.ts'
import { putThroughDisk } from './put-through-disk.ts'

/** Where shards go. */
export interface ShardTarget {
  readonly store: ObjectStore
  /** The key of the shard with this number; never a key that may hold other bytes. */
  readonly keyOf: (shard: number) => string
}

export interface ShardLimits {
  readonly maxcount: number
  readonly maxsize: number
  readonly parallelShards: number
  readonly cacheLocal: boolean
}

/** 1 MiB each: enough for the store to be busy while the next chunks are packed and hashed. */
const CHUNKS_IN_FLIGHT = 12

/** How long requests that are on their way may take to end after a failure or an abort. */
const PATIENCE_MS = 10_000

/** The shards of one dataset in writing: one open, a few on their way to the store, the rest stored. */
export class ShardSet implements AsyncDisposable {
  readonly #target: ShardTarget
  readonly #type: SampleType
  readonly #limits: ShardLimits
  readonly #failure = new AbortController()
  readonly #patience = new AbortController()
  readonly #pool = new ChunkPool(CHUNKS_IN_FLIGHT)
  readonly #thread = new HashThread()
  readonly #scratch = new ByteWriter()
  /** Every object that may be there because of us. */
  readonly #begunKeys = new Set<string>()
  readonly #shards: Promise<ShardDescription>[] = []
  readonly #inFlight = new Set<Promise<unknown>>()
  #open: OpenShard | undefined
  #closedBytes = 0
  samples = 0
  shardsStored = 0

  constructor(target: ShardTarget, type: SampleType, limits: ShardLimits) {
    this.#target = target
    this.#type = type
    this.#limits = limits
  }

  /** Aborts, with the reason, as soon as storing a shard has failed. */
  get failure(): AbortSignal {
    return this.#failure.signal
  }

  /** Bytes of tar packed so far. */
  get bytes(): number {
    return this.#closedBytes + (this.#open?.stream.sizeBytes ?? 0)
  }

  /** Pack a sample into the open shard, or into a new one if that is full. A promise only if there is something to wait for. */
  add(sample: object): Promise<void> | undefined {
    if (typeof sample !== 'object' || sample === null) throw notASample(sample, this.samples)
    const member = memberOf((sample as { __key__?: unknown }).__key__ ?? positionKey(this.samples))
    this.#scratch.reset()
    this.#type.packInto(this.#scratch, sample as never, member.key)
    const payload = this.#scratch.bytes.subarray(0, this.#scratch.length)
    this.samples += 1
    if (this.#open !== undefined && this.#isFull(this.#open, member, payload.length)) return this.#addToNext(member, payload)
    this.#open ??= this.#begin()
    return this.#open.append(member, payload, crc32(payload))
  }

  /** Store what is left. @returns a description of every shard, in order */
  async finish(): Promise<ShardDescription[]> {
    await this.#close()
    return Promise.all(this.#shards)
  }

  /**
   * Stop, and delete what was stored. Requests that are on their way are not cut off but waited for, because a server may still carry out
   * what its client has given up; only after {@link PATIENCE_MS} they are.
   * @returns the errors of what could not be deleted
   */
  async undo(reason: unknown): Promise<unknown[]> {
    this.#failure.abort(reason)
    this.#open?.abandon(reason)
    const timer = setTimeout(() => this.#patience.abort(reason), PATIENCE_MS)
    await Promise.allSettled(this.#shards)
    clearTimeout(timer)
    const deleted = await Promise.allSettled([...this.#begunKeys].map((key) => this.#target.store.delete(key)))
    return deleted.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread[Symbol.asyncDispose]()
  }

  #isFull(shard: OpenShard, member: Member, payloadBytes: number): boolean {
    return shard.sampleCount >= this.#limits.maxcount || shard.sizeWith(member, payloadBytes) > this.#limits.maxsize
  }

  async #addToNext(member: Member, payload: Uint8Array): Promise<void> {
    await this.#close()
    this.#open = this.#begin()
    await this.#open.append(member, payload, crc32(payload))
  }

  #begin(): OpenShard {
    const number = this.#shards.length
    const key = this.#target.keyOf(number)
    const shard = new OpenShard(number, this.#target.store.urlOf(key), this.#pool, this.#thread)
    const stored = this.#store(shard, key)
    this.#shards.push(stored)
    const settled: Promise<unknown> = stored.then(
      () => this.#inFlight.delete(settled),
      (error: unknown) => this.#failure.abort(error),
    )
    this.#inFlight.add(settled)
    return shard
  }

  async #close(): Promise<void> {
    const shard = this.#open
    if (shard === undefined) return
    await shard.close()
    this.#closedBytes += shard.stream.sizeBytes
    this.#open = undefined
    while (this.#inFlight.size >= this.#limits.parallelShards && !this.failure.aborted) await Promise.race(this.#inFlight)
  }

  /** Store a shard while it is packed, then its offset index. */
  async #store(shard: OpenShard, key: string): Promise<ShardDescription> {
    const upload = this.#put(key, shard.stream.chunks()).finally(() => shard.stream.abandon())
    const [{ index, ...description }] = await Promise.all([shard.closed, upload])
    await this.#put(key + INDEX_SUFFIX, index)
    this.shardsStored += 1
    return { ...description, indexSha256: createHash('sha256').update(index).digest('hex'), indexSizeBytes: index.length }
  }

  async #put(key: string, body: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
    const { store } = this.#target
    const options = { signal: this.#patience.signal, ifAbsent: store.supports.putIfAbsent }
    this.failure.throwIfAborted()
    this.#begunKeys.add(key)
    try {
      if (body instanceof Uint8Array) await store.put(key, body, options)
      else if (this.#limits.cacheLocal) await putThroughDisk(store, key, this.#untilFailure(body), options)
      else await store.put(key, this.#untilFailure(body), options)
    } catch (error) {
      // A clear refusal means that nothing of ours is there; `storage.exists`, that something of somebody else is.
      if (isShardexError(error) && error.code !== 'storage.unavailable') this.#begunKeys.delete(key)
      throw error
    }
  }

  /** A body that breaks off is never stored, so a shard that was given up is not stored half. */
  async *#untilFailure(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.failure.throwIfAborted()
      yield chunk
    }
    this.failure.throwIfAborted()
  }
}

function notASample(found: unknown, position: number): ShardexError {
  const facts = {
    sample: positionKey(position),
    field: '',
    found: describe(found),
    wanted: 'an object with the fields of the schema',
  }
  return new ShardexError('sample.invalid', facts, { message: `sample ${position} is ${facts.found}, wanted ${facts.wanted}` })
}
