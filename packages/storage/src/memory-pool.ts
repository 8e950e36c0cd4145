/** What is allocated has so much more room than was asked for, so that it will do for others that are a little larger. */
const SLACK = 1 / 8

/** Memory that is given back to be taken again: fresh memory for every read keeps the garbage collector busy. It has no more than was taken at one time. */
export class MemoryPool {
  readonly #free: ArrayBuffer[] = []

  /** So many bytes, whatever is in them. */
  take(sizeBytes: number): Uint8Array<ArrayBuffer> {
    const fitting = this.#free.reduce(
      (best: ArrayBuffer | undefined, one) =>
        one.byteLength >= sizeBytes && one.byteLength < (best?.byteLength ?? Number.POSITIVE_INFINITY) ? one : best,
      undefined,
    )
    const gone = fitting ?? this.#free[0]
    if (gone !== undefined) this.#free.splice(this.#free.indexOf(gone), 1)
    return new Uint8Array(fitting ?? new ArrayBuffer(Math.ceil(sizeBytes * (1 + SLACK))), 0, sizeBytes)
  }

  /** @param memory that was taken, and is done with */
  giveBack(memory: Uint8Array<ArrayBuffer>): void {
    this.#free.push(memory.buffer)
  }
}
