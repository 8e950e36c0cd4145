import { isShardexError } from '@shardex/errors'
import type { DatasetSource } from './dataset-source.ts'
import { isSized } from './sized-source.ts'
import { limitOf, type Stage } from './stages.ts'

interface Counted {
  readonly source: DatasetSource<object>
  readonly stages: readonly Stage[]
}

/** By the sizes of shards, where nothing is left out on the way; else by reading. */
export async function countSamples(
  { source, stages }: Counted,
  read: () => AsyncIterable<readonly object[]>,
  signal: AbortSignal | undefined,
): Promise<number> {
  const limit = limitOf(stages)
  if (isSized(source) && limit !== undefined && stages.every((stage) => stage.isOneToOne)) {
    try {
      const sizes = await source.sizes(signal)
      return Math.min(
        limit,
        sizes.reduce((sum, { sampleCount }) => sum + sampleCount, 0),
      )
    } catch (error) {
      if (!isShardexError(error, 'dataset.unindexed')) throw error
    }
  }
  let count = 0
  for await (const block of read()) count += block.length
  return count
}
