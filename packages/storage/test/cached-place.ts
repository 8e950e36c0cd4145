import { createHash } from 'node:crypto'
import { tempDir } from '../../../test/services/index.ts'
import type { CacheOptions } from '../src/cache/cache-options.ts'
import { withCache } from '../src/cache/with-cache.ts'
import type { ObjectStore } from '../src/object-store.ts'
import type { StoreUnderTest } from '../src/testing/store-under-test.ts'

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * A place with a cache before it, whose reader knows the digest of everything that was put there, as a reader of the registry does.
 * @param isWarm everything is read once before it is read
 */
export async function cachedPlace(
  open: () => Promise<StoreUnderTest>,
  { isWarm, ...options }: Partial<CacheOptions> & { isWarm: boolean },
): Promise<StoreUnderTest> {
  await using undo = new AsyncDisposableStack()
  const dir = undo.use(await tempDir('cache'))
  const place = undo.use(await open())
  const digests = new Map<string, string>()
  const store = withCache(place.store, { dir: dir.path, maxBytes: 2 ** 28, onProblem: fail, ...options })
  const owned = undo.move()
  const { plant } = place
  return {
    store: knowing(store, digests, isWarm),
    leftovers: place.leftovers,
    ...(plant !== undefined && {
      plant: (key: string, bytes: Uint8Array) => {
        digests.set(key, sha256Of(bytes))
        return plant(key, bytes)
      },
    }),
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      await owned.disposeAsync()
    },
  }
}

function knowing(store: ObjectStore, digests: Map<string, string>, isWarm: boolean): ObjectStore {
  const warmed = new Set<string>()
  return {
    ...store,
    async get(key, options = {}) {
      const sha256 = digests.get(key)
      if (isWarm && sha256 !== undefined && !warmed.has(sha256)) {
        for await (const _ of (await store.get(key, { sha256 }))?.chunks ?? []);
        warmed.add(sha256)
      }
      return store.get(key, { ...options, sha256 })
    },
    async put(key, body, options) {
      const hash = createHash('sha256')
      const head = await store.put(key, body instanceof Uint8Array ? whole(body, hash) : passing(body, hash), options)
      digests.set(key, hash.digest('hex'))
      return head
    },
    async copy(from, to, options) {
      const head = await store.copy(from, to, options)
      digests.set(to, digests.get(from) ?? '')
      return head
    },
    async delete(key, options) {
      await store.delete(key, options)
      digests.delete(key)
    },
  }
}

function whole(body: Uint8Array, hash: { update(bytes: Uint8Array): unknown }): Uint8Array {
  hash.update(body)
  return body
}

async function* passing(
  body: AsyncIterable<Uint8Array>,
  hash: { update(bytes: Uint8Array): unknown },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    hash.update(chunk)
    yield chunk
  }
}

function fail(problem: unknown): never {
  throw problem
}
