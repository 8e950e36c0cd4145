import { describe, ShardexError } from '@shardex/errors'
import type { ShardDescription } from '@shardex/index'
import type { SampleType } from '@shardex/schema'
import { abortable, stoppable } from '@shardex/storage'
import { HashThreads } from '../hash/hash-threads.ts'
import type { Hasher } from '../hash/hasher.ts'
import { positiveInteger } from '../positive-integer.ts'
import type { ShardLimits } from './boundary.ts'
import type { Placement } from './placement.ts'
import { ShardSet } from './shard-set.ts'
import { Turns } from './turns.ts'

export interface WriteProgress {
  readonly samples: number
  /** Bytes of tar packed so far; uploads may lag behind. */
  readonly bytes: number
  /** Shards that are stored. */
  readonly shards: number
  /** Bytes that were sent to the store: less than `bytes` if shards were there already. */
  readonly sentBytes: number
}

export interface ShardOptions {
  /** Samples per shard, at most. Default 10,000. */
  readonly maxcount?: number | undefined
  /** Bytes per shard (of the tar), at most, unless a single sample is larger. Default 256 MiB. */
  readonly maxsize?: number | undefined
  /** How many shards are on their way to the store at once. Default 3. */
  readonly parallelShards?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Called about every MiB and at the end. */
  readonly onProgress?: ((progress: WriteProgress) => void) | undefined
}

export interface WriteOptions extends ShardOptions {
  /** Lay shards out by what is in them. Default false. */
  readonly byContent?: boolean | undefined
  /** Ends with the call. Default: a {@link HashThreads}, which take every digest. */
  readonly hasher?: Hasher | undefined
}

/** Samples to write. */
export type SampleStream = Iterable<object> | AsyncIterable<object>

const DEFAULT_MAXSIZE = 256 * 1024 * 1024

/**
 * Pack samples into tar shards and store them, each with its offset index, several at a time. Memory is bounded by the chunk pool
 * and what the store buffers, not by the data. When this throws or is aborted, nothing is on its way to the store any more, and what was
 * stored is there: see {@link writeOrUndo}.
 * @returns one description per shard, in order
 * @throws `dataset.empty`, `sample.invalid`, `key.invalid`, `key.duplicate`, and what the store throws
 */
export async function writeShardsTo(
  placement: Placement,
  type: SampleType,
  samples: SampleStream,
  options: WriteOptions = {},
): Promise<ShardDescription[]> {
  if (typeof samples !== 'object') throw new TypeError(`samples are an iterable of objects, found ${describe(samples)}`)
  await using shards = new ShardSet(placement, type, {
    ...shardLimits(options),
    parallelShards: positiveInteger('parallelShards', options.parallelShards ?? 3),
    byContent: options.byContent ?? false,
    hasher: options.hasher ?? new HashThreads(),
  })
  const stop = options.signal === undefined ? shards.failure : AbortSignal.any([shards.failure, options.signal])
  const report = () => options.onProgress?.(progressOf(shards, placement))
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
    await shards.stop(reason)
    throw reason
  }
}

/** The same; when it fails, what was stored is deleted. @throws `AggregateError` if that fails too */
export async function writeOrUndo(...[placement, ...rest]: Parameters<typeof writeShardsTo>): Promise<ShardDescription[]> {
  try {
    return await writeShardsTo(placement, ...rest)
  } catch (error) {
    const left = await placement.undo()
    if (left.length === 0) throw error
    const message = `writing failed (first error), and ${left.length} of the objects written could not be removed`
    throw new AggregateError([error, ...left], message, { cause: error })
  }
}

/** The limits that options set. @throws {TypeError} for what is no positive integer */
export function shardLimits({ maxcount = 10_000, maxsize = DEFAULT_MAXSIZE }: ShardOptions): ShardLimits {
  return { maxcount: positiveInteger('maxcount', maxcount), maxsize: positiveInteger('maxsize', maxsize) }
}

function progressOf({ samples, bytes, shardsStored }: ShardSet, { sentBytes }: Placement): WriteProgress {
  return { samples, bytes, shards: shardsStored, sentBytes }
}

/** Visit samples one at a time; a visit that returns a promise is awaited. Iterables that need no waiting are made to wait only now and then. */
async function forEach(
  samples: SampleStream,
  stop: AbortSignal,
  visit: (sample: object) => Promise<void> | undefined,
): Promise<void> {
  stop.throwIfAborted()
  const turns = new Turns()
  // An abort is heard where there is something to wait for: asking the signal for every sample would take as long as hashing it.
  const step = (sample: object): Promise<void> | undefined => {
    const wait = visit(sample) ?? turns.take()
    return wait && abortable(wait, stop)
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
