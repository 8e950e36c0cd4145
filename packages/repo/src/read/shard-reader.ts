import { isShardexError, ShardexError } from '@shardex/errors'
import {
  abortable,
  type ByteRange,
  type CallOptions,
  type ChunkOptions,
  type GetOptions,
  type ObjectBody,
  type Storage,
  wholeBody,
} from '@shardex/storage'
import { runningSha256 } from '#platform'
import { toHex } from '../hex.ts'
import { decodeOffsetIndex, INDEX_SUFFIX, isOffsetIndex, type OffsetIndex } from '../shard/offset-index.ts'
import { readForeignShard } from './foreign-shard.ts'
import { cutSamples, type Instead } from './indexed-shard.ts'
import type { ShardSource } from './plan-shards.ts'
import { readProvedShard, unprovable } from './proved-shard.ts'
import { checkAgainst, damaged, type RawSample, shardNotFound, shardTruncated, unindexed } from './raw-sample.ts'
import type { Verify } from './verify.ts'

/** Samples side by side in a shard. */
export interface SampleRange extends CallOptions {
  /** The first sample to give. Default 0. */
  readonly from?: number | undefined
  /** The one after the last to give, not 0. Default: all. A part of a shard needs an offset index; it is one ranged read. */
  readonly to?: number | undefined
  /** Each block is done with when the next is asked for, so that its memory may be used again. Default false. */
  readonly reuse?: boolean | undefined
  /** Gives memory for the part of the shard that is read, in which the samples then lie, or nothing for parts that are too large. */
  readonly into?: ChunkOptions['into']
}

/** Reads shards: in order, whole or in part, or one sample by position. */
export interface SampleReader {
  /** The samples in order, in blocks. */
  blocks(shard: ShardSource, range?: SampleRange): AsyncIterable<RawSample[]>
  /** One sample by one ranged read. */
  sampleAt(shard: ShardSource, index: OffsetIndex, sample: number, options?: CallOptions): Promise<RawSample>
  /**
   * The offset index of a shard: the one that its description names by digest, or one found beside the shard, or none.
   * @throws `index.corrupt`; `storage.not_found` if a described index is missing
   */
  index(shard: ShardSource, options?: CallOptions): Promise<OffsetIndex | undefined>
}

interface CutRange extends SampleRange {
  /** By default the damage is thrown, also that of the rest of the shard as far as it is seen. */
  readonly instead?: Instead | undefined
}

/**
 * Offset indexes that are kept, in bytes as they are stored; the one in use is kept whatever its size. Enough for the shards that a shuffle has
 * open at a time, 192 of 10,000 samples each.
 */
const CACHED_INDEX_BYTES = 128 * 1024 * 1024
/** An index is held in memory; whatever claims more than this is none. Enough for 20 million samples in a shard. */
const MAX_INDEX_BYTES = 2 ** 30

/** Throws all damage. */
export class ShardReader implements SampleReader {
  readonly #storage: Storage
  readonly #verify: Verify
  readonly #indexes = new Map<string, { readonly index: Promise<OffsetIndex | undefined>; sizeBytes: number }>()

  constructor(storage: Storage, verify: Verify) {
    this.#storage = storage
    this.#verify = verify
  }

  async *blocks(shard: ShardSource, range: SampleRange = {}): AsyncGenerator<RawSample[]> {
    const { signal } = range
    const index = await this.index(shard, { signal })
    if (index !== undefined) return yield* this.samplesFrom(shard, index, range)
    if (range.from !== undefined || range.to !== undefined) throw unindexed(shard.url)
    const body = await this.#open(shard, { signal })
    const chunks = this.#isProvedWhole(shard) ? readProvedShard(body, shard, { signal }) : body.chunks
    yield* readForeignShard(chunks, shard.url, signal)
  }

