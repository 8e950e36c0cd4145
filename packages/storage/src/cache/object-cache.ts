import { isShardexError, ShardexError } from '@shardex/errors'
import { assertRange, type Span, spanOf } from '../byte-range.ts'
import { isMissing, storageErrorOf } from '../file/fs-error.ts'
import type { ByteRange, GetOptions, ObjectBody, ObjectStore } from '../object-store.ts'
import { abortable } from '../stoppable.ts'
import { type CacheOptions, warnOnce } from './cache-options.ts'
import { Demand } from './demand.ts'
import { CacheDirectory, type Cached } from './directory.ts'
import { Fill } from './fill.ts'
import { readCached } from './read-cached.ts'

/** An object of a store, by the digest that it must have. */
export interface Wanted {
  readonly store: ObjectStore
  readonly key: string
  readonly sha256: string
}

/** A fill that somebody waits for, or that goes on by itself. */
interface Filling {
  readonly fill: Promise<Fill | undefined>
  readonly stop: AbortController
  /** Set when it has begun. */
  begun: Fill | undefined
  readers: number
}

/** Who reads from so near its beginning to its end reads all of it: the header of its first member is of no interest. */
const HEADER_BYTES = 64 * 1024
/** Fetched whole because ranges of them were read, at a time. */
const MAX_UNASKED = 8
const A_MINUTE_MS = 60_000
/** Another process fills it, or all room is taken by what is being filled. */
const A_MOMENT_MS = 2000

/** What the stores of a process that share a cache have in common: the directory, and what is on its way there. */
export class ObjectCache implements AsyncDisposable {
  readonly #directory: CacheDirectory
  readonly #fillAfter: number
  readonly #onProblem: (error: unknown) => void
  readonly #fillings = new Map<string, Filling>()
  readonly #demand = new Demand()
  #unasked = 0

