import { describe } from '@shardex/errors'
import { decodeDetails, type Entry, type EntryDetails, entryCid, type Metadata } from '@shardex/index'
import type { Account } from '../identity/resolve-account.ts'
import { NSID, OLD_NSID } from '../nsid.ts'
import type { DatasetEntryRecord, EntryMark, OldEntryRecord } from '../records.ts'
import type { FetchedRecord } from './decode-record.ts'
import { invalidRecord } from './invalid-record.ts'
import { readMetadata } from './read-metadata.ts'
import { type RemoteShards, readShards } from './read-shards.ts'

/** A dataset that somebody has published. What the record says of it is what its account says; what it holds is checked when it is read. */
export interface AtmosphereEntry extends Entry {
  /** `at://did/collection/rkey`. */
  readonly uri: string
  /** Of the content of the record: with `uri`, what a reference to this very state of it is. */
  readonly recordCid: string
  readonly did: string
  readonly storage: RemoteShards
  readonly description?: string | undefined
  readonly tags: readonly string[]
  readonly license?: string | undefined
  /** As the account says it; nobody has counted. */
  readonly size?: { readonly samples?: number; readonly bytes?: number; readonly shards?: number } | undefined
  readonly contentMetadata?: Readonly<Record<string, unknown>> | undefined
}

/**
 * The entry of a registry out of the record of an entry, of any generation.
 * @throws {ShardexError} `record.invalid`
 */
export function readEntry({ uri, cid, record }: FetchedRecord, { did, pds }: Account): AtmosphereEntry {
  if (!isEntryRecord(record)) throw invalidRecord(uri, `the type ${record.$type}`, `${NSID.entry} or ${OLD_NSID.entry}`)
  const storage = readShards(uri, record, { pds, did })
  const { name, schemaRef, description, tags = [], license } = record
  const dataUrls = storage.shards.map(({ url }) => url)
  const details = 'shardex' in record ? readMark(uri, record.shardex, storage) : undefined
  const createdAtMs = Date.parse(record.createdAt)
  return Object.freeze({
    uri,
    recordCid: cid,
    did,
    cid: entryCid({ schemaRef, dataUrls }),
    name,
    schemaRef,
    dataUrls,
    storage,
    metadata: withChecksums(readMetadata(uri, record.metadata), storage),
    shards: details?.shards,
    contentCid: details?.contentCid,
    sampleCount: details?.shards.reduce((sum, shard) => sum + shard.sampleCount, 0),
    sizeBytes: details?.shards.reduce((sum, shard) => sum + shard.sizeBytes, 0),
    createdAtMs: Number.isNaN(createdAtMs) ? undefined : createdAtMs,
    description,
    tags,
    license,
    size: 'size' in record ? record.size : undefined,
    contentMetadata: 'contentMetadata' in record ? record.contentMetadata : undefined,
    wdsUrl: dataUrls[0] ?? '',
    sampleKind: schemaRef,
  })
}

function isEntryRecord(record: FetchedRecord['record']): record is DatasetEntryRecord | OldEntryRecord {
  return record.$type === NSID.entry || record.$type === OLD_NSID.entry
}

/** Digests where readers look for those of shards that they know nothing else of. */
function withChecksums(metadata: Metadata | undefined, { shards }: RemoteShards): Metadata | undefined {
  const checksums = shards.flatMap(({ url, sha256 }) => (sha256 === undefined ? [] : [[url, sha256] as const]))
  if (checksums.length === 0) return metadata
  return { ...metadata, checksums: Object.fromEntries(checksums) }
}

/** What we know of our own shards, if the record holds it; it cannot say something else than the record. */
function readMark(uri: string, mark: EntryMark | undefined, { shards, kind }: RemoteShards): EntryDetails | undefined {
  // The offset indexes that it describes lie beside the shards, and nothing lies beside a blob.
  if (mark === undefined || kind === 'blobs') return undefined
  const { format, content, details: bytes } = Object(mark) as Partial<EntryMark>
  if (format !== 1)
    throw invalidRecord(uri, `a shardex mark of format ${describe(format)}`, 'format 1; a newer shardex may have written it')
  let details: EntryDetails
  try {
    details = decodeDetails(
      bytes as Uint8Array,
      shards.map(({ url }) => url),
    )
  } catch (error) {
    throw invalidRecord(uri, 'descriptions of its shards that cannot be read', 'one for each shard', error)
  }
  if (content !== details.contentCid)
    throw invalidRecord(uri, `two content CIDs, ${describe(content)} and ${describe(details.contentCid)}`, 'one')
  for (const [i, { sha256, url }] of details.shards.entries())
    if (sha256 !== shards[i]?.sha256) throw invalidRecord(uri, `two digests of ${url}`, 'one')
  return details
}
