import { join } from 'node:path'
import { isShardexError, ShardexError } from '@shardex/errors'
import {
  type CommitEntryOptions,
  checkEntryOptions,
  type Entry,
  type EntryOptions,
  entryCid,
  LocalIndex,
  type Metadata,
  type ShardDescription,
} from '@shardex/index'
import { describeSchema, type Fields, type InferFields, type SampleType, schemaDigest } from '@shardex/schema'
import type { S3Credentials } from '@shardex/storage'
import { Dataset, type DatasetOptions, type Samples } from './dataset.ts'
import { sha256 } from './hash/shard-hasher.ts'
import { contentCid, describeContent } from './proof/content.ts'
import type { Keyed } from './read/dataset-source.ts'
import type { Verify } from './read/verify.ts'
import { INDEX_SUFFIX } from './shard/offset-index.ts'
import type { DataStore, Writable } from './stores/data-store.ts'
import { LocalDiskStore } from './stores/local-disk-store.ts'
import { S3DataStore } from './stores/s3-data-store.ts'
import type { ShardOptions } from './write/write-shards.ts'

export interface RepoOptions {
  /** Default: a new `LocalIndex()`. One that is given is not closed by the repo. */
  readonly index?: LocalIndex | undefined
  /** S3: a path to a `.env` file, or an object. With `hivePath`. */
  readonly s3Credentials?: string | S3Credentials | undefined
  /** S3: `bucket/prefix`. */
  readonly hivePath?: string | undefined
  /** Disk: a directory for everything, the registry in `index.db` and the shards in `data/`. Default `~/.shardex`. */
  readonly home?: string | undefined
  /** Disk: another directory for the shards. */
  readonly root?: string | undefined
  /** Any other store, instead of all of the above. */
  readonly store?: DataStore | undefined
}

export interface InsertOptions extends ShardOptions {
  /** Default: that of the dataset. */
  readonly metadata?: Metadata | undefined
  /** Default: the schema is published, which gives its version if the same definition has one. */
  readonly schemaRef?: string | undefined
  /** Move the name only if it stands at this revision; 0 means that it must be new. */
  readonly ifRevision?: number | undefined
  /** Mark the entry with a version, so that `name@version` finds it. */
  readonly version?: string | undefined
}

export interface OpenOptions {
  /** As the name stood then. Default: now. */
  readonly at?: { readonly revision: number } | { readonly timeMs: number } | Date | undefined
  readonly verify?: Verify | undefined
  readonly onCorrupt?: DatasetOptions['onCorrupt']
  readonly onDamage?: DatasetOptions['onDamage']
  readonly signal?: AbortSignal | undefined
}

/**
 * A registry and a store together: datasets go in under a name, and come out by it.
 *
 * ```ts
 * await using repo = new Repo({ s3Credentials: '.env', hivePath: 'my-bucket/datasets', index: new LocalIndex({ host: 'redis' }) })
 * const [entry, stored] = await repo.insert(Dataset.from(ImageSample, samples), 'training-images')
 * ```
 */
export class Repo implements AsyncDisposable {
  readonly index: LocalIndex
  readonly store: DataStore
  readonly #prefix: string
  readonly #owned: AsyncDisposable[] = []
  #ended = false

  constructor({ index, s3Credentials, hivePath, home, root = home && join(home, 'data'), store }: RepoOptions = {}) {
    const [bucket = '', ...prefix] = (hivePath ?? '').split('/').filter((part) => part !== '')
    if (s3Credentials !== undefined && bucket === '') {
      throw new ShardexError(
        'config.invalid',
        { setting: 'hivePath', found: String(hivePath), wanted: 'bucket or bucket/prefix' },
        { message: 'with s3Credentials, hivePath must say where shards go: "bucket/prefix"' },
      )
    }
    this.index = index ?? this.#own(home === undefined ? new LocalIndex() : new LocalIndex({ path: join(home, 'index.db') }))
    this.store =
      store ?? this.#own(bucket === '' ? new LocalDiskStore({ root }) : new S3DataStore({ credentials: s3Credentials, bucket }))
    this.#prefix = bucket === '' ? '' : prefix.join('/')
  }

