/** What is allocated has so much more room than was asked for, so that it will do for others that are a little larger. */
const SLACK = 1 / 8
/** What is more than twice as large as what is asked for, and this, is left for something larger: else all memory would in time be as large as the largest. */
const MAX_WASTE_BYTES = 64 * 1024

/**
 * Memory that is given back to be taken again: fresh memory for every read keeps the garbage collector busy. When nothing fits, the largest that is free is let go
 * for what is allocated.
 */
export class MemoryPool {
  readonly #maxFreeBytes: number
  readonly #free: ArrayBuffer[] = []
  #freeBytes = 0

  /** @param maxFreeBytes so much is kept for later */
  constructor(maxFreeBytes: number = Number.POSITIVE_INFINITY) {
    this.#maxFreeBytes = maxFreeBytes
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
    return new Uint8Array(fitting ?? new ArrayBuffer(Math.ceil(sizeBytes * (1 + SLACK))), 0, sizeBytes)
  }

  /** @param memory that was taken, and is done with */
  giveBack({ buffer }: Uint8Array<ArrayBuffer>): void {
    if (this.#freeBytes + buffer.byteLength > this.#maxFreeBytes) return
    this.#free.push(buffer)
    this.#freeBytes += buffer.byteLength
  }
}
