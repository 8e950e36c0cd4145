import { isShardexError } from '@shardex/errors'
import type { Entry } from '@shardex/index'
import { parseSchemaRef, type SampleType } from '@shardex/schema'
import type { CallOptions, Storage } from '@shardex/storage'
import { openReader } from '../read/open-reader.ts'
import { planShards, type ShardSource } from '../read/plan-shards.ts'
import { unindexed } from '../read/raw-sample.ts'
import type { SampleReader } from '../read/shard-reader.ts'
import type { ManifestColumn } from './columns.ts'
import { type ManifestFields, manifestColumns } from './columns.ts'
import { type EncodedManifest, encodeManifest } from './encode-manifest.ts'
import { loadHeader } from './load-manifest.ts'
import { manifestUrls } from './manifest-urls.ts'
import { SampleRecorder } from './recorder.ts'

/** What to write of a dataset that is there already, and whom to tell. */
export interface WriteManifestsOptions extends CallOptions {
  /** What each field is to a manifest. Default: what its type says. */
  readonly fields?: ManifestFields | undefined
  /** Also write manifests that are there. Default: only those that are missing or of another shard. */
  readonly rewrite?: boolean | undefined
  /** Called after each shard. */
  readonly onProgress?: ((progress: ManifestsWritten) => void) | undefined
}

/** Counted in shards. */
export interface ManifestsWritten {
  readonly written: number
  /** They had a manifest. */
  readonly kept: number
}

/**
 * Write a manifest beside each shard of a dataset that is there already. Its samples are read once, and checked; one shard of them is in memory.
 * @throws `dataset.unindexed` for shards without an offset index; what reading and storing throw
 */
export async function writeManifests(
  entry: Entry,
  type: SampleType,
  storage: Storage,
  { fields, rewrite = false, onProgress, signal }: WriteManifestsOptions = {},
): Promise<ManifestsWritten> {
  const columns = manifestColumns(type, fields)
  const reader = openReader({ storage, verify: 'crc32', onCorrupt: 'error', onDamage: undefined }, entry)
  const schemaVersion = versionOf(entry.schemaRef)
  let progress: ManifestsWritten = { written: 0, kept: 0 }
  for (const shard of planShards(entry.dataUrls, entry)) {
    signal?.throwIfAborted()
    if (!rewrite && (await isThere(storage, shard, signal))) progress = { ...progress, kept: progress.kept + 1 }
    else {
      await put(storage, shard.url, await manifestOf(shard, reader, type, schemaVersion, columns, signal), signal)
      progress = { ...progress, written: progress.written + 1 }
    }
    onProgress?.(progress)
  }
  return progress
}

async function isThere(storage: Storage, shard: ShardSource, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    return (await loadHeader(storage, shard, { signal })) !== undefined
  } catch (error) {
    if (isShardexError(error, 'index.corrupt')) return false
    throw error
  }
}

async function manifestOf(
  shard: ShardSource,
  reader: SampleReader,
  type: SampleType,
  schemaVersion: string,
  columns: readonly ManifestColumn[],
  signal: AbortSignal | undefined,
): Promise<EncodedManifest> {
  const index = await reader.index(shard, { signal })
  const shardSha256 = shard.description?.sha256 ?? shard.sha256
  if (index === undefined || shardSha256 === undefined) throw unindexed(shard.url)
  const recorder = new SampleRecorder(columns)
  for await (const block of reader.blocks(shard, { signal, reuse: true }))
    for (const { key, payload } of block) recorder.add(type.unpack(payload, key))
  const values = recorder.take(index.sampleCount)
  const facts = { schemaType: type.typeName, schemaVersion, createdAt: new Date() }
  return encodeManifest({ shard: shard.url, shardSha256, index, columns, values, ...facts })
}

async function put(
  storage: Storage,
  shard: string,
  { header, samples }: EncodedManifest,
  signal: AbortSignal | undefined,
): Promise<void> {
  const urls = manifestUrls(shard)
  for (const [url, bytes] of [
    [urls.samples, samples],
    [urls.header, header],
  ] as const) {
    const { store, key } = await storage.locate(url)
    await store.put(key, bytes, { signal })
  }
}

/** Empty for a reference that is not ours, or none that can be read. */
export function versionOf(schemaRef: string | undefined): string {
  try {
    return schemaRef === undefined ? '' : parseSchemaRef(schemaRef).version
  } catch (error) {
    if (isShardexError(error, 'ref.invalid')) return ''
    throw error
  }
}
