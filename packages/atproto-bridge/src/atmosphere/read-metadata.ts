import { isShardexError } from '@shardex/errors'
import type { Metadata, MetadataValue } from '@shardex/index'
import { decodeMsgpackMap } from '@shardex/schema'
import { CID } from 'multiformats/cid'
import type { EntryMetadataFields } from '../records.ts'
import { invalidRecord } from './invalid-record.ts'

/** The fields that atdata knows, as it calls them in records and in dictionaries. */
const KNOWN = {
  sourceUri: 'source_uri',
  createdBy: 'created_by',
  version: 'version',
  processingSteps: 'processing_steps',
  split: 'split',
} as const

/**
 * The metadata of an entry in both forms there are: msgpack as the lexicon has it, and the typed object that atdata writes.
 * @throws {ShardexError} `record.invalid`
 */
export function readMetadata(uri: string, metadata: Uint8Array | EntryMetadataFields | undefined): Metadata | undefined {
  if (metadata === undefined) return undefined
  if (!(metadata instanceof Uint8Array)) return fromFields(metadata)
  try {
    return decodeMsgpackMap(metadata) as Metadata
  } catch (error) {
    if (!isShardexError(error)) throw error
    throw invalidRecord(uri, `metadata that cannot be read (${error.message})`, 'a map in msgpack', error)
  }
}

/** As `to_dict` of atdata has it: what it does not know lies in `custom`. */
function fromFields(fields: EntryMetadataFields): Metadata {
  const known = Object.entries(KNOWN).flatMap(([field, name]) => {
    const value = fields[field as keyof typeof KNOWN]
    return value === undefined || value === null ? [] : [[name, plain(value)] as const]
  })
  const custom = isMap(fields.custom) ? Object.entries(fields.custom).map(([key, value]) => [key, plain(value)] as const) : []
  return Object.fromEntries([...custom, ...known])
}

/** Links and blobs have no place in the metadata of a registry: their text stands for them. */
function plain(value: unknown): MetadataValue {
  if (value === null || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object') return typeof value === 'undefined' ? null : (value as MetadataValue)
  if (CID.asCID(value) !== null) return String(value)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}
