import type { Fields, Lens, SampleType } from '@shardex/schema'
import { abortable } from './abortable.ts'
import { type CommitEntryOptions, checkRevision, toCommit } from './commit-entry.ts'
import type { Entry, Label, NameRevision } from './entry.ts'
import { Garbage } from './garbage.ts'
import { Ingests } from './ingests.ts'
import {
  getLens,
  type LoadLensOptions,
  listLenses,
  loadLens,
  type PublishedLens,
  type StoreLensOptions,
  storeLens,
} from './lenses.ts'
import { type AddEntryOptions, type DatasetLike, type LabelOptions, type LookupOptions, toMoment } from './local-index-options.ts'
import { assertLabelVersion, assertName, splitLabel } from './name.ts'
import { defaultLocation, type IndexLocation, openProvider } from './open-provider.ts'
import { allItems, type Page, type PageOptions } from './paging.ts'
import type { CallOptions, Diagnosis, IndexProvider, NamePointer, WriteOptions } from './provider.ts'
import { type PublishOptions, publishSchema } from './publish-schema.ts'
import { decodeSchema, getSchema, listSchemas, type PublishedSchema } from './read-schema.ts'
import { unusable } from './refusals.ts'
import { toEntry } from './stored-entry.ts'
import { type HistoryReport, type VerifyHistoryOptions, verifyHistory } from './verify-history.ts'

/**
 * The registry: which datasets exist, under which names, with which schemas. It connects on the first call; a call that failed because the
 * backend was away can be made again. Any method may throw `index.unavailable`, `index.corrupt`, `credentials.refused` or `storage.full`.
 *
 * ```ts
 * await using index = new LocalIndex()
 * await index.addEntry({ dataUrls: ['data-{000000..000009}.tar'], type: ImageSample }, { name: 'my-dataset' })
 * for await (const entry of index.entries) console.log(`${entry.name}: ${entry.cid}`)
 * ```
 */
