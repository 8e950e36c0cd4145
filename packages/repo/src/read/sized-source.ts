import type { ShardSize } from '../order/parameters.ts'
import type { DatasetSource } from './dataset-source.ts'
import type { RawSample } from './raw-sample.ts'
import type { SampleRange } from './shard-reader.ts'

/** Samples in shards of known sizes, parts of which can be read: what an order of an epoch can be made of. */
export interface SizedSource<T> extends DatasetSource<T> {
  /** What the data is, where that is known: states are good for this alone. */
  readonly contentCid: string | undefined
  /** What is decoded may be views of the bytes that were read. */
  readonly keepsBytes: boolean
  /** The size of every shard, as far as it is known without looking. @throws `index.corrupt` */
  knownSizes(): readonly ShardSize[] | undefined
  /** The size of every shard. @throws `dataset.unindexed` if one has no offset index, or none that would do for this reader */
  sizes(signal?: AbortSignal): Promise<readonly ShardSize[]>
  /** Samples of one shard, numbered from 0 to its size. */
  part(shard: number, range: SampleRange): AsyncIterable<RawSample[]>
  decode(raw: RawSample): T
}

export function isSized<T>(source: DatasetSource<T>): source is SizedSource<T> {
  return 'sizes' in source && 'part' in source
}
