import { type Entry, entryCid, type Metadata } from '@shardex/index'
import type { Account } from '../identity/resolve-account.ts'
import { NSID, OLD_NSID } from '../nsid.ts'
import type { DatasetEntryRecord, OldEntryRecord } from '../records.ts'
import type { FetchedRecord } from './decode-record.ts'
import { invalidRecord } from './invalid-record.ts'
import { readMark } from './read-mark.ts'
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
export function readEntry({ uri, cid, record }: FetchedRecord, home: Pick<Account, 'did' | 'pds'>): AtmosphereEntry {
  if (!isEntryRecord(record)) throw invalidRecord(uri, `the type ${record.$type}`, `${NSID.entry} or ${OLD_NSID.entry}`)
  const found = readShards(uri, record, home)
  const mark = 'shardex' in record ? readMark(uri, record.shardex, found, home) : undefined
  const storage = { ...found, ...(mark?.indexes !== undefined && { indexes: mark.indexes }) }
  const { name, schemaRef, description, tags = [], license } = record
  const dataUrls = storage.shards.map(({ url }) => url)
  const createdAtMs = Date.parse(record.createdAt)
  return Object.freeze({
    uri,
    recordCid: cid,
    did: home.did,
    cid: entryCid({ schemaRef, dataUrls }),
    name,
    schemaRef,
    dataUrls,
    storage,
    metadata: withChecksums(readMetadata(uri, record.metadata), storage),
    shards: mark?.shards,
    contentCid: mark?.contentCid,
    sampleCount: mark?.shards.reduce((sum, shard) => sum + shard.sampleCount, 0),
    sizeBytes: mark?.shards.reduce((sum, shard) => sum + shard.sizeBytes, 0),
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
