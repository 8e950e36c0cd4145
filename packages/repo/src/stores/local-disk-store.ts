import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { type CacheOptions, type ObjectStore, openFileStore, openStorage, type Storage } from '@shardex/storage'
import { type DataStore, type Writable, type WriteShardsOptions, writeUrls } from './data-store.ts'

/** Shards in a directory. Their URLs are absolute paths, as atdata writes and reads them. */
export class LocalDiskStore implements DataStore {
  readonly storage: Storage
  readonly root: string
  #store: Promise<ObjectStore> | undefined
  #ended = false

  /**
   * @param options `root`: made if it is missing; default `data` in `SHARDEX_HOME`, which is `~/.shardex` by default. `cache`: for shards of others that lie
   * elsewhere, as that of {@link openStorage}
   */
  constructor({ root, cache }: { readonly root?: string | undefined; readonly cache?: CacheOptions | undefined } = {}) {
    this.storage = openStorage({ cache })
    this.root = resolve(root ?? join(process.env['SHARDEX_HOME'] ?? join(homedir(), '.shardex'), 'data'))
  }

  async objects(): Promise<ObjectStore> {
    if (this.#ended) throw new TypeError('the store was disposed of; make a new one')
    this.#store ??= openFileStore(this.root)
    return this.#store
  }

  async writeShards(dataset: Writable, options: WriteShardsOptions): Promise<string[]> {
    return writeUrls(await this.objects(), dataset, options)
  }

  readUrl(url: string): string {
    return url
  }

  supportsStreaming(): boolean {
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true
    await (await this.#store)?.[Symbol.asyncDispose]()
    await this.storage[Symbol.asyncDispose]()
  }
}
