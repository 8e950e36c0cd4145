/**
 * The reading half: datasets from shards, in order, shuffled or mixed, and proofs. It runs in a browser as in Node; `docs/browser.md`.
 *
 * ```ts
 * import { Dataset } from '@shardex/repo/read'
 * for await (const { image } of Dataset.from(Photo, entry).shuffled({ seed: 1 })) show(image)
 * ```
 * @module
 */
export { Dataset, type DatasetOptions, type ShardsFrom, type ShuffledOptions } from './dataset.ts'
export { type MixedSample, type MixOptions, type MixPart, mix } from './mix/mix.ts'
export type { Until } from './mix/mix-order.ts'
export { type ProvedSample, type SampleProof, verifyProof } from './proof/verify-proof.ts'
export type { Batch } from './read/batch.ts'
export type { Keyed } from './read/dataset-source.ts'
export type { ReadingOptions } from './read/reading-options.ts'
export type { Shuffled } from './read/shuffled.ts'
