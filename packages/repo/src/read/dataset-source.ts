import { ShardexError } from '@shardex/errors'
import type { Entry, ShardDescription } from '@shardex/index'
import { isSampleType, isView, type SampleType } from '@shardex/schema'
import { stoppable } from '@shardex/storage'
import type { Random } from '../order/keyed-random.ts'
import type { ShardSize } from '../order/parameters.ts'
import { proveSample } from '../proof/prove-sample.ts'
import type { SampleProof } from '../proof/verify-proof.ts'
import { utf8Before } from '../shard/keys.ts'
import { assertShardSize, readIndexHead } from './index-head.ts'
import { openReader, type ReadSettings } from './open-reader.ts'
import { planShards, type ShardSource } from './plan-shards.ts'
import { unprovable } from './proved-shard.ts'
import { type RawSample, unindexed } from './raw-sample.ts'
import type { SampleRange, SampleReader } from './shard-reader.ts'
import { shuffledThrough } from './shuffle.ts'
import type { SizedSource } from './sized-source.ts'

/** How samples are made of bytes. Every {@link SampleType} is one. */
export interface Decoder<T> {
  unpack(bytes: Uint8Array, sampleName?: string): T
}

/** A sample with the key it has in its shard. */
export type Keyed<T> = T & { readonly __key__: string }

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined
  /** Shards in the order that this gives, each sent ahead of at most `bufferShards - 1` others. */
  readonly shuffle?: { readonly random: Random; readonly bufferShards: number } | undefined
  /** Each block is done with when the next is asked for, so that its memory may be used again. Default false. */
  readonly reuse?: boolean | undefined
}

/** Where the samples of a dataset come from, in their own order or with the shards in random order. */
export interface DatasetSource<T> {
  /** URLs and brace patterns as they were given. */
  readonly dataUrls: readonly string[]
  readonly length: number | undefined
  /** Of samples that are made anew for each reader and hold nothing else, so that they are the reader's to change. */
  readonly ownFields?: readonly string[] | undefined
  shardUrls(): readonly string[]
  blocks(options: ReadOptions): AsyncIterable<T[]>
  at(position: number, signal?: AbortSignal): Promise<T>
  byKey(key: string, signal?: AbortSignal): Promise<T | undefined>
  /** `undefined` if there is no such key. */
  prove(key: string, schemaDigest: string, signal?: AbortSignal): Promise<SampleProof | undefined>
}

const HEADS_AT_ONCE = 16

/** What another source of the same shards reads them by. */
export interface SharedShards {
  readonly shards: readonly ShardSource[]
  readonly settings: ReadSettings
  readonly reader: SampleReader
}

/** Samples in tar shards. */
export class ShardsSource<T extends object> implements SizedSource<Keyed<T>> {
  readonly dataUrls: readonly string[]
  readonly length: number | undefined
  readonly #decoder: Decoder<T>
  /** What the samples hold, and nothing else, if that is known. */
  readonly type: SampleType | undefined
  readonly #entry: Entry | undefined
  readonly #settings: ReadSettings
  readonly #reader: SampleReader
  #shards: readonly ShardSource[] | undefined

  constructor(decoder: Decoder<T>, from: Entry | readonly string[], settings: ReadSettings) {
    this.#decoder = decoder
    this.type = isSampleType(decoder) ? decoder : undefined
    this.#entry = 'dataUrls' in from ? from : undefined
    this.dataUrls = 'dataUrls' in from ? from.dataUrls : from
    this.length = this.#entry?.sampleCount
    this.#settings = settings
    this.#reader = openReader(settings, this.#entry)
  }

