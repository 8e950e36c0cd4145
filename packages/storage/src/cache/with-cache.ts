import { lifetimeOf } from '../lifetime.ts'
import type { ObjectStore } from '../object-store.ts'
import type { CacheOptions, SharedCache } from './cache-options.ts'
import { isDigest } from './directory.ts'
import { ObjectCache } from './object-cache.ts'

/**
 * The same store, with a cache on this machine's disk. What is read with its `sha256` is found there by it, whatever its name is and wherever it came from, and
 * is proved before it is kept; everything else goes to the store as ever. The store belongs to the cache from now on.
 *
 * ```ts
 * await using store = withCache(await openS3Store({ bucket }), { dir: '/var/cache/shardex', maxBytes: 200e9 })
 * ```
 * @throws {TypeError} for a size that is none
 */
export function withCache(store: ObjectStore, options: CacheOptions): ObjectStore {
  const cache = openCache(options)
  const cached = cache.before(store)
  return {
    ...cached,
    async [Symbol.asyncDispose]() {
      await cache[Symbol.asyncDispose]()
      await cached[Symbol.asyncDispose]()
    },
  }
}

/** For several stores. Disposing of it ends what is on its way; the stores are disposed of one by one. */
export function openCache(options: CacheOptions): SharedCache {
  const cache = new ObjectCache(options)
  return {
    before: (store) => cachedStore(store, cache),
    [Symbol.asyncDispose]: () => cache[Symbol.asyncDispose](),
  }
}

function cachedStore(store: ObjectStore, cache: ObjectCache): ObjectStore {
  const lifetime = lifetimeOf(store.rootUrl)
  return {
    rootUrl: store.rootUrl,
    supports: store.supports,
    urlOf: (key) => store.urlOf(key),
    head: (key, options) => store.head(key, options),
    async get(key, options = {}) {
      lifetime.assertOpen()
      options.signal?.throwIfAborted()
      const { sha256 } = options
      if (sha256 === undefined || !isDigest(sha256)) return store.get(key, options)
      return cache.get({ store, key, sha256 }, options)
    },
    put: (key, body, options) => store.put(key, body, options),
    list: (prefix, options) => store.list(prefix, options),
    copy: (from, to, options) => store.copy(from, to, options),
    delete: (key, options) => store.delete(key, options),
    sweep: (prefix, options) => store.sweep(prefix, options),
    async [Symbol.asyncDispose]() {
      lifetime.end()
      await store[Symbol.asyncDispose]()
    },
  }
}
