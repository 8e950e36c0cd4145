import type { HashedRows, Hasher, ShardDigests } from '../hash/hasher.ts'
import { BLOCK_BYTES, headerBytes, padded, writeHeader } from '../tar/ustar-header.ts'
import { CHUNK_BYTES, type Chunk, type ChunkPool } from './chunk-pool.ts'

/** Two zero blocks end a tar. */
const END_BYTES = 2 * BLOCK_BYTES

/**
 * One tar on its way out: members are appended on one side, chunks are taken by a store on the other, and each chunk is hashed
 * while it passes. Appending waits when the pool is empty, so the reader sets the pace.
 */
export class ShardStream {
  readonly #id: number
  readonly #takeRows: (end: number) => HashedRows
  readonly #pool: ChunkPool
  readonly #hasher: Hasher
  readonly #ready: Chunk[] = []
  #wake: (() => void) | undefined
  #chunk: Chunk | undefined
  #ended = false
  #abandoned = false
  #hashedAny = false
  #sentBytes = 0
  #digests: ShardDigests | undefined
  /** Bytes of the tar so far. */
  sizeBytes = 0

  /** @param takeRows the samples, from the last call on, whose payload begins before a byte of the tar */
  constructor(id: number, takeRows: (end: number) => HashedRows, pool: ChunkPool, hasher: Hasher) {
    this.#id = id
    this.#takeRows = takeRows
    this.#pool = pool
    this.#hasher = hasher
  }

  /** How large the tar would be with one more member and its end. */
  sizeWith(name: Uint8Array, ascii: boolean, payloadBytes: number): number {
    return this.sizeBytes + headerBytes(name, ascii) + padded(payloadBytes) + END_BYTES
  }

  /**
   * Append a member. The payload is copied before this resolves; nothing to wait for is `undefined`, to spare a promise per sample.
   */
  append(name: Uint8Array, ascii: boolean, payload: Uint8Array): Promise<void> | undefined {
    const header = headerBytes(name, ascii)
    const total = header + padded(payload.length)
    const chunk = this.#chunk
    if (chunk === undefined || chunk.usedBytes + total > CHUNK_BYTES) return this.#appendAcross(name, ascii, payload)
    const at = writeHeader(chunk.bytes, chunk.usedBytes, name, ascii, payload.length)
    chunk.bytes.set(payload, at)
    chunk.usedBytes += total
    chunk.bytes.fill(0, at + payload.length, chunk.usedBytes)
    this.sizeBytes += total
    return undefined
  }

  /** Write the end of the tar. */
  async finish(): Promise<void> {
    await this.#write(new Uint8Array(END_BYTES))
    const chunk = this.#chunk
    if (chunk !== undefined && !this.#hashedAny) this.#digests = this.#hashHere(chunk)
    if (chunk !== undefined) this.#send(chunk, this.#digests === undefined)
    this.end()
  }

  /** Of a finished tar, when its last byte has been hashed. */
  async digests(): Promise<ShardDigests> {
    return this.#digests ?? this.#hasher.digest(this.#id)
  }

  /** No more chunks will come. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** The bytes of the tar in order. A chunk may be reused as soon as the next one is asked for. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      while (true) {
        const chunk = this.#ready.shift()
        if (chunk === undefined) {
          if (this.#ended) return
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
          continue
        }
        try {
          yield chunk.bytes.subarray(0, chunk.usedBytes)
        } finally {
          this.#pool.release(chunk)
        }
      }
    } finally {
      this.abandon()
    }
  }

  /** Nobody reads any more: what is appended from now on goes nowhere, so that a writer never waits for a dead reader. */
  abandon(): void {
    this.#abandoned = true
    for (const chunk of this.#ready.splice(0)) this.#pool.release(chunk)
  }

  #hashHere(chunk: Chunk): ShardDigests {
    return this.#hasher.digestOf(chunk.bytes.subarray(0, chunk.usedBytes), this.#rowsIn(chunk))
  }

  #rowsIn(chunk: Chunk): HashedRows {
    this.#sentBytes += chunk.usedBytes
    return this.#takeRows(this.#sentBytes)
  }

  async #appendAcross(name: Uint8Array, ascii: boolean, payload: Uint8Array): Promise<void> {
    const header = new Uint8Array(headerBytes(name, ascii))
    writeHeader(header, 0, name, ascii, payload.length)
    await this.#write(header)
    await this.#write(payload)
    await this.#write(new Uint8Array(padded(payload.length) - payload.length))
  }

  async #write(bytes: Uint8Array): Promise<void> {
    let done = 0
    while (done < bytes.length) {
      this.#chunk ??= this.#pool.take()
      const chunk = this.#chunk
      if (chunk === undefined) {
        await this.#pool.whenFree()
        continue
      }
      const piece = bytes.subarray(done, done + CHUNK_BYTES - chunk.usedBytes)
      chunk.bytes.set(piece, chunk.usedBytes)
      chunk.usedBytes += piece.length
      done += piece.length
      if (chunk.usedBytes === CHUNK_BYTES) this.#send(chunk, true)
    }
    this.sizeBytes += bytes.length
  }

  #send(chunk: Chunk, hash: boolean): void {
    this.#chunk = undefined
    if (hash) {
      this.#hashedAny = true
      chunk.holders += 1
      this.#hasher
        .update(this.#id, chunk.bytes.subarray(0, chunk.usedBytes), this.#rowsIn(chunk))
        .catch(() => {}) // a hasher that fails once fails digests(), too
        .finally(() => this.#pool.release(chunk))
    }
    if (this.#abandoned) this.#pool.release(chunk)
    else this.#ready.push(chunk)
    this.#wake?.()
  }
}
