/**
 * shardex, a dataset registry and sharding service: streams of typed samples become WebDataset shards in S3 or on disk, and entries of
 * a registry in Redis or SQLite.
 *
 * ```ts
 * import { Dataset, defineSample, int, ndarray, Repo } from 'shardex'
 *
 * const Digit = defineSample('demo.Digit', { pixels: ndarray('uint8', [28, 28]), label: int() })
 * await using repo = new Repo()
 * await repo.insert(Dataset.from(Digit, samples), 'digits')
 * for await (const batch of (await repo.open('digits', { type: Digit })).shuffled({ seed: 1, batchSize: 32 })) train(batch.pixels)
 * ```
 * @module
 */

// What can go wrong
export { type Details, type ErrorCode, isShardexError, ShardexError } from '@shardex/errors'
// The registry
export {
  type Entry,
  type Exported,
  type ExportOptions,
  entryCid,
  exportIndex,
  type IndexLocation,
  type Label,
  LocalIndex,
  type Metadata,
  type NamePointer,
  type NameRevision,
  type PublishedLens,
  type PublishedSchema,
  type ShardDescription,
  StaticIndex,
} from '@shardex/index'
// Datasets, and the registry and the store together
export {
  type Batch,
  collectGarbage,
  type DataStore,
  Dataset,
  type DatasetOptions,
  defineMembers,
  type GarbageOptions,
  type GarbageReport,
  type InsertOptions,
  type Keyed,
  type Layout,
  LocalDiskStore,
  type ManifestFields,
  type MemberNames,
  type Members,
  type MixOptions,
  type MixPart,
  manifestUrls,
  mirrorsOf,
  mix,
  type OnCorrupt,
  type OpenOptions,
  type ReadingOptions,
  type Repair,
  Repo,
  type RepoOptions,
  repairShard,
  S3DataStore,
  type S3DataStoreOptions,
  type SampleProof,
  type ShardReport,
  type ShuffledOptions,
  undoGarbage,
  type VerifyOptions,
  verifyEntry,
  verifyProof,
  type Where,
  type WriteManifestsOptions,
  type WriteProgress,
} from '@shardex/repo'
// What a sample is
export {
  array,
  arrowTensor,
  bool,
  brokenLensLaws,
  bytes,
  dataframe,
  defineLens,
  defineSample,
  describeSchema,
  type Field,
  type Fields,
  float,
  formatSchemaRef,
  generateTypeScript,
  type Infer,
  int,
  type Lens,
  NDArray,
  ndarray,
  parseSchemaRef,
  registerLens,
  type SampleType,
  type SchemaRecord,
  safetensors,
  sparse,
  stackArrays,
  str,
  structured,
} from '@shardex/schema'
// Where bytes live
export { type CacheOptions, type ObjectStore, openStorage, type S3Credentials, type Storage, withCache } from '@shardex/storage'
