import { isShardexError, ShardexError } from '@shardex/errors'
import { contentCidOf, Dataset, type DatasetOptions, type Keyed } from '@shardex/repo'
import { type Fields, type InferFields, type SampleType, sampleTypeFromRecord, schemaDigest } from '@shardex/schema'
import { type CacheOptions, readS3Credentials, type S3Credentials, type Storage } from '@shardex/storage'
import { type Fetch, guardedFetch } from '../identity/guarded-fetch.ts'
import { parseRecordUri, parseReference, type RecordUri } from '../identity/parse-reference.ts'
import { type Account, type Identity, type IdentityOptions, openIdentity } from '../identity/resolve-account.ts'
import { NSID, OLD_NSID } from '../nsid.ts'
import type { FetchedRecord } from './decode-record.ts'
import { openEntryStorage } from './entry-storage.ts'
import { fetchRecord, fetchRecords } from './fetch-records.ts'
import { findByName } from './find-by-name.ts'
import { invalidRecord } from './invalid-record.ts'
import { itemsOf, type Listed, listCollections, type PageOptions, readPage } from './list.ts'
import { type AtmosphereEntry, readEntry } from './read-entry.ts'
import { type AtmosphereSchema, readSchema } from './read-schema.ts'

export interface AtmosphereOptions extends IdentityOptions {
  /**
   * Yours, for entries in buckets that are not public: a path to a `.env` file, or an object. They are used for the endpoint that they name and no other.
   * Default: none; buckets are read as everybody reads them.
   */
  readonly s3?: S3Credentials | string | undefined
  /**
   * Where shards are kept that were read, for those whose records describe them. Default: none; blobs that are read at random are kept in a temporary folder
   * as long as this index is not disposed of, since a PDS gives them only whole.
   */
  readonly cache?: CacheOptions | undefined
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

export interface OpenOptions extends CallOptions {
  /** Default `sha256`: no sample leaves before its bytes are held against the digests in the record. */
  readonly verify?: DatasetOptions['verify']
  readonly onCorrupt?: DatasetOptions['onCorrupt']
  readonly onDamage?: DatasetOptions['onDamage']
}

/**
 * Datasets that accounts of the AT Protocol have published, as an index that is only read. Needs no session. Whatever a PDS says is taken for what it is, the word
 * of a stranger: records are held against their CIDs and lexicons, addresses are public ones unless `allowPrivate` is set, samples are held against digests.
 *
 * ```ts
 * await using atmosphere = new AtmosphereIndex()
 * const dataset = await atmosphere.open('at://did:plc:…/science.alt.dataset.entry/…')
 * for await (const sample of dataset) console.log(sample.__key__)
 * ```
 */
export class AtmosphereIndex implements AsyncDisposable {
  readonly #identity: Identity
  readonly #fetch: Fetch
  readonly #options: AtmosphereOptions
  readonly #s3: S3Credentials | undefined
  readonly #opened: AsyncDisposableStack = new AsyncDisposableStack()

  /** @throws {ShardexError} `credentials.missing` for an `s3` that cannot be read */
  constructor(options: AtmosphereOptions = {}) {
    this.#options = options
    this.#identity = openIdentity(options)
    this.#fetch = guardedFetch(options)
    this.#s3 = options.s3 === undefined ? undefined : readS3Credentials(options.s3)
  }

  /**
   * @param account a handle or a DID
   * @throws {ShardexError} `account.not_found`; `ref.invalid`; `atmosphere.unavailable`
   */
  async resolve(account: string, options?: CallOptions): Promise<Account> {
    this.#assertOpen()
    return this.#identity.resolve(account, options)
  }

  /**
   * By the `at://` URI of its record, or by `handle/name` or `handle/name@version` (also `did:…/name`). A name is where the newest label of the account points.
   * @returns `undefined` if the account has no such record or name
   * @throws {ShardexError} `account.not_found`; `ref.invalid`; `record.invalid`; `atmosphere.unavailable`; `url.invalid`
   */
  async getEntry(reference: string, options?: CallOptions): Promise<AtmosphereEntry | undefined> {
    this.#assertOpen()
    const parsed = parseReference(reference)
    if ('rkey' in parsed) return this.#entryOf(parsed, options)
    const account = await this.#identity.resolve(parsed.authority, options)
    const uri = await findByName(this.#fetch, account, parsed, options)
    return uri === undefined ? undefined : this.#entryOf(parseRecordUri(uri), options)
  }

  /** All entries of an account that can be read, in the order of its PDS, fetched a page at a time. {@link listEntries} also tells of those that cannot. @throws {ShardexError} as that does, and after 1000 pages in a row of which nothing can be read */
  entries(account: string, options?: CallOptions): AsyncIterable<AtmosphereEntry> {
    return { [Symbol.asyncIterator]: () => itemsOf(account, (page) => this.listEntries(account, page), options) }
  }

  /** A page of the entries of an account, of both generations. @throws {ShardexError} as {@link getEntry}, and `usage.invalid` for a wrong cursor */
  async listEntries(account: string, options?: PageOptions): Promise<Listed<AtmosphereEntry>> {
    const home = await this.resolve(account, options)
    return listCollections([NSID.entry, OLD_NSID.entry], options, async (collection, page) =>
      // A content CID that nobody has held against the schema is worth nothing: see getEntry.
      readPage(await fetchRecords(this.#fetch, home, collection, page), (record) => ({
        ...readEntry(record, home),
        contentCid: undefined,
      })),
    )
  }

