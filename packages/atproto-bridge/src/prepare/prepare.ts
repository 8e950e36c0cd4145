import { ShardexError } from '@shardex/errors'
import { assertName, type Entry, encodeDetails, type LocalIndex, type Metadata, type PublishedSchema } from '@shardex/index'
import type { DataStore } from '@shardex/repo'
import { encodeMsgpack } from '@shardex/schema'
import { blobRefOf } from '../blob-ref.ts'
import { NSID } from '../nsid.ts'
import { recordToJson } from '../record-json.ts'
import { entryKey, labelKey, schemaKey } from '../record-keys.ts'
import type { DatasetEntryRecord, DatasetLabelRecord, DatasetSchemaRecord, EntryMark } from '../records.ts'
import { faultOfRecord } from '../validate-record.ts'
import { faultsOfData } from './data-model.ts'
import { toJsonSchema } from './json-schema.ts'
import { padMsgpack } from './pad-msgpack.ts'
import { type PlacedShard, placeShards, type StorageKind, storageOf } from './place-shards.ts'
import type { Problem } from './problem.ts'
import { faultOfUrl, type UrlRules } from './public-url.ts'
import { INDEX_TYPE, type S3Place, toStorage } from './shard-storage.ts'

export interface PrepareOptions extends UrlRules {
  /** What the dataset is called there. Default: its name here. */
  readonly name?: string | undefined
  /** The version that the label says. Default: none. */
  readonly version?: string | undefined
  /** Of at most 5000 bytes. */
  readonly description?: string | undefined
  /** At most 30, of at most 150 bytes each. */
  readonly tags?: readonly string[] | undefined
  readonly license?: string | undefined
  /** What else the record says of the content: maps, lists, text, whole numbers, booleans. */
  readonly contentMetadata?: Readonly<Record<string, unknown>> | undefined
  /** Default: `s3` with a `dataStore`, else where the shards are; those of this machine become blobs. */
  readonly storage?: StorageKind | undefined
  /** Where the shards are copied to first, unless they become blobs. Default: they stay where they are. */
  readonly dataStore?: DataStore | undefined
  /** The server of the bucket. Default: that of `dataStore`, else Amazon's. */
  readonly s3?: S3Place | undefined
  /** The account that is to have the records: its DID. Default: `handle.invalid`, to look at them without one. */
  readonly repo?: string | undefined
  /** The time of the label, and of records whose own time is not known. Default: now. */
  readonly now?: Date | undefined
  readonly signal?: AbortSignal | undefined
}

/** A record that would be written, and where. */
export interface Draft<Record> {
  /** `at://did/collection/rkey` */
  readonly uri: string
  readonly collection: string
  readonly rkey: string
  readonly record: Record
}

export interface Prepared {
  readonly schema: Draft<DatasetSchemaRecord>
  readonly entry: Draft<DatasetEntryRecord>
  readonly label: Draft<DatasetLabelRecord>
  /** Empty if it can be published. */
  readonly problems: readonly Problem[]
  /** Where each shard is and where it goes. */
  readonly shards: readonly PlacedShard[]
}

/** What a PDS takes in one request of JSON, with room for what is around the records. */
const MAX_RECORDS_BYTES = 900_000

/**
 * What publishing an entry would write, and all that is wrong with it. Nothing is sent and nothing is written; the registry is asked for the schema.
 * @throws {ShardexError} `schema.not_found`; `name.invalid`
 */
export async function prepare(
  entry: Entry,
  index: Pick<LocalIndex, 'getSchema'>,
  options: PrepareOptions = {},
): Promise<Prepared> {
  const { repo = 'handle.invalid', now = new Date(), name = entry.name, version, description, signal } = options
  assertName(name)
  if (version !== undefined) assertName(version)
  const problems: Problem[] = []
  const note = (problem: Problem): void => void problems.push(problem)

  const published = await index.getSchema(entry.schemaRef, { signal })
  if (published === undefined) throw schemaNotFound(entry)
  const schema = draft(repo, NSID.schema, schemaRecord(published, timeOf(entry, now)), schemaKey)

  const kind = options.storage ?? (options.dataStore === undefined ? storageOf(entry) : 's3')
  const shards = await placeShards(entry, name, kind, options.dataStore)
  const storage = toStorage(kind, shards, s3Place(kind, shards, options), options, note)
  const entryRecord: DatasetEntryRecord = {
    $type: NSID.entry,
    name,
    schemaRef: schema.uri,
    storage,
    createdAt: timeOf(entry, now),
    ...(description !== undefined && { description }),
    ...metadataOf(entry.metadata, kind, options),
    tags: [...(options.tags ?? [])],
    size: { ...sizeOf(entry), shards: shards.length },
    ...(options.license !== undefined && { license: options.license }),
    ...(options.contentMetadata !== undefined && { contentMetadata: options.contentMetadata }),
    ...markOf(entry, kind),
  }
  const draftedEntry = draft(repo, NSID.entry, entryRecord, entryKey)

  const labelRecord: DatasetLabelRecord = {
    $type: NSID.label,
    name,
    datasetUri: draftedEntry.uri,
    createdAt: now.toISOString(),
    ...(version !== undefined && { version }),
    ...(description !== undefined && { description }),
  }
  const drafts = { schema, entry: draftedEntry, label: draft(repo, NSID.label, labelRecord, labelKey) }
  for (const [part, { record }] of Object.entries(drafts)) problems.push(...faultsOfData(record, part))
  const isJson = problems.every(({ code }) => code !== 'number.float' && code !== 'value.unsupported')
  for (const [part, { record }] of Object.entries(drafts)) {
    const fault = lexiconFault(part, record)
    // The lexicon says less of what was found already.
    if (fault !== undefined && !problems.some(({ path }) => fault.path.startsWith(path))) note(fault)
  }
  const tooLarge = isJson ? sizeFault(Object.values(drafts), shards.length) : undefined
  if (tooLarge !== undefined) note(tooLarge)
  return { ...drafts, problems, shards }
}