  /** The samples of a shard, of which those that are damaged may be replaced. */
  async *samplesFrom(shard: ShardSource, index: OffsetIndex, range: CutRange): AsyncGenerator<RawSample[]> {
    const { from = 0, to = index.sampleCount, instead, reuse, signal } = range
    if (to > index.sampleCount) throw mismatch(shard.url + INDEX_SUFFIX, `${index.sampleCount} samples`, `${to} at least`)
    const isProvedWhole = this.#isProvedWhole(shard)
    const start = isProvedWhole ? 0 : (index.offsets[from] ?? index.shardSizeBytes)
    const end = isProvedWhole || to >= index.sampleCount ? undefined : index.offsets[to - 1]! + index.sizes[to - 1]!
    let memory: Uint8Array | undefined
    const give = isProvedWhole ? undefined : range.into
    const into = give && ((sizeBytes: number) => (memory ??= give(sizeBytes)))
    const body = await this.#openPart(shard, index, { start, end }, { reuse, into, signal })
    if (instead === undefined && index.shardSizeBytes !== body.sizeBytes)
      throw shardTruncated(shard.url, body.sizeBytes, index.shardSizeBytes)
    const chunks = isProvedWhole ? readProvedShard(body, shard, { signal }) : body.chunks
    const check = checkAgainst(index, shard.url, this.#verify)
    yield* cutSamples({ ...body, chunks }, index, shard.url, check, {
      from,
      to,
      start,
      instead,
      reuse,
      memory: into?.(body.lengthBytes),
    })
  }

  /** The samples of a shard without an index, given out only when the SHA-256 of all its bytes is right. */
  async *provedBlocks(shard: ShardSource, { signal }: CallOptions = {}): AsyncGenerator<RawSample[]> {
    const body = await this.#open(shard, { signal })
    yield* readForeignShard(readProvedShard(body, shard, { signal }), shard.url, signal)
  }

  async sampleAt(shard: ShardSource, index: OffsetIndex, sample: number, { signal }: CallOptions = {}): Promise<RawSample> {
    if (this.#isProvedWhole(shard)) throw unprovable(shard.url)
    const payload = await this.#payload(shard, index, sample, { signal })
    const damage = checkAgainst(index, shard.url, this.#verify)(sample, payload, 0)
    if (damage !== undefined) throw damage
    return { key: index.keyAt(sample), position: sample, payload }
  }

  index(shard: ShardSource, { signal }: CallOptions = {}): Promise<OffsetIndex | undefined> {
    const known = this.#indexes.get(shard.url)
    if (known !== undefined) return abortable(known.index, signal)
    const index = this.#loadIndex(shard) // without the signal: others may wait for it too
    const cached = { index, sizeBytes: 0 }
    this.#indexes.set(shard.url, cached)
    index.then(
      (loaded) => {
        cached.sizeBytes = loaded?.sizeBytes ?? 0
        this.#evict()
      },
      () => this.#indexes.delete(shard.url),
    )
    return abortable(index, signal)
  }

  /** Only an index that the registry describes can prove samples; else the whole shard must be proved before. */
  #isProvedWhole({ description }: ShardSource): boolean {
    return this.#verify === 'sha256' && description === undefined
  }

  /** The oldest go first. */
  #evict(): void {
    let total = 0
    for (const [url, { sizeBytes }] of [...this.#indexes].reverse()) {
      total += sizeBytes
      if (total > CACHED_INDEX_BYTES && total > sizeBytes) this.#indexes.delete(url)
    }
  }

  async #loadIndex({ url, description }: ShardSource): Promise<OffsetIndex | undefined> {
    const indexUrl = url + INDEX_SUFFIX
    const { store, key } = await this.#storage.locate(indexUrl)
    const body = await store.get(key, { sha256: description?.indexSha256 })
    if (body === undefined) {
      if (description === undefined) return undefined
      const message = `the offset index ${indexUrl} is not there, so the samples of the shard cannot be checked. Restore it from a copy, or insert the dataset again.`
      throw new ShardexError('storage.not_found', { url: indexUrl }, { message })
    }
    if (description !== undefined && body.sizeBytes !== description.indexSizeBytes)
      throw mismatch(indexUrl, `${body.sizeBytes} bytes`, `${description.indexSizeBytes} bytes`)
    if (body.sizeBytes > MAX_INDEX_BYTES) throw mismatch(indexUrl, `${body.sizeBytes} bytes`, `at most ${MAX_INDEX_BYTES} bytes`)
    const bytes = await wholeBody(body)
    if (description !== undefined) {
      const running = runningSha256()
      running.update(bytes)
      const sha256 = toHex(running.digest())
      if (sha256 !== description.indexSha256) throw mismatch(indexUrl, `SHA-256 ${sha256}`, `SHA-256 ${description.indexSha256}`)
    }
    // What lies there by chance, or a web server says instead of "not found", is no index of ours.
    if (description === undefined && !isOffsetIndex(bytes)) return undefined
    return decodeOffsetIndex(bytes, indexUrl)
  }

  async #payload(shard: ShardSource, index: OffsetIndex, sample: number, { signal }: CallOptions): Promise<Uint8Array> {
    const start = index.offsets[sample]!
    const size = index.sizes[sample]!
    if (size === 0) return new Uint8Array()
    try {
      return await wholeBody(await this.#open(shard, { signal, range: { start, end: start + size } }))
    } catch (error) {
      if (!isShardexError(error, 'storage.corrupt')) throw error
      throw damaged(index, shard.url, sample, error.details.found, error.details.wanted, error)
    }
  }

  /** A shard that ends before the range does is told as what it is. */
  async #openPart(shard: ShardSource, index: OffsetIndex, { start, end }: ByteRange, options: ChunkOptions): Promise<ObjectBody> {
    try {
      return await this.#open(shard, { ...options, ...((start > 0 || end !== undefined) && { range: { start, end } }) })
    } catch (error) {
      if (!isShardexError(error, 'storage.corrupt')) throw error
      const { store, key } = await this.#storage.locate(shard.url)
      const found = (await store.head(key, { signal: options.signal }))?.sizeBytes
      if (found === undefined || found >= index.shardSizeBytes) throw error
      throw shardTruncated(shard.url, found, index.shardSizeBytes)
    }
  }

  async #open({ url, description, sha256 }: ShardSource, options: GetOptions): Promise<ObjectBody> {
    const { store, key } = await this.#storage.locate(url)
    const body = await store.get(key, { ...options, sha256: description?.sha256 ?? sha256 })
    if (body === undefined) throw shardNotFound(url)
    return body
  }
}

function mismatch(where: string, found: string, wanted: string): ShardexError {
  const message = `the offset index ${where} is not the one that the registry describes: found ${found}, wanted ${wanted}. Restore it from a copy, or insert the dataset again.`
  return new ShardexError('index.corrupt', { where, found, wanted }, { message })
}
