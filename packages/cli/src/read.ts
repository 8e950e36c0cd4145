/**
 * The reading half of shardex, for browsers and everybody who only reads: an index of files, datasets on the web, mixes of them, proofs; `docs/browser.md`.
 *
 * ```ts
 * import { Dataset, StaticIndex } from 'shardex/read'
 *
 * const index = new StaticIndex('https://data.example.org/index/')
 * const entry = await index.getEntryByName('photos')
 * const dataset = Dataset.from(await index.decodeSchema(entry.schemaRef), entry)
 * for await (const { jpg } of dataset.shuffled({ seed: 1 })) show(jpg)
 * ```
 * @module
 */
export { type Details, type ErrorCode, isShardexError, ShardexError } from '@shardex/errors'
export { type Entry, type Metadata, type PublishedSchema, type ShardDescription, StaticIndex } from '@shardex/index/static'
export {
  type Batch,
  Dataset,
  type DatasetOptions,
  type Keyed,
  type MixedSample,
  type MixOptions,
  type MixPart,
  mix,
  type ProvedSample,
  type ReadingOptions,
  type SampleProof,
  type Shuffled,
  type ShuffledOptions,
  type Until,
  verifyProof,
} from '@shardex/repo/read'
export {
  array,
  bool,
  bytes,
  defineSample,
  float,
  type Infer,
  int,
  NDArray,
  ndarray,
  type SampleType,
  str,
} from '@shardex/schema'
export { openStorage, type Storage } from '@shardex/storage'
