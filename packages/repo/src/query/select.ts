import { ShardexError } from '@shardex/errors'
import type { CallOptions, Storage } from '@shardex/storage'
import { crc32 } from '#platform'
import { KEY, type ManifestColumn } from '../manifest/columns.ts'
import type { ManifestRow } from '../manifest/decode-samples.ts'
import { corruptManifest, type ManifestHeader } from '../manifest/header.ts'
import { loadHeader, loadRows, manifestNotFound } from '../manifest/load-manifest.ts'
import { manifestUrls } from '../manifest/manifest-urls.ts'
import type { ShardSource } from '../read/plan-shards.ts'
import type { OffsetIndex } from '../shard/offset-index.ts'
import { inOrder } from '../verify/in-order.ts'
import { type Condition, columnsOf } from './condition.ts'
import { matcherOf } from './matcher.ts'
import { judge } from './prune.ts'

/** The samples of one shard that a query asks for; at least one. */
export interface Selection {
  readonly shard: ShardSource
  /** Their positions in the shard, ascending. */
  readonly samples: Uint32Array
  /** Of their payloads. */
  readonly sizeBytes: number
  /** What the manifest says of them, to be held against the shard. */
  readonly claim: Claim
}

/** What a manifest says of a shard and of the samples that were selected by it. */
export interface Claim {
  /** Of the whole shard. */
  readonly sampleCount: number
  /** CRC-32 of {@link placesOf}; `undefined` where all samples are asked for, or where offsets cannot be believed. */
  readonly places?: number | undefined
  /** Of the samples, where there is no offset index to hold anything against. */
  readonly keys?: readonly string[] | undefined
}

const MANIFESTS_AT_ONCE = 16

/**
 * What a query asks for, in the order of the dataset, by the manifests of its shards. Shards in which no sample can match are left out for what their
 * headers say, and where all must, the rows are not read either.
 * @throws `manifest.not_found`; `index.corrupt`; `usage.invalid` for a field that the manifests do not hold
 */
export async function select(
  storage: Storage,
  shards: readonly ShardSource[],
  condition: Condition,
  { signal }: CallOptions = {},
): Promise<Selection[]> {
  const selections: Selection[] = []
  const work = (shard: ShardSource, either: AbortSignal) => selectIn(storage, shard, condition, { signal: either })
  for await (const selection of inOrder(shards, MANIFESTS_AT_ONCE, work, signal))
    if (selection !== undefined) selections.push(selection)
  return selections
}

/** Claims that were held against an index need not be held against it again. */
const checked = new WeakMap<Claim, OffsetIndex>()

/** @throws `index.corrupt` if the manifest is not one of this shard */
export function assertClaim({ shard, samples, sizeBytes, claim }: Selection, index: OffsetIndex): void {
  if (checked.get(claim) === index) return
  const source = manifestUrls(shard.url).header
  if (claim.sampleCount !== index.sampleCount)
    throw corruptManifest(source, `${claim.sampleCount} samples`, `${index.sampleCount} samples, as in the offset index`)
  if (claim.keys?.some((key, i) => key !== index.keyAt(samples[i]!)))
    throw corruptManifest(source, 'other keys', 'those of the offset index')
  if (claim.places !== undefined && claim.places !== placesOf(placesIn(index, samples)))
    throw corruptManifest(source, 'other keys, offsets or sizes', 'those of the offset index')
  const found = samples.reduce((sum, sample) => sum + index.sizes[sample]!, 0)
  if (sizeBytes !== found) throw corruptManifest(source, `${sizeBytes} bytes`, `${found} bytes, as in the offset index`)
  checked.set(claim, index)
}

async function selectIn(
  storage: Storage,
  shard: ShardSource,
  condition: Condition,
  options: CallOptions,
): Promise<Selection | undefined> {
  const header = await loadHeader(storage, shard, options)
  if (header === undefined) throw manifestNotFound(shard.url)
  const { sampleCount, sizeBytes } = header
  // atdata leaves such a one of the last shard that it writes.
  if (sampleCount === 0 && header.proof === undefined)
    throw corruptManifest(manifestUrls(shard.url).header, 'no samples', 'those of the shard')
  const { some, every } = judge(condition, header)
  if (!some || sampleCount === 0) return undefined
  if (every && header.proof !== undefined)
    return { shard, samples: Uint32Array.from({ length: sampleCount }, (_, i) => i), sizeBytes, claim: { sampleCount } }
  const rows = await loadRows(storage, shard, header, columnsFor(condition, header, shard), options)
  const samples = Uint32Array.from(rows.numbersOf(matcherOf(condition)))
  if (samples.length === 0) return undefined
  const matching = Array.from(samples, (sample) => rows.row(sample))
  return { shard, samples, sizeBytes: matching.reduce((sum, row) => sum + row.sizeBytes, 0), claim: claimOf(matching, header) }
}

function claimOf(matching: readonly ManifestRow[], { sampleCount, proof }: ManifestHeader): Claim {
  // atdata's offsets are those of no tar.
  if (proof === undefined) return { sampleCount, keys: matching.map(({ key }) => key) }
  return { sampleCount, places: placesOf(matching) }
}

/** Where a sample lies, and which one it is. */
type Place = Pick<ManifestRow, 'key' | 'offset' | 'sizeBytes'>

function placesIn(index: OffsetIndex, samples: Uint32Array): readonly Place[] {
  return Array.from(samples, (sample) => ({
    key: index.keyAt(sample),
    offset: index.offsets[sample]!,
    sizeBytes: index.sizes[sample]!,
  }))
}

function placesOf(places: readonly Place[]): number {
  return crc32(places.map(({ key, offset, sizeBytes }) => `${offset} ${sizeBytes} ${key}\0`).join(''))
}

function columnsFor(condition: Condition, { aggregates }: ManifestHeader, { url }: ShardSource): readonly ManifestColumn[] {
  return columnsOf(condition).map((column) => {
    if (aggregates.has(column.name)) return column
    const [found, wanted] = ['a field that the manifests do not hold', `one of ${[KEY, ...aggregates.keys()].join(', ')}`]
    const message = `${column.name} is not in the manifest of ${url}: found ${[...aggregates.keys()].join(', ') || 'no fields'}. Write manifests with it, by repo.writeManifests(name, { fields, rewrite: true }) or \`shardex manifest NAME --rewrite\`, or query with { scan: true }. If its text is too long for manifests, or its integers fit no one type, only { scan: true } finds it.`
    throw new ShardexError('usage.invalid', { argument: `where.${column.name}`, found, wanted }, { message })
  })
}
