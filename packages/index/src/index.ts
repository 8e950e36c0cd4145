/**
 * What exists: dataset entries, names and their history, schemas and labels. Start with {@link LocalIndex}; {@link IndexProvider} is what a
 * backend has to do.
 *
 * ```ts
 * await using index = new LocalIndex({ path: 'index.db' })
 * const entry = await index.getEntryByName('my-dataset')
 * ```
 * @module
 */
export { dagCborCid, entryCid } from './cid.ts'
export { type CommitEntryOptions, checkEntryOptions, type EntryOptions } from './commit-entry.ts'
export type { Entry, EntryIdentity, Label, Metadata, MetadataValue, NameRevision, ShardDescription } from './entry.ts'
export type { Garbage } from './garbage.ts'
export type { GarbageMarks } from './garbage-marks.ts'
export type { GarbageMark, Ingest, IngestPlan, IngestShard, Lease } from './ingest.ts'
export type { IngestJournal } from './ingest-journal.ts'
export type { Ingests, NotedShard } from './ingests.ts'
export type { LensShelf, StoredLens } from './lens-shelf.ts'
export type { LoadLensOptions, PublishedLens, StoreLensOptions } from './lenses.ts'
export { LocalIndex } from './local-index.ts'
export type { AddEntryOptions, DatasetLike, LabelOptions, LookupOptions } from './local-index-options.ts'
export { assertName, isName, MAX_NAME_BYTES } from './name.ts'
export {
  defaultLocation,
  type FileLocation,
  type IndexLocation,
  type ProviderLocation,
  type RedisLocation,
  type RedisServer,
} from './open-provider.ts'
export type { Page, PageOptions } from './paging.ts'
export type {
  CallOptions,
  Commit,
  Diagnosis,
  FoundEntry,
  HistoryHead,
  IndexProvider,
  Moment,
  NamePointer,
  ProviderSupports,
  SchemaState,
  StoredEntry,
  StoredSchema,
  WriteOptions,
} from './provider.ts'
export type { PublishOptions } from './publish-schema.ts'
export type { PublishedSchema } from './read-schema.ts'
export { openRedisIndex, type RedisIndexOptions } from './redis/open.ts'
export { decodeDetails, type EntryDetails, encodeDetails } from './shard-details.ts'
export { openSqliteIndex, type SqliteIndexOptions } from './sqlite/open.ts'
export { type Exported, type ExportOptions, exportIndex } from './static/export-index.ts'
export { StaticIndex } from './static/static-index.ts'
export type { HistoryProblem, HistoryReport, VerifyHistoryOptions } from './verify-history.ts'