export class LocalIndex implements AsyncDisposable {
  /** The journals of inserts. */
  readonly ingests: Ingests = new Ingests((options) => this.#provider(options))
  /** The marks on objects that nothing needs. */
  readonly garbage: Garbage = new Garbage((options) => this.#provider(options))
  readonly #location: IndexLocation
  #opened: ReturnType<typeof openProvider> | undefined
  #closed = false

  /** @param location default: Redis at `REDIS_URL` if that is set, else `$SHARDEX_HOME/index.db`, else `~/.shardex/index.db` */
  constructor(location: IndexLocation = defaultLocation()) {
    this.#location = location
  }

  /**
   * Register URLs under a name.
   * @throws {ShardexError} as {@link commitEntry} and {@link publishSchema}; `usage.invalid` with neither `schemaRef` nor type
   */
  async addEntry(dataset: DatasetLike, options: AddEntryOptions): Promise<Entry> {
    assertName(options.name)
    const { type } = dataset
    const schemaRef = options.schemaRef ?? (type && (await this.publishSchema(type, { signal: options.signal })))
    if (schemaRef === undefined) throw unusable('schemaRef', 'a dataset without type, and no schemaRef', 'one of them')
    return this.commitEntry({ ...options, schemaRef, dataUrls: dataset.dataUrls, metadata: options.metadata ?? dataset.metadata })
  }

  /**
   * Write an entry and point a name to it, in one step: whole or not at all. A name that points to the same content already gets no new revision.
   * With `ingest`, a commit that was made already can be made again, and changes nothing.
   * @throws {ShardexError} `name.invalid`; `write.conflict` if the name is not at `ifRevision`; `usage.invalid`; `msgpack.invalid`; `ingest.lost`;
   * `shard.not_found` for data that is being deleted as garbage
   */
  async commitEntry(options: CommitEntryOptions): Promise<Entry> {
    const commit = toCommit(options)
    const { entry, revision } = await (await this.#provider(options)).commit(commit, options)
    return toEntry(entry, { name: options.name, revision })
  }

  /** By `name`, or by `name@version` for what that label marks. `undefined` also if an old step pointed to what was deleted since. */
  async getEntryByName(name: string, options?: LookupOptions): Promise<Entry | undefined> {
    const label = splitLabel(name)
    const marked = label && (await this.getEntryByLabel(label.name, label.version, options))
    if (marked) return marked
    const found = await (await this.#provider(options)).findByName(name, toMoment(options?.at), options)
    return found && toEntry(found.entry, { name, revision: found.revision })
  }

  /** Without version: by the label of the name that was set last. */
  async getEntryByLabel(name: string, version?: string, options?: CallOptions): Promise<Entry | undefined> {
    const label = await this.getLabel(name, version, options)
    return label && this.getEntry(label.cid, options)
  }

  async getEntry(cid: string, options?: CallOptions): Promise<Entry | undefined> {
    const stored = await (await this.#provider(options)).findByCid(cid, options)
    return stored && toEntry(stored)
  }

  /** All entries in the order in which they came to be known, fetched a page at a time. */
  get entries(): AsyncIterable<Entry> {
    return { [Symbol.asyncIterator]: () => this.#allEntries(undefined) }
  }

  /** For an index that fits into memory. */
  async allEntries(options?: CallOptions): Promise<Entry[]> {
    const entries: Entry[] = []
    for await (const entry of this.#allEntries(options)) entries.push(entry)
    return entries
  }

  async listEntries(options?: PageOptions): Promise<{ entries: Entry[]; cursor?: string | undefined }> {
    const { items, cursor } = await (await this.#provider(options)).listEntries(options)
    return { entries: items.map((entry) => toEntry(entry)), cursor }
  }

  /** @throws {ShardexError} `entry.not_found`; `entry.in_use` while a name or a label points to it */
  async deleteEntry(cid: string, options?: CallOptions): Promise<void> {
    return (await this.#provider(options)).deleteEntry(cid, options)
  }

  /** Names that exist, in UTF-8 byte order. */
  async listNames(
    options?: PageOptions & { readonly prefix?: string | undefined },
  ): Promise<{ names: readonly NamePointer[]; cursor?: string | undefined }> {
    const { items, cursor } = await (await this.#provider(options)).listNames(options?.prefix ?? '', options)
    return { names: items, cursor }
  }

  async namesOf(cid: string, options?: CallOptions): Promise<readonly string[]> {
    return (await this.#provider(options)).namesOf(cid, options)
  }

  /** The life of a name from its first step, fetched a page at a time. A name that was deleted keeps its past. */
  history(name: string, options?: CallOptions): AsyncIterable<NameRevision> {
    return { [Symbol.asyncIterator]: () => allItems((page) => this.listHistory(name, page), options) }
  }

  /** How many steps a name has behind it, without looking at them: its newest revision, since there are no gaps. */
  async historyLength(name: string, options?: CallOptions): Promise<number> {
    const provider = await this.#provider(options)
    const current = await provider.findByName(name, undefined, options)
    return current?.revision ?? (await provider.findHead(name, options))?.revision ?? 0
  }

  async listHistory(name: string, options?: PageOptions): Promise<Page<NameRevision>> {
    return (await this.#provider(options)).listHistory(name, options)
  }

  /**
   * Whether the past of a name is what it was: no record changed, removed, added or moved. Whoever can write to the registry can also rewrite the
   * whole past; that shows only against a `headCid` that was kept elsewhere, given as `expect`.
   * @throws {ShardexError} `usage.invalid` if `expect` is no CID of a record
   */
  async verifyHistory(name: string, options?: VerifyHistoryOptions): Promise<HistoryReport> {
    return verifyHistory(await this.#provider(options), name, options)
  }

  /**
   * Point `to` where `from` points, and end `from`. The past and the versioned labels stay with the old name.
   * @throws {ShardexError} `name.invalid`; `name.not_found`; `write.conflict` if `to` exists, or `from` is not at `ifRevision`
   */
  async rename(from: string, to: string, options?: WriteOptions): Promise<NamePointer> {
    assertName(to)
    checkRevision(options?.ifRevision)
    return (await this.#provider(options)).rename(from, to, options)
  }

  /** End a name. Its entry, its versioned labels and its past stay. @throws {ShardexError} `name.not_found`; `write.conflict` */
  async deleteName(name: string, options?: WriteOptions): Promise<void> {
    checkRevision(options?.ifRevision)
    return (await this.#provider(options)).deleteName(name, options)
  }

  /**
   * Mark an entry with a version of a name. Without version this moves the name, as in atdata.
   * @throws {ShardexError} `name.invalid`; `entry.not_found`
   */
  async setLabel(name: string, cid: string, { version = '', description, signal }: LabelOptions = {}): Promise<void> {
    assertName(name)
    if (version !== '') assertLabelVersion(version)
    const provider = await this.#provider({ signal })
    if (version === '') await provider.moveName(name, cid, { signal })
    else await provider.putLabel({ name, version, cid, description }, { signal })
  }

  /** Without version: the label of the name that was set last. */
  async getLabel(name: string, version?: string, options?: CallOptions): Promise<Label | undefined> {
    return (await this.#provider(options)).findLabel(name, version, options)
  }

  /** Of all names, or of one. The unversioned label, which is where a name points, is among them. */
  listLabels(name?: string, options?: CallOptions): AsyncIterable<Label> {
    const fetchPage = async (page: PageOptions): Promise<Page<Label>> => (await this.#provider(page)).listLabels(name, page)
    return { [Symbol.asyncIterator]: () => allItems(fetchPage, options) }
  }

  /** @throws {ShardexError} `label.not_found`; `name.invalid` for the empty version, which {@link deleteName} ends */
  async deleteLabel(name: string, version: string, options?: CallOptions): Promise<void> {
    assertLabelVersion(version)
    return (await this.#provider(options)).deleteLabel(name, version, options)
  }

  /**
   * Publish a definition and get its reference. The same definition again is a no-op.
   * @throws {ShardexError} `schema.conflict` if another definition has that version; `ref.invalid` for a version that is not semver
   */
  async publishSchema(type: SampleType, options?: PublishOptions): Promise<string> {
    return publishSchema(await this.#provider(options), type, options)
  }

  /** @throws {ShardexError} `ref.invalid` */
  async getSchema(ref: string, options?: CallOptions): Promise<PublishedSchema | undefined> {
    return getSchema(await this.#provider(options), ref, options)
  }

  /** A sample type that packs and unpacks the same bytes. @throws {ShardexError} `schema.not_found`; `ref.invalid` */
  async decodeSchema(ref: string, options?: CallOptions): Promise<SampleType> {
    return decodeSchema(await this.#provider(options), ref, options)
  }

  /** By type name, then by version. What cannot be read as a record is left out; {@link getSchema} says why. */
  listSchemas(options?: CallOptions): AsyncIterable<PublishedSchema> {
    const fetchPage = async (page: PageOptions): Promise<Page<PublishedSchema>> => listSchemas(await this.#provider(page), page)
    return { [Symbol.asyncIterator]: () => allItems(fetchPage, options) }
  }

  /** The highest version of a type that is semver. @param typeName with or without module */
  async latestSchemaVersion(typeName: string, options?: CallOptions): Promise<string | undefined> {
    const bareName = typeName.slice(typeName.lastIndexOf('.') + 1)
    return (await (await this.#provider(options)).schemaState(bareName, '', options)).latest
  }

  /**
   * Store a lens that says what it does, and the schemas of its types. The same lens again is a no-op.
   * @returns its reference, `atdata://local/lens/{name}@{version}`
   * @throws {ShardexError} `lens.invalid` for a lens by functions: code is never stored; `lens.conflict` if another lens has that version; `ref.invalid`
   */
  async storeLens<S extends Fields, V extends Fields>(lens: Lens<S, V>, options: StoreLensOptions): Promise<string> {
    return storeLens(await this.#provider(options), lens as unknown as Lens, options)
  }

  /** The record of a lens, of one that is code as well; `undefined` if there is none. @throws {ShardexError} `ref.invalid`; `index.corrupt` */
  async getLens(ref: string, options?: CallOptions): Promise<PublishedLens | undefined> {
    return getLens(await this.#provider(options), ref, options)
  }

  /** A lens that works; one of atdata with a putter of its own has no `put`. @throws {ShardexError} `lens.not_found`; `lens.invalid` for one that is code, or fits its types no more; `schema.not_found` */
  async loadLens(ref: string, options?: LoadLensOptions): Promise<Lens> {
    return loadLens(await this.#provider(options), ref, options)
  }

  /** By name, then by version. What cannot be read as a record is left out; {@link getLens} says why. */
  listLenses(options?: CallOptions): AsyncIterable<PublishedLens> {
    const fetchPage = async (page: PageOptions): Promise<Page<PublishedLens>> => listLenses(await this.#provider(page), page)
    return { [Symbol.asyncIterator]: () => allItems(fetchPage, options) }
  }

  /** Those from one type, or between two, by their names without module. Looks through all lenses. */
  async *findLenses(sourceSchema: string, viewSchema?: string, options?: CallOptions): AsyncGenerator<PublishedLens, void, void> {
    for await (const lens of this.listLenses(options))
      if (lens.sourceSchema === sourceSchema && lens.viewSchema === (viewSchema ?? lens.viewSchema)) yield lens
  }

  /**
   * Index what atdata wrote without our seeing it. SQLite sees everything by itself; in Redis, entries and versions that atdata adds later are
   * found by CID, by reference and by unversioned label at once, and are in lists after this.
   * @returns how many entries, labels, schemas and lenses were new
   */
  async adopt(options?: CallOptions): Promise<number> {
    return (await this.#provider(options)).adopt(options)
  }

  /** A random UUID that this registry has had since it was made: it tells its objects from those of other registries. */
  async registryId(options?: CallOptions): Promise<string> {
    return (await this.#provider(options)).registryId(options)
  }

  /** Facts for `shardex doctor`. */
  async diagnose(options?: CallOptions): Promise<Diagnosis> {
    return (await this.#provider(options)).diagnose(options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    const opened = await this.#opened?.catch(() => undefined)
    this.#opened = undefined
    await opened?.close()
  }

  async *#allEntries(options: CallOptions | undefined): AsyncGenerator<Entry, void, void> {
    const provider = await this.#provider(options)
    for await (const stored of allItems((page) => provider.listEntries(page), options)) yield toEntry(stored)
  }

  async #provider(options: CallOptions | undefined): Promise<IndexProvider> {
    if (this.#closed) throw new TypeError('this index was disposed of')
    options?.signal?.throwIfAborted()
    this.#opened ??= openProvider(this.#location).catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return (await abortable(this.#opened, options?.signal)).provider
  }
}
