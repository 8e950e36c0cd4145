import { join } from 'node:path'
import { ShardexError } from '@shardex/errors'
import { type Entry, LocalIndex } from '@shardex/index'
import type { Fields, InferFields, SampleType } from '@shardex/schema'
import type { CacheOptions, S3Credentials } from '@shardex/storage'
import { Dataset, type DatasetOptions, type Samples } from './dataset.ts'
import { type InsertOptions, insertSamples } from './ingest/insert-samples.ts'
import { type ManifestsWritten, type WriteManifestsOptions, writeManifests } from './manifest/write-manifests.ts'
import type { Keyed } from './read/dataset-source.ts'
import type { Verify } from './read/verify.ts'
import { type DataStore, typeOf, type Writable } from './stores/data-store.ts'
import { LocalDiskStore } from './stores/local-disk-store.ts'
import { S3DataStore } from './stores/s3-data-store.ts'

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
  /** Keeps shards that are read from elsewhere on this machine's disk, proved and within a limit: `{ dir, maxBytes }`. Default: none. */
  readonly cache?: CacheOptions | undefined
  /** Any other store, instead of all of the above. */
  readonly store?: DataStore | undefined
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

  constructor({ index, s3Credentials, hivePath, home, root = home && join(home, 'data'), cache, store }: RepoOptions = {}) {
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
      store ??
      this.#own(
        bucket === '' ? new LocalDiskStore({ root, cache }) : new S3DataStore({ credentials: s3Credentials, bucket, cache }),
      )
    this.#prefix = bucket === '' ? '' : prefix.join('/')
  }

  /**
   * Write the samples of a dataset as shards and commit them under a name, in one step: until then nothing can be seen, and when
   * this throws or is aborted nothing is left, unless an `ingestId` says that it will be continued. A name that exists moves to the new
   * entry and keeps its history.
   * @returns the entry, and the dataset as it is stored
   * @throws `dataset.empty`, `name.invalid`, `sample.invalid`, `key.duplicate`, `write.conflict`, and what store and registry throw; with an
   * `ingestId` also `ingest.busy` if another process is at it, `ingest.lost` if one took over, `ingest.diverged` if the samples are not those
   * with which it began, `ingest.conflict` if other options differ
   */
  async insert<F extends Fields>(
    dataset: { readonly type: SampleType<F>; readonly samples: Samples<InferFields<F>> },
    name: string,
    options?: InsertOptions,
  ): Promise<[Entry, Dataset<Keyed<InferFields<F>>>]>
  async insert<T extends object>(dataset: Dataset<T>, name: string, options?: InsertOptions): Promise<[Entry, Dataset<Keyed<T>>]>
  async insert(dataset: Writable, name: string, options: InsertOptions = {}): Promise<[Entry, Dataset<object>]> {
    this.#assertOpen()
    const type = typeOf(dataset)
    const entry = await insertSamples({ index: this.index, store: this.store, prefix: this.#prefix }, dataset, name, options)
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
    const entry = await this.#entryOf(name, { at, signal })
    return Dataset.from(type ?? (await this.index.decodeSchema(entry.schemaRef, { signal })), entry, {
      storage: this.store.storage,
      verify,
      onCorrupt,
      onDamage,
    })
  }

  /**
   * Write a manifest beside each shard of a dataset that is there already, so that it can be queried. Its samples are read once.
   * @param of a name, `name@version`, or an entry
   * @throws `name.not_found`; `dataset.unindexed` for shards that others wrote; what reading and storing throw
   */
  async writeManifests(of: string | Entry, options: WriteManifestsOptions = {}): Promise<ManifestsWritten> {
    this.#assertOpen()
    const { signal } = options
    const entry = typeof of === 'string' ? await this.#entryOf(of, { signal }) : of
    const type = await this.index.decodeSchema(entry.schemaRef, { signal })
    return writeManifests(entry, type, this.store.storage, options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true
    for (const resource of this.#owned) await resource[Symbol.asyncDispose]()
  }

  async #entryOf(name: string, options: Pick<OpenOptions, 'at' | 'signal'>): Promise<Entry> {
    const entry = await this.index.getEntryByName(name, options)
    if (entry !== undefined) return entry
    const message = `there is no dataset "${name}". \`shardex ls\` lists those that are there.`
    throw new ShardexError('name.not_found', { name }, { message })
  }

  #assertOpen(): void {
    if (this.#ended) throw new TypeError('the repo was disposed of; make a new one')
  }

  #own<R extends AsyncDisposable>(resource: R): R {
    this.#owned.push(resource)
    return resource
  }
}
