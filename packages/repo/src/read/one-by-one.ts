/**
 * The items of blocks one by one: a promise for each, but only the first of a block is waited for. A generator would cost several turns of the event
 * loop's queue for each.
 * @param onGiven hears the place in its block of each item that is given out
 */
export function oneByOne<T>(blocks: AsyncIterable<readonly T[]>, onGiven?: (place: number) => void): AsyncIterableIterator<T> {
  return new OneByOne(blocks[Symbol.asyncIterator](), onGiven)
}

class OneByOne<T> implements AsyncIterableIterator<T> {
  readonly #blocks: AsyncIterator<readonly T[]>
  readonly #onGiven: ((place: number) => void) | undefined
  #block: readonly T[] = []
  #next = 0
  /** Set while a block is awaited; whoever asks meanwhile comes after. */
  #waiting: Promise<unknown> | undefined

  constructor(blocks: AsyncIterator<readonly T[]>, onGiven: ((place: number) => void) | undefined) {
    this.#blocks = blocks
    this.#onGiven = onGiven
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#waiting === undefined && this.#next < this.#block.length) return Promise.resolve(this.#give())
    const turn = this.#waiting === undefined ? this.#advance() : this.#waiting.then(() => this.#advance())
    return this.#await(turn)
  }

  /** After what was asked for before. */
  async return(): Promise<IteratorResult<T, undefined>> {
    return this.#await((this.#waiting ?? Promise.resolve()).then(() => this.#end()))
  }

  async #await(turn: Promise<IteratorResult<T, undefined>>): Promise<IteratorResult<T, undefined>> {
    const settled = turn.catch(() => {})
    this.#waiting = settled
    try {
      return await turn
    } finally {
      if (this.#waiting === settled) this.#waiting = undefined
    }
  }

  async #advance(): Promise<IteratorResult<T, undefined>> {
    while (this.#next === this.#block.length) {
      const { value, done } = await this.#blocks.next()
      if (done === true) return { value: undefined, done }
      this.#block = value
      this.#next = 0
    }
    return this.#give()
  }

  async #end(): Promise<IteratorResult<T, undefined>> {
    this.#block = []
    this.#next = 0
    await this.#blocks.return?.()
    return { value: undefined, done: true }
  }

  #give(): IteratorResult<T, undefined> {
    this.#onGiven?.(this.#next)
    return { value: this.#block[this.#next++]!, done: false }
  }
}
