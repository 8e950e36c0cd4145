import { describe, ShardexError } from '@shardex/errors'
import type { ShardDescription } from '@shardex/index'
import type { SampleType } from '@shardex/schema'
import { abortable, stoppable } from '@shardex/storage'
import { positiveInteger } from '../positive-integer.ts'
import { ShardSet, type ShardTarget } from './shard-set.ts'

export interface WriteProgress {
  readonly samples: number
  /** Bytes of tar packed so far; uploads may lag behind. */
  readonly bytes: number
  /** Shards that are stored. */
  readonly shards: number
}

export interface ShardOptions {
  /** Samples per shard, at most. Default 10,000. */
  readonly maxcount?: number | undefined
  /** Bytes per shard (of the tar), at most, unless a single sample is larger. Default 256 MiB. */
  readonly maxsize?: number | undefined
  /** Write each shard to a temporary file first, then copy it to the store. Default: stream straight into the store. */
  readonly cacheLocal?: boolean | undefined
  /** How many shards are on their way to the store at once. Default 3. */
  readonly parallelShards?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Called about every MiB and at the end. */
  readonly onProgress?: ((progress: WriteProgress) => void) | undefined
}

/** Samples to write. */
export type SampleStream = Iterable<object> | AsyncIterable<object>

const DEFAULT_MAXSIZE = 256 * 1024 * 1024

/**
 * Pack samples into tar shards and store them, each with its offset index, several at a time. Memory is bounded by the chunk pool
 * and what the store buffers, not by the data. When this throws or is aborted, everything that it had stored is deleted.
 * @returns one description per shard, in order
 * @throws `dataset.empty`, `sample.invalid`, `key.invalid`, `key.duplicate`, and what the store throws
 */
export async function writeShardsTo(
  target: ShardTarget,
  type: SampleType,
  samples: SampleStream,
  options: ShardOptions = {},
): Promise<ShardDescription[]> {
  if (typeof samples !== 'object') throw new TypeError(`samples are an iterable of objects, found ${describe(samples)}`)
  await using shards = new ShardSet(target, type, {
    maxcount: positiveInteger('maxcount', options.maxcount ?? 10_000),
    maxsize: positiveInteger('maxsize', options.maxsize ?? DEFAULT_MAXSIZE),
    parallelShards: positiveInteger('parallelShards', options.parallelShards ?? 3),
    cacheLocal: options.cacheLocal ?? false,
  })
  const stop = options.signal === undefined ? shards.failure : AbortSignal.any([shards.failure, options.signal])
  const report = () => options.onProgress?.({ samples: shards.samples, bytes: shards.bytes, shards: shards.shardsStored })
  try {
    await forEach(samples, stop, (sample) => {
      const wait = shards.add(sample)
      if (wait !== undefined) report()
      return wait
    })
    if (shards.samples === 0) throw emptyDataset(type)
    const descriptions = await abortable(shards.finish(), stop)
    report()
    return descriptions
  } catch (error) {
    const reason: unknown = stop.aborted ? stop.reason : error
    const left = await shards.undo(reason)
    if (left.length === 0) throw reason
    const message = `writing failed (first error), and ${left.length} of the objects written could not be removed`
    throw new AggregateError([reason, ...left], message, { cause: error })
  }
}

/** Visit samples one at a time; a visit that returns a promise is awaited. Iterables that need no waiting are not made to wait. */
async function forEach(
  samples: SampleStream,
  stop: AbortSignal,
  visit: (sample: object) => Promise<void> | undefined,
): Promise<void> {
  const step = (sample: object): Promise<void> | undefined => {
    stop.throwIfAborted()
    return visit(sample)
  }
  if (Symbol.asyncIterator in samples) {
    for await (const sample of stoppable(samples, stop)) {
      const wait = step(sample)
      if (wait !== undefined) await wait
    }
  } else {
    for (const sample of samples) {
      const wait = step(sample)
      if (wait !== undefined) await wait
    }
  }
  stop.throwIfAborted()
}

function emptyDataset(type: SampleType): ShardexError {
  const message = 'the dataset has no samples: nothing was written. Check the source that was to yield them.'
  return new ShardexError('dataset.empty', { dataset: type.name }, { message })
}
