/** One of those who read a dataset together. */
export interface Lane {
  /** Which one, and how many there are: every worker of every rank is one. */
  readonly number: number
  readonly lanes: number
  /** Samples that it takes at a time. */
  readonly batchSize: number
  readonly remainder: Remainder
}

/**
 * What becomes of the samples that are too few for a whole batch on every rank. `keep`: they are given, and ranks may end one batch apart, or
 * with a shorter one. `drop`: they are not given. `pad`: they are given, and the first samples of the epoch once more, until every batch is whole.
 */
export type Remainder = 'keep' | 'drop' | 'pad'

/** Positions `first`, `first + stride`, … */
export interface Stretch {
  readonly first: number
  readonly stride: number
  readonly steps: number
}

/**
 * How many steps a lane takes from a position of the order to the end of the epoch. In one step every lane takes one sample: step `i` of all
 * of them together covers `lanes` positions from `start + i * lanes` on.
 */
export function stepsOf({ number, lanes, batchSize, remainder }: Lane, start: number, length: number): number {
  const batches = (length - start) / (lanes * batchSize)
  if (remainder === 'drop') return Math.floor(batches) * batchSize
  if (remainder === 'pad') return Math.ceil(batches) * batchSize
  return Math.max(0, Math.ceil((length - firstOf(number, lanes, start)) / lanes))
}

/** Where the order stands when every lane has taken so many of its steps. */
export function positionAfter({ lanes }: Lane, start: number, length: number, steps: number): number {
  return Math.min(length, start + steps * lanes)
}

/** The positions that a lane takes; those of padding are counted from the beginning again. */
export function* stretchesOf(lane: Lane, start: number, length: number): Generator<Stretch> {
  let first = firstOf(lane.number, lane.lanes, start)
  let left = stepsOf(lane, start, length)
  while (left > 0) {
    first %= length
    const steps = Math.min(left, Math.ceil((length - first) / lane.lanes))
    yield { first, stride: lane.lanes, steps }
    first += steps * lane.lanes
    left -= steps
  }
}

/** A lane keeps to the positions that are congruent to its number wherever it starts, so that it keeps to its streams. */
function firstOf(number: number, lanes: number, start: number): number {
  const behind = (number - start) % lanes
  return start + (behind < 0 ? behind + lanes : behind)
}
