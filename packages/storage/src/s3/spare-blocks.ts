/** So much is kept, and for so long: enough for shards that are sent one after another, a few at a time. */
const MAX_SPARE_BYTES = 256 * 2 ** 20
const IDLE_MS = 1000

/** Blocks of one size that uploads are done with, for the next ones: the system takes eight times as long to give fresh memory as to fill it. */
export class SpareBlocks {
  readonly #sizeBytes: number
  #blocks: Uint8Array[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes
  }

  take(): Uint8Array {
    return this.#blocks.pop() ?? Buffer.allocUnsafeSlow(this.#sizeBytes)
  }

  /** @param block one that was taken, and that nothing reads any more */
  giveBack(block: Uint8Array): void {
    if ((this.#blocks.length + 1) * this.#sizeBytes > MAX_SPARE_BYTES) return
    this.#blocks.push(block)
    this.#timer ??= setTimeout(() => this.clear(), IDLE_MS).unref()
    this.#timer.refresh()
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#blocks = []
  }
}
