import { ShardexError } from '@shardex/errors'
import type { Hasher } from '../hash/hasher.ts'
import { MEMBER_SUFFIX, type Member, utf8Before } from '../shard/keys.ts'
import { OffsetIndexBuilder } from '../shard/offset-index.ts'
import { headerBytes } from '../tar/ustar-header.ts'
import type { ChunkPool } from './chunk-pool.ts'
import { ShardStream } from './shard-stream.ts'

/** What is known of a shard when its last byte is packed. */
export interface ClosedShard {
  readonly sha256: string
  readonly merkleRoot: string
  readonly sizeBytes: number
  readonly sampleCount: number
  readonly minKey: string
  readonly maxKey: string
  /** The encoded offset index. */
  readonly index: Uint8Array
}

/** A shard in writing: its tar, its offset index and its keys, which must not repeat. */
export class OpenShard {
  readonly stream: ShardStream
  /** Settles when the shard is closed or abandoned. */
  readonly closed: Promise<ClosedShard>
  readonly #name: string
  readonly #rows = new OffsetIndexBuilder()
  readonly #settle: PromiseWithResolvers<ClosedShard>
  #last = ''
  #minKey = ''
  #maxKey = ''
  /** Only once a key came out of order; until then each key is larger than all before. */
  #seen: Set<string> | undefined

  /** @param name what it is called in errors */
  constructor(id: number, name: string, pool: ChunkPool, hasher: Hasher) {
    this.#name = name
    this.stream = new ShardStream(id, (end) => this.#rows.take(end), pool, hasher)
    this.#settle = Promise.withResolvers()
    this.closed = this.#settle.promise
    this.closed.catch(() => {}) // whoever stores the shard hears of it
  }

  get sampleCount(): number {
    return this.#rows.sampleCount
  }

  /** Bytes of the finished tar if this sample were its last. */
  sizeWith(member: Member, payloadBytes: number): number {
    return this.stream.sizeWith(member.name, member.ascii, payloadBytes)
  }

  /** @param crc CRC-32 of the payload. @throws `key.duplicate` */
  append({ key, name, ascii }: Member, payload: Uint8Array, crc: number): Promise<void> | undefined {
    this.#noteKey(key, ascii)
    const offset = this.stream.sizeBytes + headerBytes(name, ascii)
    this.#rows.add(name.subarray(0, name.length - MEMBER_SUFFIX.length), offset, payload.length, crc)
    return this.stream.append(name, ascii, payload)
  }

  /** End the tar; it is closed when the last of it is hashed, for which the next shard need not wait. */
  async close(): Promise<void> {
    await this.stream.finish()
    this.#describe().then(this.#settle.resolve, this.#settle.reject)
  }

  abandon(error: unknown): void {
    this.stream.abandon()
    this.stream.end()
    this.#settle.reject(error)
  }

  async #describe(): Promise<ClosedShard> {
    const { leaves, ...digests } = await this.stream.digests()
    const { sizeBytes } = this.stream
    const keys = { minKey: this.#minKey, maxKey: this.#maxKey }
    return { ...digests, sizeBytes, sampleCount: this.sampleCount, ...keys, index: this.#rows.encode(sizeBytes, leaves) }
  }

  #noteKey(key: string, ascii: boolean): void {
    if (this.#seen !== undefined || key <= this.#last) {
      this.#seen ??= new Set(this.#rows.keys())
      if (this.#seen.has(key)) throw this.#duplicate(key)
      this.#seen.add(key)
    }
    this.#last = key
    const isBefore = ascii ? unitsBefore : utf8Before
    if (this.sampleCount === 0 || isBefore(key, this.#minKey)) this.#minKey = key
    if (this.sampleCount === 0 || isBefore(this.#maxKey, key)) this.#maxKey = key
  }

  #duplicate(key: string): ShardexError {
    const message = `the key "${key}" comes twice in one shard (${this.#name}). Keys must be unique: leave "__key__" out to number the samples, or mend the source.`
    return new ShardexError('key.duplicate', { shard: this.#name, key }, { message })
  }
}

/** As {@link utf8Before} if one of the two is ASCII. */
function unitsBefore(a: string, b: string): boolean {
  return a < b
}