  constructor({ dir, maxBytes, fillAfter = 1 / 8, onProblem = warnOnce() }: CacheOptions) {
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) throw new TypeError(`maxBytes is a positive integer, found ${maxBytes}`)
    if (!(fillAfter >= 0)) throw new TypeError(`fillAfter is a number of 0 or more, found ${fillAfter}`)
    this.#directory = new CacheDirectory(dir, maxBytes)
    this.#fillAfter = fillAfter
    this.#onProblem = onProblem
  }

  async get(wanted: Wanted, { range, signal }: GetOptions): Promise<ObjectBody | undefined> {
    const { store, key, sha256 } = wanted
    const url = store.urlOf(key)
    if (range !== undefined) assertRange(range)
    const cached = await this.#find(sha256)
    if (cached !== undefined) {
      const { sizeBytes, etag, modifiedAtMs } = cached.footer
      const span = spanOf(range, sizeBytes, url)
      const head = { key, sizeBytes, ...(etag !== undefined && { etag }), ...(modifiedAtMs !== undefined && { modifiedAtMs }) }
      return { ...head, lengthBytes: span.end - span.start, chunks: this.#chunks(wanted, sizeBytes, span, signal) }
    }
    const isWhole = range === undefined || (range.start <= HEADER_BYTES && range.end === undefined)
    if (isWhole && !this.#demand.rests(sha256)) {
      const body = await this.#along(wanted, range, signal)
      if (body !== undefined) return body
    }
    const begun = this.#fillings.get(sha256)?.begun
    if (begun !== undefined && (range?.end ?? begun.body.sizeBytes) <= begun.writtenBytes) {
      const { sizeBytes } = begun.body
      const span = spanOf(range, sizeBytes, url)
      const chunks = this.#chunks(wanted, sizeBytes, span, signal, begun)
      return { ...begun.body, key, lengthBytes: span.end - span.start, chunks }
    }
    const body = await store.get(key, { range, signal })
    if (body !== undefined && !isWhole) this.#note(wanted, body)
    return body
  }

  /** Ends what is on its way. */
  async [Symbol.asyncDispose](): Promise<void> {
    const fillings = [...this.#fillings.values()]
    for (const { stop } of fillings) stop.abort()
    await Promise.allSettled(fillings.map(async ({ fill }) => (await fill)?.ended))
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
    signal: AbortSignal | undefined,
    fill?: Fill,
  ): AsyncGenerator<Uint8Array, void, void> {
    let position = start
    for (const source of [fill && this.#followed(fill), this.#cached(wanted), this.#stored(wanted, sizeBytes)]) {
      if (source === undefined) continue
      for await (const chunk of source({ start: position, end }, signal)) {
        position += chunk.length
        yield chunk
      }
      if (position === end) return
    }
  }

  #followed(fill: Fill): Source {
    return (span, signal) => fill.follow(span, signal)
  }

  #cached({ sha256 }: Wanted): Source {
    const [directory, onProblem, find] = [this.#directory, this.#onProblem, () => this.#find(sha256)]
    return async function* (span, signal) {
      const cached = await find()
      if (cached === undefined) return
      try {
        if (yield* readCached(cached.path, cached.footer, span, signal)) return
        onProblem(await directory.dropDamaged(sha256))
      } catch (error) {
        signal?.throwIfAborted()
        // Whoever makes room takes files away also from under readers.
        if (!isMissing(error)) onProblem(storageErrorOf(error, cached.path))
      }
    }
  }

  #stored({ store, key }: Wanted, sizeBytes: number): Source {
    return async function* ({ start, end }, signal) {
      const url = store.urlOf(key)
      const body = await store.get(key, { range: { start, end }, signal })
      if (body === undefined)
        throw new ShardexError('storage.not_found', { url }, { message: `${url} vanished while it was being read` })
      if (body.sizeBytes !== sizeBytes) throw replaced(url, body.sizeBytes, sizeBytes)
      yield* body.chunks
    }
  }

  /** An object to its end, read along with the fill that puts it into the cache. `undefined` if there is no such fill to be. */
  async #along(wanted: Wanted, range: ByteRange | undefined, signal: AbortSignal | undefined): Promise<ObjectBody | undefined> {
    const { store, key, sha256 } = wanted
    const known = this.#fillings.get(sha256)
    const filling = known ?? this.#begin(wanted)
    filling.readers += 1
    let fill: Fill | undefined
    let span: Span
    try {
      fill = await abortable(filling.fill, signal)
      if (fill === undefined) return undefined
      span = spanOf(range, fill.body.sizeBytes, store.urlOf(key))
    } catch (error) {
      this.#leave(filling)
      // Whoever began it hears why; others ask for themselves.
      if (known === undefined || signal?.aborted === true) throw error
      return undefined
    }
    const chunks = this.#chunks(wanted, fill.body.sizeBytes, span, signal, fill)
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
      this.#leave(filling)
    }
  }

  /** What nobody reads any more is not fetched to its end. */
  #leave(filling: Filling): void {
    filling.readers -= 1
    const { begun } = filling
    if (filling.readers > 0 || (begun !== undefined && begun.writtenBytes === begun.body.sizeBytes)) return
    filling.stop.abort()
  }

  #begin(wanted: Wanted): Filling {
    const { sha256 } = wanted
    const stop = new AbortController()
    const filling: Filling = { fill: this.#open(wanted, stop.signal), stop, begun: undefined, readers: 0 }
    this.#fillings.set(sha256, filling)
    const over = async (): Promise<void> => {
      filling.begun = await filling.fill
      const reason = await filling.begun?.ended
      if (reason !== undefined && !stop.signal.aborted) this.#failed(sha256, reason)
    }
    over()
      .catch(() => {}) // whoever began it is told
      .finally(() => this.#fillings.delete(sha256))
    return filling
  }

  /** Ask the store for the object, and the cache for room. */
  async #open({ store, key, sha256 }: Wanted, signal: AbortSignal): Promise<Fill | undefined> {
    const body = await store.get(key, { signal })
    if (body === undefined || body.sizeBytes === 0) return undefined
    const { sizeBytes, etag, modifiedAtMs } = body
    const marks = { ...(etag !== undefined && { etag }), ...(modifiedAtMs !== undefined && { modifiedAtMs }) }
    try {
      const reservation = await this.#directory.reserve(sha256, sizeBytes, marks)
      if (reservation !== undefined) return new Fill(body, sha256, marks, reservation)
      this.#demand.rest(sha256, this.#directory.fits(sizeBytes, marks) ? A_MOMENT_MS : Number.POSITIVE_INFINITY)
    } catch (error) {
      this.#failed(sha256, error)
    }
    await letGo(body).catch(() => {}) // it was only to be released
    return undefined
  }

  #failed(sha256: string, reason: unknown): void {
    this.#demand.rest(sha256, isShardexError(reason, 'storage.corrupt') ? Number.POSITIVE_INFINITY : A_MINUTE_MS)
    this.#onProblem(storageErrorOf(reason, this.#directory.pathOf(sha256)))
  }

  /** A range was fetched. Who has asked for enough of an object is likely to ask for the rest. */
  #note(wanted: Wanted, { lengthBytes, sizeBytes }: ObjectBody): void {
    const { sha256 } = wanted
    const asked = this.#demand.add(sha256, lengthBytes)
    if (asked < this.#fillAfter * sizeBytes || this.#demand.rests(sha256)) return
    if (this.#fillings.has(sha256) || this.#unasked >= MAX_UNASKED) return
    this.#unasked += 1
    const filling = this.#begin(wanted)
    filling.readers += 1 // it goes on whoever leaves
    filling.fill
      .then((begun) => begun?.ended)
      .catch((error: unknown) => {
        if (!filling.stop.signal.aborted) this.#failed(sha256, error)
      })
      .finally(() => {
        this.#unasked -= 1
      })
  }
}

/** Bytes of a span as far as this source has them. */
type Source = (span: Span, signal: AbortSignal | undefined) => AsyncIterable<Uint8Array>

/** Its connection is released when its iteration is stopped. */
async function letGo({ chunks }: ObjectBody): Promise<void> {
  for await (const _ of chunks) return
}

function replaced(url: string, found: number, wanted: number): ShardexError {
  const message = `${url} was replaced while it was being read: it has ${found} bytes and had ${wanted}; read it again from the start`
  return new ShardexError('storage.corrupt', { url, found: `${found} bytes`, wanted: `${wanted} bytes` }, { message })
}
