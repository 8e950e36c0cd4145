import { ShardexError } from '@shardex/errors'
import { INDEX_SUFFIX } from '@shardex/repo'
import {
  type CacheOptions,
  type Located,
  type ObjectStore,
  openStorage,
  parseUrl,
  type S3Credentials,
  type Storage,
} from '@shardex/storage'
import { guardedFetch, type Reach } from '../identity/guarded-fetch.ts'
import { blobFetch, openBlobCache } from './blobs.ts'
import { nothingStore } from './nothing-store.ts'
import type { AtmosphereEntry } from './read-entry.ts'

export interface EntryStorageOptions extends Reach {
  /** Yours, for buckets that are not public. They are shown to the endpoint that they name, and to no other that a record names. */
  readonly s3?: S3Credentials | undefined
  /** Where shards are kept that were read. Default: none; blobs that are read at random are kept in a temporary folder as long as the storage. */
  readonly cache?: CacheOptions | undefined
}

/**
 * Opens what an entry of a stranger points to: public addresses (see {@link guardedFetch}), and never a file of this machine. Buckets are read as everybody
 * reads them, over https, or with your credentials where those are for that endpoint.
 */
export function openEntryStorage(entry: AtmosphereEntry, { s3, cache, allowPrivate }: EntryStorageOptions): Storage {
  // Bytes may come over http: they are held against their digests. Records may not.
  const { shards, indexes } = entry.storage
  const blobs = indexes === undefined ? undefined : openBlobCache(cache)
  const storage = openStorage({ s3, cache: blobs?.options ?? cache, fetch: blobFetch(guardedFetch({ allowPrivate }, 'http')) })
  const sizes = new Map([...shards, ...(indexes ?? [])].map(({ url, sizeBytes }) => [url, sizeBytes]))
  const besideBlobs = new Map(indexes?.map(({ url }, i) => [`${shards[i]?.url}${INDEX_SUFFIX}`, url]))
  // An offset index that the record does not describe proves nothing, whoever has put it there.
  const hasIndexes = entry.shards !== undefined

  async function locate(asked: string): Promise<Located> {
    if (!hasIndexes && asked.endsWith(INDEX_SUFFIX)) return { store: nothingStore(asked), key: 'index' }
    const url = besideBlobs.get(asked) ?? asked
    const { store, key } = await storage.locate(addressOf(url, entry.storage, s3))
    const sizeBytes = sizes.get(url)
    return { store: sizeBytes === undefined ? store : withSize(store, sizeBytes), key }
  }

  return {
    locate,
    async [Symbol.asyncDispose]() {
      await storage[Symbol.asyncDispose]()
      await blobs?.[Symbol.asyncDispose]()
    },
  }
}

/** The URL by which this machine reads it. @throws {ShardexError} `url.invalid` */
function addressOf(
  url: string,
  { kind, region = 'us-east-1' }: AtmosphereEntry['storage'],
  s3: S3Credentials | undefined,
): string {
  const parsed = parseUrl(url)
  if (parsed.scheme === 'file') throw local(url)
  if (parsed.scheme === 's3') {
    if (s3 !== undefined && s3.AWS_ENDPOINT === undefined) return url
    return `https://s3.${region}.amazonaws.com/${parsed.bucket}/${parsed.key.split('/').map(encodeURIComponent).join('/')}`
  }
  const ours = s3?.AWS_ENDPOINT === undefined ? undefined : new URL('./', s3.AWS_ENDPOINT.replace(/\/*$/, '/')).href
  if (kind !== 's3' || ours === undefined || !parsed.url.href.startsWith(ours)) return url
  return `s3://${decodeURIComponent(parsed.url.href.slice(ours.length))}`
}

/** The object is the one that was published, or none: nobody can send more than was said. */
function withSize(store: ObjectStore, wanted: number): ObjectStore {
  return {
    ...store,
    async get(key, options) {
      const body = await store.get(key, options)
      if (body === undefined || body.sizeBytes === wanted) return body
      await body.chunks[Symbol.asyncIterator]().return?.()
      const [url, found] = [store.urlOf(key), `${body.sizeBytes} bytes`]
      const message = `${url} has ${found}; its record says ${wanted}. It was damaged or replaced: ask the account that published it.`
      throw new ShardexError('storage.corrupt', { url, found, wanted: `${wanted} bytes` }, { message })
    },
  }
}

function local(url: string): ShardexError {
  const [found, wanted] = ['a path of this machine', 'https:, http: or s3:']
  return new ShardexError(
    'url.invalid',
    { url, found, wanted },
    { message: `${url} is ${found}, which a record of somebody cannot point to; wanted ${wanted}` },
  )
}
