import { keyedRandom, type Purpose, permutation } from '../order/keyed-random.ts'
import type { OrderParameters } from '../order/parameters.ts'

/** When an epoch ends: with the first dataset that has given all its samples, when all have, or after so many samples. */
export type Until = 'first_exhausted' | 'all_exhausted' | number

/** What is known of one of the datasets that are mixed. */
export interface PartSize {
  readonly sampleCount: number
  /** Samples that it gives in one window. */
  readonly perWindow: number
}

/** Which sample of which dataset a position of the mix is. */
export interface Place {
  readonly part: number
  /** How often all samples of the dataset have been given before. */
  readonly pass: number
  /** Its position in the order of that pass. */
  readonly position: number
}

/**
 * The order of one epoch of a mix: `docs/formats/mix-order.md`. Positions stand in rounds as wide as there are streams, so that column `s` of every round is
 * read from stream `s` of one of the datasets: who reads certain streams of the mix reads the same streams of each dataset. As many rounds as a window has samples
 * are a square, in which each column has a turn for each sample of the window. What is too short for a square is mixed window by window.
 */
export class MixOrder {
  /** Samples of an epoch. */
  readonly length: number
  readonly #parts: readonly PartSize[]
  readonly #parameters: OrderParameters
  readonly #window: number
  /** Squares, and how many positions they hold together. */
  readonly #squares: number
  readonly #squared: number
  /** The part of each row of a square. */
  readonly #rows: readonly number[]
  #square: Square | undefined
  #tail: { readonly number: number; readonly slots: readonly Turn[] } | undefined

  constructor(parts: readonly PartSize[], until: Until, parameters: OrderParameters) {
    this.#parts = parts
    this.#parameters = parameters
    this.#rows = parts.flatMap(({ perWindow }, part) => Array.from({ length: perWindow }, () => part))
    this.#window = this.#rows.length
    const { bufferShards: streams } = parameters
    const squareSize = streams * this.#window
    const whole = parts.map(({ sampleCount, perWindow }) => Math.floor(sampleCount / (streams * perWindow)))
    this.#squares = typeof until === 'number' ? Math.floor(until / squareSize) : extreme(until)(...whole)
    this.#squared = this.#squares * squareSize
    this.length =
      typeof until === 'number' ? until : this.#squared + extreme(until)(...parts.map((_, part) => this.#tailOf(part)))
    if (!Number.isSafeInteger(this.length))
      throw new TypeError(
        `an epoch of this mix would have ${this.length} samples; weigh the small datasets less, or say how many you want`,
      )
  }

  /** @param position 0 to `length - 1` */
  at(position: number): Place {
    const { part, sample } = position < this.#squared ? this.#inSquare(position) : this.#inTail(position - this.#squared)
    const { sampleCount } = this.#parts[part]!
    return { part, pass: Math.floor(sample / sampleCount), position: sample % sampleCount }
  }

  #inSquare(position: number): { part: number; sample: number } {
    const { bufferShards: streams } = this.#parameters
    const number = Math.floor(position / (streams * this.#window))
    if (this.#square?.number !== number)
      this.#square = { number, shifts: this.#permuted('shifts', number), groups: new Map(), columns: new Map() }
    const round = Math.floor(position / streams) - number * this.#window
    const column = position % streams
    const { part, before } = this.#column(this.#square, column)[round]!
    return { part, sample: (number * this.#parts[part]!.perWindow + before) * streams + column }
  }

  /** The turns of a column, round by round. Columns side by side begin with different rows, and each has each row once. */
  #column({ number, shifts, groups, columns }: Square, column: number): readonly Turn[] {
    const group = Math.floor(column / this.#window)
    const starts = groups.get(group) ?? this.#permuted('columns', number * 2 ** 16 + group)
    groups.set(group, starts)
    const start = starts[column % this.#window]!
    const known = columns.get(start)
    if (known !== undefined) return known
    const turns = this.#turns(Array.from(shifts, (shift) => (shift + start) % this.#window))
    columns.set(start, turns)
    return turns
  }

  #inTail(position: number): { part: number; sample: number } {
    const number = Math.floor(position / this.#window)
    const { part, before } = this.#tailWindow(number)[position % this.#window]!
    const { perWindow } = this.#parts[part]!
    return { part, sample: (this.#squares * this.#parameters.bufferShards + number) * perWindow + before }
  }

  #tailWindow(number: number): readonly Turn[] {
    if (this.#tail?.number !== number) this.#tail = { number, slots: this.#turns([...this.#permuted('tail', number)]) }
    return this.#tail.slots
  }

  /** Whose rows these are, one after the other. */
  #turns(rows: readonly number[]): readonly Turn[] {
    const given = this.#parts.map(() => 0)
    return rows.map((row) => {
      const part = this.#rows[row]!
      return { part, before: given[part]!++ }
    })
  }

  /** How many positions behind the squares it takes until a part has given all its samples once. */
  #tailOf(part: number): number {
    const { sampleCount, perWindow } = this.#parts[part]!
    const left = sampleCount - this.#squares * this.#parameters.bufferShards * perWindow
    if (left <= 0) return 0
    const number = Math.floor((left - 1) / perWindow)
    const last = (left - 1) % perWindow
    return number * this.#window + this.#tailWindow(number).findIndex((slot) => slot.part === part && slot.before === last) + 1
  }

  #permuted(purpose: Purpose, number: number): Uint32Array {
    const { seed, epoch } = this.#parameters
    return permutation(this.#window, keyedRandom(seed, epoch, purpose, number))
  }
}

/** A part whose turn it is, and how many turns it had before. */
interface Turn {
  readonly part: number
  readonly before: number
}

interface Square {
  readonly number: number
  readonly shifts: Uint32Array
  /** With which row each column of a group begins. */
  readonly groups: Map<number, Uint32Array>
  /** By the row with which they begin. */
  readonly columns: Map<number, readonly Turn[]>
}

/** The parameters of the order in which a part gives its samples for the first, second, … time. */
export function passParameters(parameters: OrderParameters, part: number, pass: number): OrderParameters {
  const random = keyedRandom(parameters.seed, parameters.epoch, 'passes', part * 2 ** 32 + pass)
  const high = random.below(2 ** 21)
  return { ...parameters, seed: high * 2 ** 32 + random.below(2 ** 32), epoch: 0 }
}

function extreme(until: Exclude<Until, number>): (...values: number[]) => number {
  return until === 'first_exhausted' ? Math.min : Math.max
}
