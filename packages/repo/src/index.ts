/**
 * Sample streams to tar shards and back: insert, read, verify. Floor 3 of the house.
 *
 * ```ts
 * await using repo = new Repo()
 * await repo.insert(Dataset.from(Digit, samples), 'digits')
 * for await (const batch of (await repo.open('digits', { type: Digit })).shuffled({ seed: 1, batchSize: 32 })) train(batch.pixels)
 * ```
 * @module
 */

// Datasets
export {
  Dataset,
  type DatasetOptions,
  type QueryOptions,
  type Samples,
  type Seen,
  type ShardsFrom,
  type ShuffledOptions,
} from './dataset.ts'
// Garbage
export { collectGarbage, type GarbageOptions } from './gc/collect-garbage.ts'
export { undoGarbage } from './gc/marks.ts'
export type { GarbageFate, GarbageObject, GarbageProblem, GarbageReport, GarbageTotal } from './gc/report.ts'
export type { GarbageProgress } from './gc/run.ts'
// Registry and store together
export type { InsertOptions } from './ingest/insert-samples.ts'
export type { Layout } from './ingest/plan-ingest.ts'
// Manifests and queries
export type { ManifestFields, ManifestKind } from './manifest/columns.ts'
export { manifestUrls } from './manifest/manifest-urls.ts'
export type { ManifestOption } from './manifest/recorder.ts'
export type { ManifestsWritten, WriteManifestsOptions } from './manifest/write-manifests.ts'
// Plain tars
export { defineMembers, type MemberNames, type Members } from './members/define-members.ts'
// Several datasets together
export { type MixedSample, type MixOptions, type MixPart, mix } from './mix/mix.ts'
export type { Until } from './mix/mix-order.ts'
// The order of an epoch
export type { Remainder } from './order/lane.ts'
// Parquet of others
export { assertParquetChunk, type ParquetChunk } from './parquet/assert-chunk.ts'
export { parquetFooterBytes, readParquetFooter } from './parquet/footer.ts'
// Proofs
export { contentCidOf } from './proof/content-cid-of.ts'
export { type ProvedSample, type SampleProof, verifyProof } from './proof/verify-proof.ts'
export type { ListCondition, ScalarCondition, Where } from './query/where.ts'
export type { Batch } from './read/batch.ts'
export type { OnCorrupt } from './read/damage.ts'
export type { Decoder, Keyed } from './read/dataset-source.ts'
export { mirrorsOf } from './read/mirrors.ts'
export type { ReadingOptions } from './read/reading-options.ts'
export type { ShuffleOptions } from './read/shuffle-options.ts'
export type { Shuffled } from './read/shuffled.ts'
export type { Verify } from './read/verify.ts'
export { type OpenOptions, Repo, type RepoOptions } from './repo.ts'
// Foreign tars and keys of samples
export { faultOfKey } from './shard/keys.ts'
// The offset index beside each shard
export { decodeOffsetIndex, INDEX_SUFFIX, type OffsetIndex } from './shard/offset-index.ts'
// Stores
export type { DataStore, Writable, WriteShardsOptions } from './stores/data-store.ts'
export { LocalDiskStore } from './stores/local-disk-store.ts'
export { S3DataStore, type S3DataStoreOptions } from './stores/s3-data-store.ts'
export { type ReadMembersOptions, readTarMembers, type TarMember } from './tar/read-members.ts'
export { type Repair, repairShard } from './verify/repair-shard.ts'
export { type VerifyOptions, verifyEntry } from './verify/verify-entry.ts'
export type { ShardReport, VerifyDepth } from './verify/verify-shard.ts'
export type { ShardOptions, WriteProgress } from './write/write-shards.ts'