  /**
   * Write the samples of a dataset as shards and commit them under a name, in one step: until then nothing can be seen, and when
   * this throws or is aborted nothing is left. A name that exists moves to the new entry and keeps its history.
   * @returns the entry, and the dataset as it is stored
   * @throws `dataset.empty`, `name.invalid`, `sample.invalid`, `key.duplicate`, `write.conflict`, and what store and registry throw
   */
  async insert<F extends Fields>(
    dataset: { readonly type: SampleType<F>; readonly samples: Samples<InferFields<F>> },
    name: string,
    options?: InsertOptions,
  ): Promise<[Entry, Dataset<Keyed<InferFields<F>>>]>
  async insert<T extends object>(dataset: Dataset<T>, name: string, options?: InsertOptions): Promise<[Entry, Dataset<Keyed<T>>]>
  async insert(dataset: Writable, name: string, options: InsertOptions = {}): Promise<[Entry, Dataset<object>]> {
    const { metadata = dataset.metadata, schemaRef, ifRevision, version, ...shardOptions } = options
    const { type } = dataset
    const { signal } = shardOptions
    if (type === undefined)
      throw new TypeError('a dataset without a schema cannot be inserted: give map() the type of what it makes')
    this.#assertOpen()
    const asked: EntryOptions = { name, metadata, ifRevision, label: version === undefined ? undefined : { version } }
    await this.#assertInsertable(asked, type, schemaRef, signal)
    const prefix = this.#prefix === '' ? name : `${this.#prefix}/${name}`
    const shards = await this.store.describeShards(dataset, { ...shardOptions, prefix })
    const dataUrls = shards.map(({ url }) => url)
    const content = contentCid(describeContent(schemaDigest(type), shards, sha256), sha256)
    const entry = await this.#commitOrRemove(shards, async () => {
      signal?.throwIfAborted()
      const ref = schemaRef ?? (await this.index.publishSchema(type))
      return { ...asked, schemaRef: ref, dataUrls, shards, contentCid: content }
    })
    return [entry, Dataset.from(type, entry, { storage: this.store.storage })]
  }

  /**
   * The dataset that a name or `name@version` stands for, with the sample type that its schema describes, or with yours.
   * @throws `name.not_found`
   */
  async open(name: string, options?: OpenOptions): Promise<Dataset<Keyed<Record<string, unknown>>>>
  async open<F extends Fields>(
    name: string,
    options: OpenOptions & { readonly type: SampleType<F> },
  ): Promise<Dataset<Keyed<InferFields<F>>>>
  async open(
    name: string,
    { type, at, signal, verify, onCorrupt, onDamage }: OpenOptions & { readonly type?: SampleType | undefined } = {},
  ): Promise<Dataset<object>> {
    this.#assertOpen()
    const entry = await this.index.getEntryByName(name, { at, signal })
    if (entry === undefined)
      throw new ShardexError(
        'name.not_found',
        { name },
        { message: `there is no dataset "${name}". \`shardex ls\` lists those that are there.` },
      )
    return Dataset.from(type ?? (await this.index.decodeSchema(entry.schemaRef, { signal })), entry, {
      storage: this.store.storage,
      verify,
      onCorrupt,
      onDamage,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true
    for (const resource of this.#owned) await resource[Symbol.asyncDispose]()
  }

  /** Find out what can be known to fail before hours of uploading. */
  async #assertInsertable(
    asked: EntryOptions,
    type: SampleType,
    schemaRef: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    checkEntryOptions(asked)
    if (schemaRef !== undefined) assertSameSchema(schemaRef, await this.index.decodeSchema(schemaRef, { signal }), type)
    const { name, ifRevision } = asked
    const current = await this.index.getEntryByName(name, { signal })
    if (ifRevision === undefined || ifRevision === (current?.revision ?? 0)) return
    const revision = { name, expectedRevision: ifRevision, actualRevision: current?.revision ?? 0 }
    throw new ShardexError('write.conflict', revision, {
      message: `"${name}" stands at revision ${revision.actualRevision}, not ${ifRevision}: somebody else moved it. Read it again and decide anew.`,
    })
  }

  #assertOpen(): void {
    if (this.#ended) throw new TypeError('the repo was disposed of; make a new one')
  }

  /**
   * Commit, and remove the shards if that was refused. When the registry went away in the middle, its answer is lost and the commit
   * may even be on its way still: then shards that the registry points at, or may come to point at, stay where they are.
   */
  async #commitOrRemove(shards: readonly ShardDescription[], describe: () => Promise<CommitEntryOptions>): Promise<Entry> {
    let request: CommitEntryOptions | undefined
    try {
      request = await describe()
      return await this.index.commitEntry(request)
    } catch (error) {
      if (request !== undefined && isShardexError(error, 'index.unavailable')) {
        const committed = await this.index.getEntry(entryCid(request)).catch(() => undefined)
        if (committed !== undefined) return committed
        throw outcomeUnknown(error, shards)
      }
      await this.#removeShards(shards)
      throw error
    }
  }

  async #removeShards(shards: readonly ShardDescription[]): Promise<void> {
    for (const { url } of shards) {
      for (const object of [url, url + INDEX_SUFFIX]) {
        const { store, key } = await this.store.storage.locate(object)
        await store.delete(key)
      }
    }
  }

  #own<R extends AsyncDisposable>(resource: R): R {
    this.#owned.push(resource)
    return resource
  }
}

function assertSameSchema(ref: string, published: SampleType, type: SampleType): void {
  const [found, wanted] = [schemaDigest(type), schemaDigest(published)]
  if (found === wanted) return
  const message = `${ref} describes other samples than ${type.name}: nobody could read them by it. Leave schemaRef out, or use the type that decodeSchema gives.`
  throw new ShardexError('schema.conflict', { ref, found: describeSchema(type), wanted: describeSchema(published) }, { message })
}

function outcomeUnknown(error: ShardexError<'index.unavailable'>, shards: readonly ShardDescription[]): ShardexError {
  const message = `the registry went away during the commit, and whether it takes place cannot be known: ${error.message}. The ${shards.length} shards are left in place, the first at ${shards[0]?.url}. When the registry is back, look the name up; if it did not move, insert again and delete these shards.`
  return new ShardexError('index.unavailable', error.details, { message, cause: error })
}
