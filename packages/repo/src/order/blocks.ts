import { keyedRandom, permutation } from './keyed-random.ts'
import type { OrderParameters, ShardSize } from './parameters.ts'

/** A stream has at least so many blocks, if there are samples enough. */
const BLOCKS_PER_STREAM = 4

/** How large blocks may be. */
export interface BlockLimits {
  readonly samples: number
  readonly bytes: number
}

/** A run of samples that lie side by side in a shard. */
export interface Block {
  /** Its first sample in the shard, and how many it has. */
  readonly first: number
  readonly count: number
  /** How many samples the blocks before it have, in the order of the epoch. */
  readonly start: number
}

/** The blocks of one shard, in the order of an epoch. */
export interface ShardBlocks {
  /** The block that holds the sample at this place of the order. */
  holding(place: number): Block
}

export function blockLimits({ bufferShards, bufferSamples, bufferBytes }: OrderParameters, sampleCount: number): BlockLimits {
  const share = (whole: number, parts: number) => Math.max(1, Math.floor(whole / parts))
  return {
    samples: Math.min(share(bufferSamples, bufferShards), share(sampleCount, bufferShards * BLOCKS_PER_STREAM)),
    bytes: share(bufferBytes, bufferShards),
  }
}

/** @param shard its number in the dataset */
export function blocksOf(
  { sampleCount, sizeBytes }: ShardSize,
  shard: number,
  limits: BlockLimits,
  { seed, epoch }: OrderParameters,
): ShardBlocks {
  const wanted = Math.max(Math.ceil(sampleCount / limits.samples), Math.ceil(sizeBytes / limits.bytes))
  const blockCount = Math.min(sampleCount, wanted)
  // The first blocks have one sample more where the samples cannot be dealt out evenly.
  const even = Math.floor(sampleCount / blockCount)
  const larger = sampleCount % blockCount
  const order = permutation(blockCount, keyedRandom(seed, epoch, 'blocks', shard))
  const starts = new Float64Array(blockCount + 1)
  for (let i = 0; i < blockCount; i++) starts[i + 1] = starts[i]! + even + (order[i]! < larger ? 1 : 0)
  return {
    holding(place) {
      const at = lastNotAfter(starts, place)
      const block = order[at]!
      return { first: block * even + Math.min(block, larger), count: starts[at + 1]! - starts[at]!, start: starts[at]! }
    },
  }
}

/** The last of the ascending numbers, the final one excepted, that is not greater than `value`. */
export function lastNotAfter(ascending: Float64Array, value: number): number {
  let low = 0
  let high = ascending.length - 1
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (ascending[middle]! <= value) low = middle
    else high = middle
  }
  return low
}
