import { setImmediate as turn } from 'node:timers/promises'

/** So long the event loop may wait: timers and I/O must get their turn while samples are made without a pause. */
const LONGEST_MS = 50
/** How rarely the clock is looked at, when samples are quick. */
const MAX_STRIDE = 256

/** Gives the event loop a turn when it is due. Called after each sample, it costs a counter. */
export class Turns {
  #stride = 1
  #left = 1
  #lookedAtMs = performance.now()
  #turnedAtMs = this.#lookedAtMs

  /** A promise only if it is time. */
  take(): Promise<void> | undefined {
    this.#left -= 1
    if (this.#left > 0) return undefined
    const nowMs = performance.now()
    this.#stride = nowMs - this.#lookedAtMs < 1 ? Math.min(2 * this.#stride, MAX_STRIDE) : 1
    this.#left = this.#stride
    this.#lookedAtMs = nowMs
    return nowMs - this.#turnedAtMs < LONGEST_MS ? undefined : this.#turn()
  }

  async #turn(): Promise<void> {
    await turn()
    this.#turnedAtMs = this.#lookedAtMs = performance.now()
  }
}
