import type { RawSample } from '../read/raw-sample.ts'
import type { FetchedRun } from '../read/read-runs.ts'

/** One sample to be given: where it is among those that are fetched together. */
export interface Slot {
  readonly part: number
  readonly piece: Fetched
  readonly index: number
  /** A piece that no slot after this one is of. If none is told for a piece, its memory is the collector's. */
  readonly ends?: Fetched | undefined
}

/** The samples of a piece, on their way. */
export interface Fetched {
  readonly arrival: Promise<void>
  run: FetchedRun | undefined
}

/** A sample as it lies in its shard, and the step of the reader that takes it. */
export interface Taken {
  readonly part: number
  readonly raw: RawSample
  readonly step: number
}

/** Slots that are looked at before they are needed, at most. */
const MOST_SLOTS = 8192

/**
 * The samples of slots, in blocks, each of which is done with when the next is asked for. Slots are drawn ahead until so many pieces are on their way.
 * @param slots drawing one may begin to fetch its piece
 */
export async function* readSlots(slots: Iterable<Slot>, ahead: number, blockSize: number): AsyncGenerator<readonly Taken[]> {
  const drawn: Slot[] = []
  const missing = new Set<Fetched>()
  const source = slots[Symbol.iterator]()
  const draw = (): void => {
    while (missing.size <= ahead && drawn.length < MOST_SLOTS) {
      const next = source.next()
      if (next.done === true) return
      drawn.push(next.value)
      if (next.value.piece.run === undefined) missing.add(next.value.piece)
    }
  }
  let block: Taken[] = []
  /** Pieces of which all samples were given, or are in the block. */
  let spent: Fetched[] = []
  const give = function* (): Generator<readonly Taken[]> {
    if (block.length > 0) yield block
    block = []
    for (const { run } of spent) run?.release?.()
    spent = []
  }
  let step = 0
  for (;;) {
    draw()
    // Many at once: taking the first away again and again would move all the others.
    const batch = drawn.splice(0, blockSize)
    if (batch.length === 0) break
    for (const { part, piece, index, ends } of batch) {
      if (piece.run === undefined) {
        yield* give()
        await piece.arrival
      }
      missing.delete(piece)
      const raw = piece.run?.samples[index]
      if (raw !== undefined) block.push({ part, raw, step })
      if (ends !== undefined) spent.push(ends)
      step += 1
    }
    if (block.length >= blockSize) yield* give()
  }
  yield* give()
}
