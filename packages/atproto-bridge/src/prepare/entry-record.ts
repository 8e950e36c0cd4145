import { type Entry, encodeDetails, type Metadata } from '@shardex/index'
import { encodeMsgpack } from '@shardex/schema'
import { blobRefOf } from '../blob-ref.ts'
import { NSID } from '../nsid.ts'
import type { DatasetEntryRecord, EntryMark } from '../records.ts'
import { padMsgpack } from './pad-msgpack.ts'
import type { StorageKind } from './place-shards.ts'
import type { PrepareOptions } from './prepare-options.ts'
import { noteWhatIsPrivate } from './private-metadata.ts'
import type { Note } from './problem.ts'
import { faultOfUrl } from './public-url.ts'
import { INDEX_TYPE } from './shard-storage.ts'

type Given = Pick<PrepareOptions, 'description' | 'tags' | 'license' | 'contentMetadata' | 'dataStore' | 'allowPrivate'> &
  Pick<DatasetEntryRecord, 'name' | 'schemaRef' | 'storage'> & { readonly now: Date }

/** What the registry knows of a dataset, and what is said of it, as a record, with what is wrong told to `note`. */
export function entryRecord(entry: Entry, kind: StorageKind, given: Given, note: Note): DatasetEntryRecord {
  const { name, schemaRef, storage, description, tags = [], license, contentMetadata, now } = given
  return {
    $type: NSID.entry,
    name,
    schemaRef,
    storage,
    createdAt: timeOf(entry, now),
    ...(description !== undefined && { description }),
    ...metadataOf(entry.metadata, kind, given, note),
    tags: [...tags],
    size: sizeOf(entry),
    ...(license !== undefined && { license }),
    ...(contentMetadata !== undefined && { contentMetadata }),
    ...markOf(entry, kind),
  }
}

/** The entry's own, so that its record is the same whenever it is made. */
export function timeOf({ createdAtMs }: Entry, now: Date): string {
  return (createdAtMs === undefined ? now : new Date(createdAtMs)).toISOString()
}

function sizeOf({ sampleCount, sizeBytes, dataUrls }: Entry): { samples?: number; bytes?: number; shards: number } {
  return {
    ...(sampleCount !== undefined && { samples: sampleCount }),
    ...(sizeBytes !== undefined && { bytes: sizeBytes }),
    shards: dataUrls.length,
  }
}

/** In msgpack, as the lexicon has it. Digests have a place of their own in the record, and of mirrors only those that everybody reaches are told. */
function metadataOf(
  metadata: Metadata | undefined,
  kind: StorageKind,
  { dataStore, ...rules }: Given,
  note: Note,
): { metadata?: Uint8Array } {
  const { checksums: _, mirrors, ...rest } = metadata ?? {}
  const isMoved = kind === 'blobs' || dataStore !== undefined
  const publicMirrors =
    Array.isArray(mirrors) && !isMoved
      ? mirrors.filter((url) => typeof url === 'string' && faultOfUrl(url, rules) === undefined)
      : []
  const told = { ...rest, ...(publicMirrors.length > 0 && { mirrors: publicMirrors }) }
  noteWhatIsPrivate(told, 'entry.metadata', rules, note)
  return Object.keys(told).length === 0 ? {} : { metadata: padMsgpack(encodeMsgpack(told)) }
}

function markOf({ contentCid, shards }: Entry, kind: StorageKind): { shardex?: EntryMark } {
  if (contentCid === undefined || shards === undefined) return {}
  // What the store at home says of its copy is not true of others.
  const details = encodeDetails({ contentCid, shards: shards.map(({ storeChecksum: _, ...shard }) => shard) })
  const indexes = shards.map(({ indexSha256, indexSizeBytes }) => blobRefOf(indexSha256, indexSizeBytes, INDEX_TYPE))
  return { shardex: { format: 1, content: contentCid, details, ...(kind === 'blobs' && { indexes }) } }
}
