/** What is more than twice as large as what is asked for, and this, is left for something larger: else all memory would in time be as large as the largest. */
const MAX_WASTE_BYTES = 64 * 1024

export interface MemoryPoolOptions {
  /** What is allocated has so much more room than was asked for, in parts of that, so that it will do for others that are a little larger. Default 1/8. */
  readonly slack?: number | undefined
  /** So much is kept for later. No limit by default. */
  readonly maxFreeBytes?: number | undefined
  /** After so many milliseconds in which nothing was given back, all that is free is let go. Never by default. Not in a browser. */
  readonly idleMs?: number | undefined
}

/**
 * Memory that is given back to be taken again: fresh memory for every read keeps the garbage collector busy, and the system takes eight times as long to give it as
 * to fill it. When nothing fits, the largest that is free is let go for what is allocated.
 */
export class MemoryPool {
  readonly #slack: number
  readonly #maxFreeBytes: number
  readonly #idleMs: number | undefined
  #free: ArrayBuffer[] = []
  #freeBytes = 0
  #timer: NodeJS.Timeout | undefined

  constructor({ slack = 1 / 8, maxFreeBytes = Number.POSITIVE_INFINITY, idleMs }: MemoryPoolOptions = {}) {
    this.#slack = slack
    this.#maxFreeBytes = maxFreeBytes
    this.#idleMs = idleMs
  }

  /** So many bytes, whatever is in them. */
  take(sizeBytes: number): Uint8Array<ArrayBuffer> {
    const most = 2 * sizeBytes + MAX_WASTE_BYTES
    let fitting: ArrayBuffer | undefined
    let largest: ArrayBuffer | undefined
    for (const one of this.#free) {
      const { byteLength } = one
      if (byteLength > (largest?.byteLength ?? -1)) largest = one
      const fits = byteLength >= sizeBytes && byteLength <= most
      if (fits && byteLength < (fitting?.byteLength ?? Number.POSITIVE_INFINITY)) fitting = one
    }
    const gone = fitting ?? largest
    if (gone !== undefined) {
      this.#free.splice(this.#free.indexOf(gone), 1)
      this.#freeBytes -= gone.byteLength
    }
    return new Uint8Array(fitting ?? new ArrayBuffer(Math.ceil(sizeBytes * (1 + this.#slack))), 0, sizeBytes)
  }

  /** @param memory that was taken, and is done with */
  giveBack({ buffer }: Uint8Array<ArrayBuffer>): void {
    if (this.#freeBytes + buffer.byteLength > this.#maxFreeBytes) return
    this.#free.push(buffer)
    this.#freeBytes += buffer.byteLength
    if (this.#idleMs === undefined) return
    this.#timer ??= setTimeout(() => this.clear(), this.#idleMs).unref()
    this.#timer.refresh()
  }

  /** Let go of all that is free. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#free = []
    this.#freeBytes = 0
  }
}
