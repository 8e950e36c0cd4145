import type { RawSample } from '../read/raw-sample.ts'

/** One sample to be given: where it is among those that are fetched together. */
export interface Slot {
  readonly part: number
  readonly piece: Fetched
  readonly index: number
}

/** The samples of a piece, on their way; `undefined` for those that were damaged and passed over. */
export interface Fetched {
  readonly arrival: Promise<void>
  samples: readonly (RawSample | undefined)[] | undefined
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
 * The samples of slots, in blocks. Slots are drawn ahead until so many pieces are on their way.
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
      if (next.value.piece.samples === undefined) missing.add(next.value.piece)
    }
  }
  let block: Taken[] = []
  let step = 0
  for (;;) {
    draw()
    // Many at once: taking the first away again and again would move all the others.
    const batch = drawn.splice(0, blockSize)
    if (batch.length === 0) break
    for (const { part, piece, index } of batch) {
      if (piece.samples === undefined) {
        if (block.length > 0) yield block
        block = []
        await piece.arrival
      }
      missing.delete(piece)
      const raw = piece.samples?.[index]
      if (raw !== undefined) block.push({ part, raw, step })
      step += 1
    }
    if (block.length >= blockSize) {
      yield block
      block = []
    }
  }
  if (block.length > 0) yield block
}
