/** How a stream is cut: the size of block number `index`, and a buffer of that size. */
export interface BlockPlan {
  readonly sizeOf: (index: number) => number
  readonly allocate: (sizeBytes: number) => Uint8Array
  /** Each block is done with when the next is asked for, so that one which lies within a chunk need not be copied. Default false. */
  readonly inPlace?: boolean | undefined
}

/**
 * Cut bytes into blocks of exactly the planned sizes; only the last may be shorter, and none is empty. Chunks of a stream are
 * copied before the next is asked for, or given out before. A whole array is cut without copying.
 */
export async function* blocksOf(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  plan: BlockPlan,
): AsyncGenerator<Uint8Array, void, void> {
  if (body instanceof Uint8Array) return yield* slicesOf(body, plan)
  let index = 0
  let block: Uint8Array | undefined
  let filled = 0
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError(`a body yields Uint8Array chunks, found ${typeof chunk}`)
    for (let taken = 0; taken < chunk.length; ) {
      const end = taken + plan.sizeOf(index)
      if (plan.inPlace === true && block === undefined && end <= chunk.length) {
        yield chunk.subarray(taken, end)
        taken = end
        index++
        continue
      }
      block ??= plan.allocate(plan.sizeOf(index))
      const piece = chunk.subarray(taken, taken + block.length - filled)
      block.set(piece, filled)
      taken += piece.length
      filled += piece.length
      if (filled < block.length) continue
      yield block
      block = undefined
      filled = 0
      index++
    }
  }
  if (block !== undefined) yield block.subarray(0, filled)
}

/** The same of a whole array, without copying. */
export function* slicesOf(bytes: Uint8Array, plan: Pick<BlockPlan, 'sizeOf'>): Generator<Uint8Array, void, void> {
  for (let index = 0, start = 0; start < bytes.length; index++) {
    const slice = bytes.subarray(start, start + plan.sizeOf(index))
    yield slice
    start += slice.length
  }
}
