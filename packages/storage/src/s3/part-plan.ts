import { type BlockPlan, slicesOf } from '../blocks.ts'

const MIB = 2 ** 20
export const MIN_PART_BYTES: number = 5 * MIB
const MAX_PART_BYTES = 5120 * MIB
export const MAX_PARTS: number = 10_000

/** Size of part `index`, from 0: doubled after every thousand parts. */
export function partBytesAt(index: number, firstBytes: number): number {
  return Math.min(MAX_PART_BYTES, firstBytes * 2 ** Math.floor(index / 1000))
}

export interface PartPlan extends BlockPlan {
  /** Give a buffer back once its part has arrived; it is used for the next one of the same size. */
  readonly release: (part: Uint8Array) => void
}

/**
 * One piece of memory for the first parts, which are sent in one request if the object ends there; its pieces, and other buffers, are used again for
 * the parts behind it: touching fresh memory costs more than filling it.
 * @param firstParts so many are wanted at once in the beginning
 * @param memory of as many parts or more
 */
export function partPlan(firstBytes: number, firstParts: number, memory: Uint8Array): PartPlan {
  const free = [...slicesOf(memory, { sizeOf: () => firstParts * firstBytes })]
  return {
    sizeOf: (index) => (index === 0 ? firstParts * firstBytes : partBytesAt(index - 1 + firstParts, firstBytes)),
    allocate(sizeBytes) {
      const buffer = free.pop()
      return buffer?.length === sizeBytes ? buffer : Buffer.allocUnsafeSlow(sizeBytes)
    },
    release(part) {
      free.push(part)
    },
  }
}
