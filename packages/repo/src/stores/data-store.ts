import { randomUUID } from 'node:crypto'
import type { Metadata } from '@shardex/index'
import type { SampleType } from '@shardex/schema'
import type { ObjectStore, Storage } from '@shardex/storage'
import type { Samples } from '../dataset.ts'
import { ManifestPlacement } from '../manifest/manifest-placement.ts'
import { type ManifestOption, recorderFor } from '../manifest/recorder.ts'
import { SequencePlacement } from '../write/in-sequence.ts'
import { type ShardOptions, writeOrUndo } from '../write/write-shards.ts'

export interface WriteShardsOptions extends ShardOptions {
  /** Where the shards go: `{prefix}/data--{uuid}--{number}.tar`. */
  readonly prefix: string
  /** Write each shard to a temporary file first, then copy it to the store. Default: stream straight into the store. */
  readonly cacheLocal?: boolean | undefined
  /** Write a manifest beside each shard, by which `dataset.query` finds samples. Default false. */
  readonly manifest?: ManifestOption | undefined
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
  /** Where shards are put, as objects. It belongs to this store. */
  objects(): Promise<ObjectStore>
  /** Pack and store the shards of a dataset without a registry. On failure nothing is left behind. @returns their URLs */
  writeShards(dataset: Writable, options: WriteShardsOptions): Promise<string[]>
  /** The URL by which a program without credentials of this store would fetch a shard. */
  readUrl(url: string): string
  /** Whether shards can be read while they arrive, without a local copy. */
  supportsStreaming(): boolean
}

/** What the keys of one insert start with. @param uuid a new one, so that nothing that is there can be overwritten */
export function keyBaseUnder(prefix: string, uuid: string): string {
  return `${prefix.replace(/\/+$/, '')}/data--${uuid}--`.replace(/^\/+/, '')
}

export function keyInSequence(base: string, shard: number): string {
  return `${base}${String(shard).padStart(6, '0')}.tar`
}

/** @throws {TypeError} if the dataset has none */
export function typeOf({ type }: Writable): SampleType {
  if (type !== undefined) return type
  throw new TypeError('a dataset without a schema cannot be written: give map() the type of what it makes')
}

/** Write to any object store. */
export async function writeUrls(
  store: ObjectStore,
  dataset: Writable,
  { prefix, cacheLocal, manifest, ...options }: WriteShardsOptions,
): Promise<string[]> {
  const base = keyBaseUnder(prefix, randomUUID())
  const type = typeOf(dataset)
  const sequence = new SequencePlacement({ store, keyOf: (shard) => keyInSequence(base, shard), cacheLocal })
  const recorder = recorderFor(type, manifest)
  const facts = { store, schemaType: type.typeName, schemaVersion: '', shared: false, resumable: false }
  const placement = recorder === undefined ? sequence : new ManifestPlacement(sequence, { ...facts, recorder })
  const shards = await writeOrUndo(placement, type, recorder?.watch(dataset.samples) ?? dataset.samples, options)
  return shards.map(({ url }) => url)
}
