import type { ShardSize } from '../order/parameters.ts'
import type { RawSample } from './raw-sample.ts'
import type { FetchRun } from './read-runs.ts'

/** The samples `[from, to)` of a shard of the dataset. */
export type ReadPart = (shard: number, from: number, to: number) => AsyncIterable<readonly RawSample[]>

/** What lies between two wanted samples is read too if it is not more than this. */
const GAP_BYTES = 64 * 1024

/** Each run by itself, by one ranged read where its samples lie side by side. */
export function fetchingParts(sizes: readonly ShardSize[], read: ReadPart): FetchRun {
  return async ({ piece, samples }) => {
    const { sampleCount, sizeBytes } = sizes[piece.shard]!
    const gap = Math.floor((GAP_BYTES / sizeBytes) * sampleCount)
    const ranges = rangesOf(samples.toSorted(), gap)
    const found: Found = []
    await Promise.all(ranges.map(([from, to]) => collect(read(piece.shard, from, to), piece.first, found)))
    return pick(samples, (sample) => found[sample - piece.first])
  }
}

/** Large units, of which each is read once and kept: for a dataset that can be held whole. */
export function fetchingUnits(sizes: readonly ShardSize[], unitBytes: number, read: ReadPart): FetchRun {
  const units = new Map<string, Promise<Found>>()
  return async ({ piece, samples }) => {
    const { sampleCount, sizeBytes } = sizes[piece.shard]!
    const unitSamples = Math.ceil(sampleCount / Math.max(1, Math.ceil(sizeBytes / unitBytes)))
    const unitFrom = (from: number): Promise<Found> => {
      const key = `${piece.shard}/${from}`
      const unit = units.get(key) ?? collect(read(piece.shard, from, Math.min(from + unitSamples, sampleCount)), from)
      units.set(key, unit)
      return unit
    }
    const first = piece.first - (piece.first % unitSamples)
    const found: Found[] = []
    for (let from = first; from < piece.first + piece.count; from += unitSamples) found.push(await unitFrom(from))
    return pick(samples, (sample) => found[Math.floor((sample - first) / unitSamples)]![(sample - first) % unitSamples])
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
