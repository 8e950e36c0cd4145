import { crc32 } from 'node:zlib'
import { describe, ShardexError } from '@shardex/errors'
import type { ShardDescription } from '@shardex/index'
import { ByteWriter, type SampleType } from '@shardex/schema'
import type { Hasher } from '../hash/hasher.ts'
import { ContentKeys } from '../shard/content-keys.ts'
import { MEMBER_SUFFIX, type Member, memberOf, positionKey } from '../shard/keys.ts'
import { headerBytes, padded } from '../tar/ustar-header.ts'
import { ContentBoundary, type ShardLimits } from './boundary.ts'
import { ChunkPool } from './chunk-pool.ts'
import { OpenShard } from './open-shard.ts'
import type { Placement, Stop } from './placement.ts'

export interface ShardSetOptions extends ShardLimits {
  readonly parallelShards: number
  /** Keys that samples do not bring, and where shards end, depend on the samples alone and not on their positions. */
  readonly byContent: boolean
  /** Ends with the set. */
  readonly hasher: Hasher
}

/** 1 MiB each: enough for the store to be busy while the next chunks are packed and hashed. */
const CHUNKS_IN_FLIGHT = 12

/** A registry that is slow, or away for a while, holds up an insert only when there is so much to note, in numbers of parallel shards. */
const NOTED_LATER = 3

/** How long requests that are on their way may take to end after a failure or an abort. */
const PATIENCE_MS = 10_000

/** The shards of one dataset in writing: one open, a few on their way to the store, the rest stored. */
export class ShardSet implements AsyncDisposable {
  readonly #placement: Placement
  readonly #type: SampleType
  readonly #options: ShardSetOptions
  readonly #failure = new AbortController()
  readonly #patience = new AbortController()
  readonly #pool = new ChunkPool(CHUNKS_IN_FLIGHT)
  readonly #scratch = new ByteWriter()
  readonly #keys: ContentKeys | undefined
  readonly #boundary: ContentBoundary | undefined
  readonly #shards: Promise<ShardDescription>[] = []
  /** Whose bytes are on their way to the store. */
  readonly #storing = new Set<Promise<unknown>>()
  /** Those, and stored ones that the placement is about to note. */
  readonly #noting = new Set<Promise<unknown>>()
  #open: OpenShard | undefined
  #endsHere = false
  #closedBytes = 0
  samples = 0
  shardsStored = 0

  constructor(placement: Placement, type: SampleType, options: ShardSetOptions) {
    this.#placement = placement
    this.#type = type
    this.#options = options
    if (!options.byContent) return
    this.#keys = new ContentKeys()
    this.#boundary = new ContentBoundary(options)
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
    const given = (sample as { __key__?: unknown }).__key__ ?? undefined
    const own = given === undefined && this.#keys !== undefined ? undefined : memberOf(given ?? positionKey(this.samples))
    this.#scratch.reset()
    this.#type.packInto(this.#scratch, sample as never, own?.key ?? positionKey(this.samples))
    const payload = this.#scratch.bytes.subarray(0, this.#scratch.length)
    const member = own ?? ContentKeys.of(payload)
    this.samples += 1
    if (this.#open !== undefined && this.#isFull(this.#open, member, payload.length))
      return this.#addToNext(member, payload, own === undefined)
    return this.#append(member, payload, own === undefined)
  }

  /** Store what is left. @returns a description of every shard, in order */
  async finish(): Promise<ShardDescription[]> {
    await this.#close()
    const descriptions = await Promise.all(this.#shards)
    this.#pool.end()
    return descriptions
  }

  /**
   * Store nothing more. Requests that are on their way are not cut off but waited for, because a server may still carry out what its client
   * has given up; only after {@link PATIENCE_MS} they are.
   */
  async stop(reason: unknown): Promise<void> {
    this.#failure.abort(reason)
    this.#open?.abandon(reason)
    const timer = setTimeout(() => this.#patience.abort(reason), PATIENCE_MS)
    await Promise.allSettled(this.#shards)
    clearTimeout(timer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.hasher[Symbol.asyncDispose]()
  }

  #isFull(shard: OpenShard, member: Member, payloadBytes: number): boolean {
    const { maxcount, maxsize } = this.#options
    return this.#endsHere || shard.sampleCount >= maxcount || shard.sizeWith(member, payloadBytes) > maxsize
  }

  async #addToNext(member: Member, payload: Uint8Array, generated: boolean): Promise<void> {
    await this.#close()
    await this.#append(member, payload, generated)
  }

  #append(member: Member, payload: Uint8Array, generated: boolean): Promise<void> | undefined {
    this.#open ??= this.#begin()
    const placed = generated && this.#keys !== undefined ? this.#keys.unique(member) : member
    if (this.#boundary !== undefined) {
      const { name, ascii } = placed
      const memberBytes = headerBytes(name, ascii) + padded(payload.length)
      this.#endsHere = this.#boundary.endsAfter(name.subarray(0, name.length - MEMBER_SUFFIX.length), memberBytes)
    }
    return this.#open.append(placed, payload, crc32(payload))
  }

  #begin(): OpenShard {
    this.failure.throwIfAborted()
    const number = this.#shards.length
    const shard = new OpenShard(number, this.#placement.nameOf(number), this.#pool, this.#options.hasher)
    const stop = { failure: this.failure, patience: this.#patience.signal }
    const stored = this.#placement.store(shard, number, stop)
    this.#shards.push(this.#noted(stored, number, stop))
    this.#track(this.#storing, stored)
    this.#track(this.#noting, this.#shards[number]!)
    return shard
  }

  async #close(): Promise<void> {
    const shard = this.#open
    if (shard === undefined) return
    await shard.close()
    this.#closedBytes += shard.stream.sizeBytes
    this.#open = undefined
    this.#endsHere = false
    this.#keys?.reset()
    this.#boundary?.reset()
    const { parallelShards } = this.#options
    while (this.#storing.size >= parallelShards && !this.failure.aborted) await Promise.race(this.#storing)
    while (this.#noting.size >= NOTED_LATER * parallelShards && !this.failure.aborted) await Promise.race(this.#noting)
  }

  async #noted(stored: Promise<ShardDescription>, number: number, stop: Stop): Promise<ShardDescription> {
    const description = await stored
    await this.#placement.note(number, description, stop)
    this.shardsStored += 1
    return description
  }

  #track(unsettled: Set<Promise<unknown>>, promise: Promise<unknown>): void {
    const settled: Promise<unknown> = promise.then(
      () => unsettled.delete(settled),
      (error: unknown) => this.#failure.abort(error),
    )
    unsettled.add(settled)
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
