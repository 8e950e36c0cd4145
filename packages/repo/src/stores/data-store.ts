import { randomUUID } from 'node:crypto'
import type { Metadata, ShardDescription } from '@shardex/index'
import type { SampleType } from '@shardex/schema'
import type { ObjectStore, Storage } from '@shardex/storage'
import type { Dataset, Samples } from '../dataset.ts'
import { type ShardOptions, writeShardsTo } from '../write/write-shards.ts'

export interface WriteShardsOptions extends ShardOptions {
  /** Where the shards go: `{prefix}/data--{uuid}--{number}.tar`. */
  readonly prefix: string
}

/** Samples with their type: every {@link Dataset} with a schema is one. */
export interface Writable {
  readonly type: SampleType | undefined
  readonly samples: Samples<object>
  readonly metadata?: Metadata | undefined
}

/** Where shards go. */
export interface DataStore extends AsyncDisposable {
  /** Opens what this store wrote, and any other URL. */
  readonly storage: Storage
  /** Pack and store the shards of a dataset, and describe them. On failure nothing is left behind. */
  describeShards(dataset: Writable, options: WriteShardsOptions): Promise<ShardDescription[]>
  /** The same, for those who want only the URLs. */
  writeShards(dataset: Writable, options: WriteShardsOptions): Promise<string[]>
  /** The URL by which a program without credentials of this store would fetch a shard. */
  readUrl(url: string): string
  /** Whether shards can be read while they arrive, without a local copy. */
  supportsStreaming(): boolean
}

/** Write to any object store. The keys hold a new UUID, so nothing that is there can be overwritten. */
export function describeShardsIn(
  store: ObjectStore,
  dataset: Writable,
  { prefix, ...options }: WriteShardsOptions,
): Promise<ShardDescription[]> {
  const { type, samples } = dataset
  if (type === undefined)
    throw new TypeError('a dataset without a schema cannot be written: give map() the type of what it makes')
  const base = `${prefix.replace(/\/+$/, '')}/data--${randomUUID()}--`.replace(/^\/+/, '')
  const keyOf = (shard: number) => `${base}${String(shard).padStart(6, '0')}.tar`
  return writeShardsTo({ store, keyOf }, type, samples, options)
}
