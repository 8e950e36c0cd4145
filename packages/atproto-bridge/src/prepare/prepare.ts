import { ShardexError } from '@shardex/errors'
import { assertName, type Entry, type LocalIndex } from '@shardex/index'
import { NSID } from '../nsid.ts'
import { entryKey, labelKey, schemaKey } from '../record-keys.ts'
import type { DatasetEntryRecord, DatasetLabelRecord, DatasetSchemaRecord } from '../records.ts'
import { entryRecord, timeOf } from './entry-record.ts'
import { type PlacedShard, placeShards, storageOf } from './place-shards.ts'
import type { PrepareOptions } from './prepare-options.ts'
import type { Note, Problem } from './problem.ts'
import { addRecordFaults } from './record-faults.ts'
import { SERVER_UNKNOWN, s3PlaceOf } from './s3-storage.ts'
import { schemaRecord } from './schema-record.ts'
import { toStorage } from './shard-storage.ts'

/** A record that would be written, and where. */
export interface Draft<Record> {
  /** `at://did/collection/rkey` */
  readonly uri: string
  readonly collection: string
  readonly rkey: string
  readonly record: Record
}

/** The records that publishing would write, in the order in which they refer to each other, and what stands against it. */
export interface Prepared {
  readonly schema: Draft<DatasetSchemaRecord>
  readonly entry: Draft<DatasetEntryRecord>
  readonly label: Draft<DatasetLabelRecord>
  /** Empty if it can be published. */
  readonly problems: readonly Problem[]
  /** Where each shard is and where it goes. */
  readonly shards: readonly PlacedShard[]
}

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
  const note: Note = (problem) => problems.push(problem)
  const published = await index.getSchema(entry.schemaRef, { signal })
  if (published === undefined) throw schemaNotFound(entry)
  const schema = draft(repo, NSID.schema, schemaRecord(published, timeOf(entry, now)), schemaKey)
  const kind = options.storage ?? (options.dataStore === undefined ? storageOf(entry) : 's3')
  const shards = await placeShards(entry, { repo, name }, kind, options.dataStore)
  if (kind === 's3' && options.dataStore === undefined && options.s3 === undefined) note(SERVER_UNKNOWN)
  const storage = toStorage(kind, shards, s3PlaceOf(kind, shards, options), options, note)
  const entryDraft = draft(
    repo,
    NSID.entry,
    entryRecord(entry, kind, { ...options, name, now, schemaRef: schema.uri, storage }, note),
    entryKey,
  )
  const labelRecord: DatasetLabelRecord = {
    $type: NSID.label,
    name,
    datasetUri: entryDraft.uri,
    createdAt: now.toISOString(),
    ...(version !== undefined && { version }),
    ...(description !== undefined && { description }),
  }
  const drafts = { schema, entry: entryDraft, label: draft(repo, NSID.label, labelRecord, labelKey) }
  addRecordFaults(drafts, problems)
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

function schemaNotFound({ schemaRef, name }: Entry): ShardexError {
  const message = `the registry has no schema ${schemaRef}, which ${name} names; a dataset is published with its schema. \`shardex schema ls\` shows those it has.`
  return new ShardexError('schema.not_found', { ref: schemaRef }, { message })
}
