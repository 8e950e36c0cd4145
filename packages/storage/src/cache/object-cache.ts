import { ShardexError } from '@shardex/errors'
import { assertRange, type Span, spanOf } from '../byte-range.ts'
import { isMissing, storageErrorOf } from '../file/fs-error.ts'
import { givenMemory } from '../given-memory.ts'
import { MemoryPool } from '../memory-pool.ts'
import type { ByteRange, ChunkOptions, GetOptions, ObjectBody } from '../object-store.ts'
import { abortable } from '../stoppable.ts'
import { type CacheOptions, warnOnce } from './cache-options.ts'
import { CacheDirectory, type Cached } from './directory.ts'
import type { Fill } from './fill.ts'
import { type Filling, Fillings, type Wanted } from './fillings.ts'
import { readCached } from './read-cached.ts'

/** Who reads from so near its beginning to its end reads all of it: the header of its first member is of no interest. */
const HEADER_BYTES = 64 * 1024

/** Memory to check blocks in that is kept for the next reads, and for so long. */
const SPARE = { maxFreeBytes: 32 * 2 ** 20, idleMs: 1000 }

/** What the stores of a process that share a cache have in common. */
export class ObjectCache implements AsyncDisposable {
  readonly #directory: CacheDirectory
  readonly #onProblem: (error: unknown) => void
  readonly #fillings: Fillings
  readonly #pool = new MemoryPool(SPARE)

  constructor({ dir, maxBytes, fillAfter = 1 / 8, onProblem = warnOnce() }: CacheOptions) {
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) throw new TypeError(`maxBytes is a positive integer, found ${maxBytes}`)
    if (!(fillAfter >= 0)) throw new TypeError(`fillAfter is a number of 0 or more, found ${fillAfter}`)
    this.#directory = new CacheDirectory(dir, maxBytes)
    this.#onProblem = onProblem
    this.#fillings = new Fillings(this.#directory, fillAfter, onProblem)
  }

  async get(wanted: Wanted, { range, reuse, into, signal }: GetOptions): Promise<ObjectBody | undefined> {
    const options = { reuse, into, signal }
    const { store, key, sha256 } = wanted
    const url = store.urlOf(key)
    if (range !== undefined) assertRange(range)
    const cached = await this.#find(sha256)
    if (cached !== undefined) {
      const { sizeBytes, etag, modifiedAtMs } = cached.footer
      const span = spanOf(range, sizeBytes, url)
      const head = { key, sizeBytes, ...(etag !== undefined && { etag }), ...(modifiedAtMs !== undefined && { modifiedAtMs }) }
      return { ...head, lengthBytes: span.end - span.start, chunks: this.#chunks(wanted, sizeBytes, span, options) }
    }
    const isWhole = range === undefined || (range.start <= HEADER_BYTES && range.end === undefined)
    if (isWhole && !this.#fillings.rests(sha256)) {
      const body = await this.#along(wanted, range, options)
      if (body !== undefined) return body
    }
    const begun = this.#fillings.get(sha256)?.begun
    if (begun !== undefined && (range?.end ?? begun.body.sizeBytes) <= begun.writtenBytes) {
      const { sizeBytes } = begun.body
      const span = spanOf(range, sizeBytes, url)
      const chunks = this.#chunks(wanted, sizeBytes, span, options, begun)
      return { ...begun.body, key, lengthBytes: span.end - span.start, chunks }
    }
    const body = await store.get(key, { range, ...options })
    if (body !== undefined && !isWhole) this.#fillings.note(wanted, body)
    return body
  }

  /** Ends what is on its way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fillings[Symbol.asyncDispose]()
  }

  async #find(sha256: string): Promise<Cached | undefined> {
    try {
      return await this.#directory.find(sha256)
    } catch (error) {
      this.#onProblem(storageErrorOf(error, this.#directory.pathOf(sha256)))
      return undefined
    }
  }

  /** From the fill that is on its way if there is one, from the cache, and what neither has from the store. */
  async *#chunks(
    wanted: Wanted,
    sizeBytes: number,
    { start, end }: Span,
    options: ChunkOptions,
    fill?: Fill,
  ): AsyncGenerator<Uint8Array, void, void> {
    let position = start
    const memory = givenMemory(options.into, end - start)
    for (const source of [fill && this.#followed(fill), this.#cached(wanted), this.#stored(wanted, sizeBytes)]) {
      if (source === undefined) continue
      const rest = memory?.subarray(position - start)
      for await (const chunk of source({ start: position, end }, { ...options, into: rest && (() => rest) })) {
        position += chunk.length
        yield chunk
      }
      if (position === end) return
    }
  }

  #followed(fill: Fill): Source {
    return (span, options) => fill.follow(span, options)
  }

  #cached({ sha256 }: Wanted): Source {
    const [directory, pool, onProblem, find] = [this.#directory, this.#pool, this.#onProblem, () => this.#find(sha256)]
    return async function* (span, options) {
      const cached = await find()
      if (cached === undefined) return
      try {
        if (yield* readCached(cached.path, cached.footer, span, pool, options)) return
        onProblem(await directory.dropDamaged(sha256))
      } catch (error) {
        options.signal?.throwIfAborted()
        // Whoever makes room takes files away also from under readers.
        if (!isMissing(error)) onProblem(storageErrorOf(error, cached.path))
      }
    }
  }

  #stored({ store, key }: Wanted, sizeBytes: number): Source {
    return async function* ({ start, end }, options) {
      const url = store.urlOf(key)
      const body = await store.get(key, { range: { start, end }, ...options })
      if (body === undefined)
        throw new ShardexError('storage.not_found', { url }, { message: `${url} vanished while it was being read` })
      if (body.sizeBytes !== sizeBytes) throw replaced(url, body.sizeBytes, sizeBytes)
      yield* body.chunks
    }
  }

  /** An object to its end, read along with the fill that puts it into the cache. `undefined` if there is no such fill to be. */
  async #along(wanted: Wanted, range: ByteRange | undefined, options: ChunkOptions): Promise<ObjectBody | undefined> {
    const { store, key, sha256 } = wanted
    const { signal } = options
    const isFirst = this.#fillings.get(sha256) === undefined
    const filling = this.#fillings.join(wanted)
    let fill: Fill | undefined
    let span: Span
    try {
      fill = await abortable(filling.fill, signal)
      if (fill === undefined) return undefined
      span = spanOf(range, fill.body.sizeBytes, store.urlOf(key))
    } catch (error) {
      this.#fillings.leave(filling)
      // Whoever began it hears why; others ask for themselves.
      if (isFirst || signal?.aborted === true) throw error
      return undefined
    }
    const chunks = this.#chunks(wanted, fill.body.sizeBytes, span, options, fill)
    const lengthBytes = span.end - span.start
    return { ...fill.body, key, lengthBytes, chunks: this.#untilKept(chunks, filling, fill, signal) }
  }

  /** Who has read an object whole finds it in the cache from then on. */
  async *#untilKept(
    chunks: AsyncIterable<Uint8Array>,
    filling: Filling,
    fill: Fill,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* chunks
      await abortable(fill.ended, signal)
    } finally {
      this.#fillings.leave(filling)
    }
  }
}

/** Bytes of a span as far as this source has them. */
type Source = (span: Span, options: ChunkOptions) => AsyncIterable<Uint8Array>

function replaced(url: string, found: number, wanted: number): ShardexError {
  const message = `${url} was replaced while it was being read: it has ${found} bytes and had ${wanted}; read it again from the start`
  return new ShardexError('storage.corrupt', { url, found: `${found} bytes`, wanted: `${wanted} bytes` }, { message })
}
