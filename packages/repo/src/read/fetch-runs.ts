import { MemoryPool } from '@shardex/storage'
import type { OrderParameters, ShardSize } from '../order/parameters.ts'
import type { MemoryUse } from './memory-use.ts'
import type { RawSample } from './raw-sample.ts'
import type { FetchRun } from './read-runs.ts'
import type { SampleRange } from './shard-reader.ts'
import type { SizedSource } from './sized-source.ts'

export interface Fetching {
  readonly source: SizedSource<object>
  readonly sizes: readonly ShardSize[]
  readonly parameters: OrderParameters
  /** Those who read the order together. */
  readonly lanes: number
  readonly memory: MemoryUse
  readonly signal: AbortSignal
}

/** A run that claims to be larger than its share of the buffer by more than this gets no memory before it is read. */
const MAX_EXCESS_BYTES = 32 * 2 ** 20

/** What lies between two wanted samples is read too if it is not more than this. */
const GAP_BYTES = 64 * 1024

/** Runs of an order: of a dataset that the buffer can hold, large units that are kept; else each by itself. */
export function fetchingRuns({ source, sizes, parameters, lanes, memory, signal }: Fetching): FetchRun {
  const { bufferBytes, bufferShards } = parameters
  const read: ReadPart = (shard, range) => source.part(shard, { ...range, signal })
  const totalBytes = sizes.reduce((total, { sizeBytes }) => total + sizeBytes, 0)
  const shareBytes = Math.ceil(bufferBytes / bufferShards)
  if (totalBytes * lanes <= bufferBytes) return fetchingUnits(sizes, shareBytes, read)
  // What is decoded to copies is done with as well.
  const pool = memory.reuse || !source.keepsBytes ? new MemoryPool() : undefined
  return fetchingParts(sizes, read, pool, shareBytes + MAX_EXCESS_BYTES)
}

/** Samples of one shard. */
type ReadPart = (shard: number, range: Pick<SampleRange, 'from' | 'to' | 'into'>) => AsyncIterable<readonly RawSample[]>

/**
 * Each run by itself, by one ranged read where its samples lie side by side.
 * @param pool where runs that are done with leave their memory to others. @param maxBytes of the pool for one run
 */
function fetchingParts(sizes: readonly ShardSize[], read: ReadPart, pool: MemoryPool | undefined, maxBytes: number): FetchRun {
  return async ({ piece, samples }) => {
    const { sampleCount, sizeBytes } = sizes[piece.shard]!
    const gap = Math.floor((GAP_BYTES / sizeBytes) * sampleCount)
    const ranges = rangesOf(samples.toSorted(), gap)
    const found: Found = []
    const memory = pool && new RunMemory(pool, maxBytes)
    const into = memory && ((sizeBytes: number) => memory.take(sizeBytes))
    await Promise.all(ranges.map(([from, to]) => collect(read(piece.shard, { from, to, into }), piece.first, found)))
    return { samples: pick(samples, (sample) => found[sample - piece.first]), release: memory && (() => memory.release()) }
  }
}

/** What one run has of the pool. */
class RunMemory {
  readonly #pool: MemoryPool
  readonly #taken: Uint8Array<ArrayBuffer>[] = []
  #leftBytes: number

  constructor(pool: MemoryPool, maxBytes: number) {
    this.#pool = pool
    this.#leftBytes = maxBytes
  }

  take(sizeBytes: number): Uint8Array | undefined {
    if (sizeBytes > this.#leftBytes) return undefined
    this.#leftBytes -= sizeBytes
    const memory = this.#pool.take(sizeBytes)
    this.#taken.push(memory)
    return memory
  }

  release(): void {
    for (const memory of this.#taken.splice(0)) this.#pool.giveBack(memory)
  }
}

/** Large units, of which each is read once and kept: for a dataset that can be held whole. */
function fetchingUnits(sizes: readonly ShardSize[], unitBytes: number, read: ReadPart): FetchRun {
  const units = new Map<string, Promise<Found>>()
  return async ({ piece, samples }) => {
    const { sampleCount, sizeBytes } = sizes[piece.shard]!
    const unitSamples = Math.ceil(sampleCount / Math.max(1, Math.ceil(sizeBytes / unitBytes)))
    const unitFrom = (from: number): Promise<Found> => {
      const key = `${piece.shard}/${from}`
      const unit = units.get(key) ?? collect(read(piece.shard, { from, to: Math.min(from + unitSamples, sampleCount) }), from)
      units.set(key, unit)
      return unit
    }
    const first = piece.first - (piece.first % unitSamples)
    const found: Found[] = []
    for (let from = first; from < piece.first + piece.count; from += unitSamples) found.push(await unitFrom(from))
    return {
      samples: pick(samples, (sample) => found[Math.floor((sample - first) / unitSamples)]![(sample - first) % unitSamples]),
    }
  }
}

/** By position; holes where samples were damaged. */
type Found = (RawSample | undefined)[]

/** `Array.from` would ask an iterator for each. */
function pick(samples: Uint32Array, find: (sample: number) => RawSample | undefined): readonly (RawSample | undefined)[] {
  const picked: (RawSample | undefined)[] = []
  for (let i = 0; i < samples.length; i++) picked.push(find(samples[i]!))
  return picked
}

async function collect(blocks: AsyncIterable<readonly RawSample[]>, from: number, found: Found = []): Promise<Found> {
  for await (const block of blocks) for (const raw of block) found[raw.position - from] = raw
  return found
}

/** Ascending numbers as half-open ranges. @param gap how many that are not wanted may lie between two that are */
function rangesOf(ascending: Uint32Array, gap: number): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = []
  for (const sample of ascending) {
    const last = ranges.at(-1)
    if (last !== undefined && sample - last[1] <= gap) last[1] = sample + 1
    else ranges.push([sample, sample + 1])
  }
  return ranges
}
