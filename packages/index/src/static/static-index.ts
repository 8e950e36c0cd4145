import type { SampleType } from '@shardex/schema'
import { type ObjectStore, openFileStore, openHttpStore, openS3Store, parseUrl } from '@shardex/storage'
import type { Entry } from '../entry.ts'
import type { CallOptions } from '../provider.ts'
import { decodeSchema, getSchema, type PublishedSchema } from '../read-schema.ts'
import { corrupt } from '../refusals.ts'
import { decodeEntry } from './entry-record.ts'
import {
  cidKey,
  decodePointer,
  MAX_POINTER_BYTES,
  MAX_RECORD_BYTES,
  MAX_SCHEMA_BYTES,
  NAMES_KEY,
  nameKey,
  recordKey,
  schemaKey,
} from './layout.ts'
import { isPublicUrl, isWebAddress } from './public-url.ts'
import { readAtMost, readNames } from './read-file.ts'

/**
 * An index that `shardex export-index` wrote, to be read from any web server, bucket or directory, in a browser as in Node. What it says may come from
 * anybody: sizes are limited, records are held against their CIDs, shards lie on the web or below the index, and mirrors on the web. Any method may throw `index.corrupt`
 * and the `storage.*` codes.
 *
 * ```ts
 * const index = new StaticIndex('https://data.example.org/index/')
 * const entry = await index.getEntryByName('photos')
 * ```
 */
export class StaticIndex implements AsyncDisposable {
  readonly #root: string | ObjectStore
  #opened: Promise<ObjectStore> | undefined

  /** @param root a URL, in a browser also relative to the page; or a store, which is not disposed of with the index */
  constructor(root: string | ObjectStore) {
    this.#root = root
  }

  /** By `name`, or by `name@version` for what that label marks. */
  async getEntryByName(name: string, options: CallOptions = {}): Promise<Entry | undefined> {
    return this.#follow(nameKey(name), name, options)
  }

  async getEntry(cid: string, options: CallOptions = {}): Promise<Entry | undefined> {
    return this.#follow(cidKey(cid), undefined, options)
  }

  /** Names that exist. */
  async listNames(options: CallOptions = {}): Promise<readonly string[]> {
    return readNames(await this.#store(), NAMES_KEY, options)
  }

  /** What the names point to, in their order. */
  get entries(): AsyncIterable<Entry> {
    return { [Symbol.asyncIterator]: () => this.#allEntries() }
  }

  /** For an index that fits into memory. */
  async allEntries(options?: CallOptions): Promise<Entry[]> {
    const entries: Entry[] = []
    for await (const entry of this.#allEntries(options)) entries.push(entry)
    return entries
  }

  /** @throws {ShardexError} `ref.invalid` */
  async getSchema(ref: string, options?: CallOptions): Promise<PublishedSchema | undefined> {
    return getSchema(this, ref, options)
  }

  /** A sample type that packs and unpacks the same bytes. @throws {ShardexError} `schema.not_found`; `ref.invalid` */
  async decodeSchema(ref: string, options?: CallOptions): Promise<SampleType> {
    return decodeSchema(this, ref, options)
  }

  /** The text of a schema record. */
  async findSchema(typeName: string, version: string, _name: string, options: CallOptions = {}): Promise<string | undefined> {
    const bytes = await this.#read(schemaKey(typeName, version), MAX_SCHEMA_BYTES, options)
    return bytes && new TextDecoder().decode(bytes)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (typeof this.#root !== 'string') return
    await (await this.#opened?.catch(() => undefined))?.[Symbol.asyncDispose]()
  }

  async *#allEntries(options?: CallOptions): AsyncGenerator<Entry, void, void> {
    for (const name of await this.listNames(options)) {
      const entry = await this.getEntryByName(name, options)
      if (entry !== undefined) yield entry
    }
  }

  async #follow(key: string, name: string | undefined, options: CallOptions): Promise<Entry | undefined> {
    const found = await this.#read(key, MAX_POINTER_BYTES, options)
    if (found === undefined) return undefined
    const store = await this.#store()
    const where = store.urlOf(key)
    const pointer = decodePointer(found, where)
    const bytes = await this.#read(recordKey(pointer.record), MAX_RECORD_BYTES, options)
    if (bytes === undefined) throw corrupt(where, `a pointer to ${pointer.record}, which is not there`, 'a whole index')
    return decodeEntry(bytes, pointer, name, (url) => {
      if (!isPublicUrl(url))
        throw corrupt(`the record ${pointer.record}`, `the URL ${url}`, 'addresses on the web, or keys below the index')
      return isWebAddress(url) ? url : store.urlOf(url)
    })
  }

  async #read(key: string, maxBytes: number, options: CallOptions): Promise<Uint8Array | undefined> {
    return readAtMost(await this.#store(), key, maxBytes, options)
  }

  async #store(): Promise<ObjectStore> {
    if (typeof this.#root !== 'string') return this.#root
    this.#opened ??= openRoot(this.#root)
    return this.#opened
  }
}

async function openRoot(root: string): Promise<ObjectStore> {
  const parsed = parseUrl(root)
  switch (parsed.scheme) {
    case 'file':
      return openFileStore(parsed.path)
    case 's3':
      return openS3Store({ bucket: parsed.bucket, prefix: parsed.key.replace(/\/$/, '') })
    default:
      // A pointer may have moved since a cache on the way has kept it.
      return openHttpStore(root, { fetch: (input, init) => fetch(input, { ...init, cache: 'no-cache' }) })
  }
}
