import { isShardexError } from '@shardex/errors'
import { storageErrorOf } from '../file/fs-error.ts'
import type { ObjectBody, ObjectStore } from '../object-store.ts'
import { Demand } from './demand.ts'
import type { CacheDirectory } from './directory.ts'
import { Fill } from './fill.ts'

/** An object of a store, by the digest that it must have. */
export interface Wanted {
  readonly store: ObjectStore
  readonly key: string
  readonly sha256: string
}

/** A fill that somebody waits for, or that goes on by itself. */
export interface Filling {
  readonly fill: Promise<Fill | undefined>
  readonly stop: AbortController
  /** Set when it has begun. */
  begun: Fill | undefined
  readers: number
}

/** Fetched whole because ranges of them were read, at a time. */
const MAX_UNASKED = 8
const A_MINUTE_MS = 60_000
/** Another process fills it, or all room is taken by what is being filled. */
const A_MOMENT_MS = 2000

/** What is on its way into a cache: each object once, for as long as somebody wants it. */
export class Fillings implements AsyncDisposable {
  readonly #directory: CacheDirectory
  readonly #fillAfter: number
  readonly #onProblem: (error: unknown) => void
  readonly #byDigest = new Map<string, Filling>()
  readonly #demand = new Demand()
  #unasked = 0

  /** @param fillAfter the part of an object of which ranges were read, from which on it is fetched whole */
  constructor(directory: CacheDirectory, fillAfter: number, onProblem: (error: unknown) => void) {
    this.#directory = directory
    this.#fillAfter = fillAfter
    this.#onProblem = onProblem
  }

  get(sha256: string): Filling | undefined {
    return this.#byDigest.get(sha256)
  }

  /** Whether it is not to be tried for now. */
  rests(sha256: string): boolean {
    return this.#demand.rests(sha256)
  }

  /** Wait for an object with those who do, or as the first. Whoever joins leaves. */
  join(wanted: Wanted): Filling {
    const filling = this.#byDigest.get(wanted.sha256) ?? this.#begin(wanted)
    filling.readers += 1
    return filling
  }

  /** What nobody reads any more is not fetched to its end. */
  leave(filling: Filling): void {
    filling.readers -= 1
    const { begun } = filling
    if (filling.readers > 0 || (begun !== undefined && begun.writtenBytes === begun.body.sizeBytes)) return
    filling.stop.abort()
  }

  /** A range was fetched. Who has asked for enough of an object is likely to ask for the rest. */
  note(wanted: Wanted, { lengthBytes, sizeBytes }: ObjectBody): void {
    const { sha256 } = wanted
    const asked = this.#demand.add(sha256, lengthBytes)
    if (asked < this.#fillAfter * sizeBytes || this.#demand.rests(sha256)) return
    if (this.#byDigest.has(sha256) || this.#unasked >= MAX_UNASKED) return
    this.#unasked += 1
    const filling = this.join(wanted) // it goes on whoever leaves
    filling.fill
      .then((begun) => begun?.ended)
      .catch((error: unknown) => {
        if (!filling.stop.signal.aborted) this.#failed(sha256, error)
      })
      .finally(() => {
        this.#unasked -= 1
      })
  }

  /** Ends them all. */
  async [Symbol.asyncDispose](): Promise<void> {
    const fillings = [...this.#byDigest.values()]
    for (const { stop } of fillings) stop.abort()
    await Promise.allSettled(fillings.map(async ({ fill }) => (await fill)?.ended))
  }

  #begin(wanted: Wanted): Filling {
    const { sha256 } = wanted
    const stop = new AbortController()
    const filling: Filling = { fill: this.#open(wanted, stop.signal), stop, begun: undefined, readers: 0 }
    this.#byDigest.set(sha256, filling)
    const over = async (): Promise<void> => {
      filling.begun = await filling.fill
      const reason = await filling.begun?.ended
      if (reason !== undefined && !stop.signal.aborted) this.#failed(sha256, reason)
    }
    over()
      .catch(() => {}) // whoever began it is told
      .finally(() => this.#byDigest.delete(sha256))
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
}

/** Its connection is released when its iteration is stopped. */
async function letGo({ chunks }: ObjectBody): Promise<void> {
  for await (const _ of chunks) return
}
