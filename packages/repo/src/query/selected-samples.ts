import type { CallOptions } from '@shardex/storage'
import { corruptManifest } from '../manifest/header.ts'
import { manifestUrls } from '../manifest/manifest-urls.ts'
import { type RawSample, unindexed } from '../read/raw-sample.ts'
import type { SampleRange, SampleReader } from '../read/shard-reader.ts'
import type { OffsetIndex } from '../shard/offset-index.ts'
import { inOrder } from '../verify/in-order.ts'
import { assertClaim, type Selection } from './select.ts'

/** What lies between two wanted samples is read too if it is not more than this: a request costs more. */
const GAP_BYTES = 64 * 1024
/** Longer runs are read in pieces, so that little is held. */
const RUN_BYTES = 2 * 1024 * 1024
const RUNS_AT_ONCE = 8

export interface SelectedOptions extends CallOptions {
  /** Without the SHA-256 of the whole shard nothing of it is proved: then it is read whole, once. */
  readonly whole: boolean
}

/**
 * The selected samples of a shard, or some of them, by ranged reads of those alone. They are numbered as they are selected.
 * @throws `index.corrupt` if the manifest is not one of this shard
 */
export async function* selectedSamples(
  reader: SampleReader,
  selection: Selection,
  { from, to, into, signal }: SampleRange,
  { whole }: SelectedOptions,
): AsyncGenerator<RawSample[]> {
  const { shard, samples } = selection
  const index = await reader.index(shard, { signal })
  if (index === undefined && (from !== undefined || to !== undefined)) throw unindexed(shard.url)
  if (index === undefined) return yield* selectedFromStream(reader.blocks(shard, { signal }), selection)
  assertClaim(selection, index)
  const first = from ?? 0
  const wanted = samples.subarray(first, to)
  if (whole) return yield* only(reader.blocks(shard, { signal }), wanted, first)
  const read = async ([start, end]: Run, either: AbortSignal): Promise<RawSample[]> => {
    const range = { from: wanted[start]!, to: wanted[end - 1]! + 1, into, signal: either }
    const found: RawSample[] = []
    for await (const block of only(reader.blocks(shard, range), wanted.subarray(start, end), first + start)) found.push(...block)
    return found
  }
  yield* inOrder(runsOf(wanted, index), RUNS_AT_ONCE, read, signal)
}

/** Places `[start, end)` among the wanted samples. */
type Run = readonly [number, number]

/** Samples that are worth one request together. */
function* runsOf(wanted: Uint32Array, { offsets, sizes }: OffsetIndex): Generator<Run> {
  let start = 0
  const endOf = (place: number) => offsets[wanted[place]!]! + sizes[wanted[place]!]!
  for (let i = 1; i < wanted.length; i++) {
    const isFar = offsets[wanted[i]!]! - endOf(i - 1) > GAP_BYTES
    const isLong = endOf(i) - offsets[wanted[start]!]! > RUN_BYTES
    if (!isFar && !isLong) continue
    yield [start, i]
    start = i
  }
  if (wanted.length > 0) yield [start, wanted.length]
}

/** @param wanted ascending positions. @param first the number of the first of them */
async function* only(
  blocks: AsyncIterable<readonly RawSample[]>,
  wanted: Uint32Array,
  first: number,
): AsyncGenerator<RawSample[]> {
  let place = 0
  for await (const block of blocks) {
    const found: RawSample[] = []
    for (const raw of block) {
      // Those that were damaged may have been passed over.
      while (place < wanted.length && wanted[place]! < raw.position) place += 1
      if (wanted[place] === raw.position) found.push({ key: raw.key, position: first + place, payload: raw.payload })
    }
    if (found.length > 0) yield found
  }
}

/** Of a tar without an offset index all samples pass by; the manifest tells by position and key which are wanted. */
async function* selectedFromStream(
  blocks: AsyncIterable<readonly RawSample[]>,
  { shard, samples, claim }: Selection,
): AsyncGenerator<RawSample[]> {
  for await (const block of only(blocks, samples, 0)) {
    for (const { key, position } of block) {
      const known = claim.keys?.[position]
      if (known !== undefined && known !== key)
        throw corruptManifest(manifestUrls(shard.url).header, `the key ${known}`, `the key ${key}, which is in the shard`)
    }
    yield block
  }
}