  get shared(): SharedShards {
    return { shards: this.#plan(), settings: this.#settings, reader: this.#reader }
  }

  get contentCid(): string | undefined {
    return this.#entry?.contentCid
  }

  get ownFields(): readonly string[] | undefined {
    return this.type && Object.keys(this.type.fields)
  }

  get keepsBytes(): boolean {
    return this.type === undefined || Object.values(this.type.fields).some(({ kind }) => isView(kind))
  }

  shardUrls(): readonly string[] {
    return this.#plan().map(({ url }) => url)
  }

  async *blocks({ signal, shuffle, reuse = false }: ReadOptions): AsyncGenerator<Keyed<T>[]> {
    // What is a copy, or is made of one, needs no bytes any more.
    const range = { signal, reuse: reuse || shuffle !== undefined || !this.keepsBytes }
    const shards = shuffle === undefined ? this.#plan() : shuffledThrough(this.#plan(), shuffle.bufferShards, shuffle.random)
    for (const [i, shard] of shards.entries()) {
      const next = shards[i + 1]
      if (next !== undefined) this.#reader.index(next, { signal }).catch(() => {}) // it is told when its turn comes
      for await (const block of this.#reader.blocks(shard, range)) {
        signal?.throwIfAborted()
        yield block.map((raw) => this.#decode(raw, shuffle !== undefined))
      }
    }
  }

  knownSizes(): readonly ShardSize[] | undefined {
    for (const shard of this.#entry?.shards ?? []) assertShardSize(shard.url, shard)
    return this.#entry?.shards
  }

  async sizes(signal?: AbortSignal): Promise<readonly ShardSize[]> {
    const { storage, verify } = this.#settings
    const headOf = async ({ url }: ShardSource): Promise<ShardSize> => {
      // What is not proved to be the index of a shard proves no part of it.
      const head = verify === 'sha256' ? undefined : await readIndexHead(storage, url, { signal })
      if (head === undefined) throw unindexed(url)
      return head
    }
    return this.knownSizes() ?? (await inParallel(this.#plan(), HEADS_AT_ONCE, headOf))
  }

  part(shard: number, range: SampleRange): AsyncIterable<RawSample[]> {
    return this.#reader.blocks(this.#plan()[shard]!, range)
  }

  decode(raw: RawSample): Keyed<T> {
    return this.#decode(raw, false)
  }

  async at(position: number, signal?: AbortSignal): Promise<Keyed<T>> {
    let before = 0
    for (const shard of this.#plan()) {
      const count = shard.description?.sampleCount ?? (await this.#index(shard, signal)).sampleCount
      if (position < before + count) return this.#read(shard, position - before, signal)
      before += count
    }
    throw new ShardexError(
      'dataset.range',
      { dataset: this.#name(), index: position, length: before },
      {
        message: `the dataset ${this.#name()} has ${before} samples, so there is none at ${position}. Ask for 0 to ${before - 1}.`,
      },
    )
  }

  async byKey(key: string, signal?: AbortSignal): Promise<Keyed<T> | undefined> {
    const found = await this.#find(key, signal)
    return found && this.#read(found.shard, found.sample, signal)
  }

  async prove(key: string, schemaDigest: string, signal?: AbortSignal): Promise<SampleProof | undefined> {
    const { shards, contentCid: cid } = this.#entry ?? {}
    if (shards === undefined || cid === undefined) throw unprovable(this.#name())
    const found = await this.#find(key, signal)
    return found && proveSample(cid, schemaDigest, shards, found.position, found.index, found.sample)
  }

  async #find(key: string, signal: AbortSignal | undefined) {
    for (const [position, shard] of this.#plan().entries()) {
      if (shard.description !== undefined && !mayHold(shard.description, key)) continue
      const index = await this.#index(shard, signal)
      const sample = index.find(key)
      if (sample !== undefined) return { shard, position, index, sample }
    }
    return undefined
  }

  async #read(shard: ShardSource, sample: number, signal: AbortSignal | undefined): Promise<Keyed<T>> {
    const index = await this.#index(shard, signal)
    return this.#decode(await this.#reader.sampleAt(shard, index, sample, { signal }), false)
  }

  async #index(shard: ShardSource, signal: AbortSignal | undefined) {
    const index = await this.#reader.index(shard, { signal })
    if (index !== undefined) return index
    throw unindexed(shard.url)
  }

  /** @param own copy the payload, so that keeping a sample does not keep the chunk it came in */
  #decode({ key, payload }: RawSample, own: boolean): Keyed<T> {
    const sample = this.#decoder.unpack(own ? new Uint8Array(payload) : payload, key) as T & { __key__: string }
    sample.__key__ = key
    return sample
  }

  #plan(): readonly ShardSource[] {
    this.#shards ??= planShards(this.dataUrls, this.#entry)
    return this.#shards
  }

  #name(): string {
    return this.#entry?.name ?? this.dataUrls[0] ?? ''
  }
}

/** Samples in memory, or made on the way. */
export class IterableSource<T> implements DatasetSource<T> {
  readonly dataUrls: readonly string[] = []
  readonly length: number | undefined
  readonly samples: Iterable<T> | AsyncIterable<T>

  constructor(samples: Iterable<T> | AsyncIterable<T>) {
    this.samples = samples
    this.length = Array.isArray(samples) ? samples.length : undefined
  }

  shardUrls(): readonly string[] {
    return []
  }

  async *blocks({ signal }: ReadOptions): AsyncGenerator<T[]> {
    const samples = Symbol.asyncIterator in this.samples ? stoppable(this.samples, signal) : this.samples
    for await (const sample of samples) {
      signal?.throwIfAborted()
      yield [sample]
    }
  }

  async at(position: number): Promise<T> {
    const length = this.length ?? 0
    if (Array.isArray(this.samples) && position < length) return this.samples[position] as T
    throw new ShardexError(
      'dataset.range',
      { dataset: 'in memory', index: position, length },
      {
        message: `there is no sample at ${position} of ${length} in memory; samples that are made on the way can only be read in order.`,
      },
    )
  }

  async byKey(key: string): Promise<T | undefined> {
    for await (const sample of this.samples) if ((sample as { __key__?: unknown }).__key__ === key) return sample
    return undefined
  }

  async prove(): Promise<never> {
    throw unprovable('in memory')
  }
}

/** The answers for all items, in their order. */
async function inParallel<T, U>(items: readonly T[], atOnce: number, ask: (item: T) => Promise<U>): Promise<U[]> {
  const answers: U[] = []
  const queue = items.entries()
  const work = async (): Promise<void> => {
    for (const [i, item] of queue) answers[i] = await ask(item)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return answers
}

function mayHold({ minKey, maxKey }: ShardDescription, key: string): boolean {
  return !utf8Before(key, minKey) && !utf8Before(maxKey, key)
}