  /** All schemas of an account that can be read. @throws {ShardexError} as {@link entries} */
  schemas(account: string, options?: CallOptions): AsyncIterable<AtmosphereSchema> {
    return { [Symbol.asyncIterator]: () => itemsOf(account, (page) => this.listSchemas(account, page), options) }
  }

  /** A page of the schemas of an account, of all generations. @throws {ShardexError} as {@link listEntries} */
  async listSchemas(account: string, options?: PageOptions): Promise<Listed<AtmosphereSchema>> {
    const home = await this.resolve(account, options)
    return listCollections([NSID.schema, OLD_NSID.schema, OLD_NSID.sampleSchema], options, async (collection, page) =>
      readPage(await fetchRecords(this.#fetch, home, collection, page), readSchema),
    )
  }

  /** @throws {ShardexError} as {@link getEntry} */
  async getSchema(uri: string, options?: CallOptions): Promise<AtmosphereSchema | undefined> {
    const found = await this.#fetchRecord(parseRecordUri(uri), options)
    return found && readSchema(found.fetched)
  }

  /** A sample type that unpacks the samples. @throws {ShardexError} `schema.not_found`, and those of {@link getSchema} */
  async decodeSchema(uri: string, options?: CallOptions): Promise<SampleType> {
    const schema = await this.getSchema(uri, options)
    if (schema !== undefined) return sampleTypeFromRecord(schema)
    const message = `there is no schema ${uri}; whoever published the entry may have deleted it. Give the type that you know: open(…, { type }).`
    throw new ShardexError('schema.not_found', { ref: uri }, { message })
  }

  /**
   * The dataset that an entry stands for, with the sample type that its schema describes, or with yours. It is read as long as this index is not disposed of.
   * @throws {ShardexError} `entry.not_found`, and those of {@link getEntry} and {@link decodeSchema}
   */
  async open(reference: string | AtmosphereEntry, options?: OpenOptions): Promise<Dataset<Keyed<Record<string, unknown>>>>
  async open<F extends Fields>(
    reference: string | AtmosphereEntry,
    options: OpenOptions & { readonly type: SampleType<F> },
  ): Promise<Dataset<Keyed<InferFields<F>>>>
  async open(
    reference: string | AtmosphereEntry,
    { type, signal, verify = 'sha256', onCorrupt, onDamage }: OpenOptions & { readonly type?: SampleType | undefined } = {},
  ): Promise<Dataset<object>> {
    const entry = typeof reference === 'string' ? await this.getEntry(reference, { signal }) : reference
    if (entry === undefined) throw entryNotFound(String(reference))
    const storage = this.storageOf(entry)
    return Dataset.from(type ?? (await this.decodeSchema(entry.schemaRef, { signal })), entry, {
      storage,
      verify,
      onCorrupt,
      onDamage,
    })
  }

  /** Where the shards of an entry are read from, for whoever does more with them than open them. It is disposed of with this index. */
  storageOf(entry: AtmosphereEntry): Storage {
    this.#assertOpen()
    return this.#opened.use(
      openEntryStorage(entry, { s3: this.#s3, cache: this.#options.cache, allowPrivate: this.#options.allowPrivate }),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync()
  }

  async #entryOf(uri: RecordUri, options: CallOptions | undefined): Promise<AtmosphereEntry | undefined> {
    const found = await this.#fetchRecord(uri, options)
    return found && this.#withProvedContent(readEntry(found.fetched, found.account), options)
  }

  async #fetchRecord(
    uri: RecordUri,
    options: CallOptions | undefined,
  ): Promise<{ fetched: FetchedRecord; account: Account } | undefined> {
    const account = await this.resolve(uri.authority, options)
    const fetched = await fetchRecord(this.#fetch, account, uri, options)
    return fetched && { fetched, account }
  }

  /** The content CID is what its schema and its shards say, or nothing is known of it. */
  async #withProvedContent(entry: AtmosphereEntry, options: CallOptions | undefined): Promise<AtmosphereEntry> {
    const { shards, contentCid, schemaRef, uri } = entry
    if (shards === undefined || contentCid === undefined) return entry
    const schema = await this.getSchema(schemaRef, options).catch((error: unknown) => {
      if (isShardexError(error, 'record.invalid', 'account.not_found', 'ref.invalid')) return undefined
      throw error
    })
    // Only our own schemas say all that a content CID covers.
    if (schema?.shardex === undefined) return { ...entry, contentCid: undefined }
    const found = contentCidOf(schemaDigest(sampleTypeFromRecord(schema)), shards)
    if (found === contentCid) return entry
    throw invalidRecord(uri, `the content CID ${contentCid}`, `that of its schema and its shards, ${found}`)
  }

  #assertOpen(): void {
    if (this.#opened.disposed) throw new TypeError('this index was disposed of; make a new one')
  }
}

function entryNotFound(reference: string): ShardexError {
  const message = `there is no dataset ${reference}. \`listEntries\` of its account lists those that are there.`
  return new ShardexError('entry.not_found', { cid: reference }, { message })
}
