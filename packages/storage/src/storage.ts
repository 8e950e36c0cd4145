import { ShardexError } from '@shardex/errors'
import { localFiles, openCache, openS3Store } from '#platform'
import type { RetryOptions } from './backoff.ts'
import type { CacheOptions } from './cache/cache-options.ts'
import { openHttpStore } from './http/open.ts'
import type { ObjectStore } from './object-store.ts'
import type { S3Credentials } from './s3/credentials.ts'
import { type ParsedUrl, parseUrl } from './url.ts'

export interface StorageOptions {
  /** As `credentials` of {@link openS3Store}. */
  readonly s3?: S3Credentials | string | undefined
  /** Local paths outside this directory are refused. Default: any path. */
  readonly fileRoot?: string | undefined
  readonly retry?: RetryOptions | undefined
  /** Keeps on this machine's disk what is read of buckets and web servers by its digest, as `withCache` does; local files are read where they are. */
  readonly cache?: CacheOptions | undefined
  /** As that of {@link openHttpStore}. */
  readonly fetch?: typeof globalThis.fetch | undefined
}

/** One object, and the store to ask for it. */
export interface Located {
  readonly store: ObjectStore
  readonly key: string
}

/** All places that URLs can point to. */
export interface Storage extends AsyncDisposable {
  /**
   * The store and key of a URL. Stores are opened when first needed, shared by all URLs of one bucket, of one directory of a web
   * server or of the local disk, and disposed of with this object.
   * @throws {ShardexError} `url.invalid`, `key.invalid`, `path.outside_root`, `credentials.missing`
   */
  locate(url: string): Promise<Located>
}

/** Reads and writes whatever URL it is given. Nothing is connected to before the first `locate`. */
export function openStorage({ s3, fileRoot, retry, cache: cacheOptions, fetch }: StorageOptions = {}): Storage {
  const stores = new Map<string, Promise<ObjectStore>>()
  const files = localFiles(fileRoot)
  const cache = cacheOptions && openCache(cacheOptions)

  function shared(root: string, open: () => Promise<ObjectStore>): Promise<ObjectStore> {
    const known = stores.get(root)
    if (known !== undefined) return known
    const opening = open()
    stores.set(root, opening)
    // A failure is not kept: the next caller may have set the environment right.
    opening.catch(() => stores.delete(root))
    return opening
  }

  async function remote(root: string, open: () => Promise<ObjectStore>): Promise<ObjectStore> {
    return shared(root, cache === undefined ? open : async () => cache.before(await open()))
  }

  async function locate(url: string): Promise<Located> {
    const parsed = parseUrl(url)
    switch (parsed.scheme) {
      case 'file':
        return { store: await shared('file:', files.open), key: files.keyOf(parsed.path) }
      case 's3': {
        const { bucket, key } = parsed
        return { store: await remote(`s3://${bucket}/`, () => openS3Store({ bucket, credentials: s3, retry })), key }
      }
      default: {
        const { root, key } = splitHttpUrl(parsed)
        return { store: await remote(root, () => openHttpStore(root, { retry, fetch })), key }
      }
    }
  }

  return {
    locate,
    async [Symbol.asyncDispose]() {
      await cache?.[Symbol.asyncDispose]()
      const opened = await Promise.allSettled(stores.values())
      stores.clear()
      for (const result of opened) if (result.status === 'fulfilled') await result.value[Symbol.asyncDispose]()
    },
  }
}

/** The directory with its query is the root, kept byte for byte; only the last segment becomes a key. */
function splitHttpUrl({ url }: Extract<ParsedUrl, { scheme: 'http' | 'https' }>): { root: string; key: string } {
  const last = url.pathname.lastIndexOf('/') + 1
  const root = `${url.origin}${url.pathname.slice(0, last)}${url.search}`
  const segment = url.pathname.slice(last)
  const key = decoded(segment)
  if (key !== undefined && !key.includes('/')) return { root, key }
  const found = `the last segment ${segment}`
  throw new ShardexError(
    'url.invalid',
    { url: url.href, found, wanted: 'a file name without an encoded /' },
    { message: `URL ${url.href} ends with ${found}, which is no file name` },
  )
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