function draft<R extends { readonly $type: string }>(
  repo: string,
  collection: string,
  record: R,
  keyOf: (record: R) => string,
): Draft<R> {
  const rkey = keyOf(record)
  return { uri: `at://${repo}/${collection}/${rkey}`, collection, rkey, record }
}

function schemaRecord(
  { name, version, fields, description, createdAt, shardex }: PublishedSchema,
  time: string,
): DatasetSchemaRecord {
  return {
    $type: NSID.schema,
    name,
    version,
    schemaType: 'jsonSchema',
    schema: toJsonSchema(fields),
    createdAt: createdAt ?? time,
    atdataSchemaVersion: 1,
    ...(description !== null && description !== '' && { description }),
    ...(shardex !== undefined && {
      shardex: { format: 1, ...(shardex.module !== undefined && { module: shardex.module }), fields },
    }),
  }
}

/** The entry's own, so that the record of an entry is the same whenever it is made. */
function timeOf({ createdAtMs }: Entry, now: Date): string {
  return (createdAtMs === undefined ? now : new Date(createdAtMs)).toISOString()
}

function sizeOf({ sampleCount, sizeBytes }: Entry): { samples?: number; bytes?: number } {
  return { ...(sampleCount !== undefined && { samples: sampleCount }), ...(sizeBytes !== undefined && { bytes: sizeBytes }) }
}

/** In msgpack, as the lexicon has it. Digests have a place of their own in the record, and of mirrors only those that everybody reaches are told. */
function metadataOf(
  metadata: Metadata | undefined,
  kind: StorageKind,
  { dataStore, ...rules }: PrepareOptions,
): { metadata?: Uint8Array } {
  const { checksums: _, mirrors, ...rest } = metadata ?? {}
  const isMoved = kind === 'blobs' || dataStore !== undefined
  const publicMirrors =
    Array.isArray(mirrors) && !isMoved
      ? mirrors.filter((url) => typeof url === 'string' && faultOfUrl(url, rules) === undefined)
      : []
  const told = { ...rest, ...(publicMirrors.length > 0 && { mirrors: publicMirrors }) }
  return Object.keys(told).length === 0 ? {} : { metadata: padMsgpack(encodeMsgpack(told)) }
}

function markOf({ contentCid, shards }: Entry, kind: StorageKind): { shardex?: EntryMark } {
  if (contentCid === undefined || shards === undefined) return {}
  // What the store at home says of its copy is not true of others.
  const details = encodeDetails({ contentCid, shards: shards.map(({ storeChecksum: _, ...shard }) => shard) })
  const indexes = shards.map(({ indexSha256, indexSizeBytes }) => blobRefOf(indexSha256, indexSizeBytes, INDEX_TYPE))
  return { shardex: { format: 1, content: contentCid, details, ...(kind === 'blobs' && { indexes }) } }
}

function s3Place(kind: StorageKind, [first]: readonly PlacedShard[], { s3, dataStore }: PrepareOptions): S3Place {
  if (s3?.endpoint !== undefined || kind !== 's3' || dataStore === undefined || first === undefined) return s3 ?? {}
  const readUrl = dataStore.readUrl(first.url)
  const path = first.url.slice('s3:/'.length)
  return /^https?:/i.test(readUrl) && readUrl.endsWith(path) ? { ...s3, endpoint: readUrl.slice(0, -path.length) } : { ...s3 }
}

function lexiconFault(part: string, record: DatasetSchemaRecord | DatasetEntryRecord | DatasetLabelRecord): Problem | undefined {
  const found = faultOfRecord(record)
  if (found === undefined) return undefined
  // `Record/tags/3 must not …`
  const [where = '', ...steps] = (found.split(' ')[0] ?? '').split('/')
  const path = where === 'Record' ? part + steps.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`)).join('') : part
  const advice = 'change what was given, or what the registry has'
  return { code: 'record.invalid', path, found, wanted: `a record of ${record.$type}`, advice }
}

function sizeFault(
  drafts: readonly Draft<DatasetSchemaRecord | DatasetEntryRecord | DatasetLabelRecord>[],
  shardCount: number,
): Problem | undefined {
  const sizeBytes = Buffer.byteLength(JSON.stringify(drafts.map(({ record }) => recordToJson(record))))
  if (sizeBytes <= MAX_RECORDS_BYTES) return undefined
  return {
    code: 'record.too_large',
    path: 'entry',
    found: `records of ${sizeBytes} bytes for ${shardCount} shards`,
    wanted: `at most ${MAX_RECORDS_BYTES}`,
    advice: 'insert the samples again with larger shards, or publish the dataset in parts',
  }
}

function schemaNotFound({ schemaRef, name }: Entry): ShardexError {
  const message = `the registry has no schema ${schemaRef}, which ${name} names; a dataset is published with its schema. \`shardex schema ls\` shows those it has.`
  return new ShardexError('schema.not_found', { ref: schemaRef }, { message })
}
