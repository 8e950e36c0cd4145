import { readdir } from 'node:fs/promises'
import { isShardexError } from '@shardex/errors'
import { type TempDir, tempDir } from '../../../test/services/index.ts'
import type { CacheOptions } from '../src/cache/cache-options.ts'
import { withCache } from '../src/cache/with-cache.ts'
import type { ObjectStore } from '../src/object-store.ts'
import { bytesFrom } from '../src/testing/bytes.ts'
import { filePlace } from './places.ts'

export const MIB: number = 2 ** 20
/** For what goes on in the background, on a busy machine. */
export const PATIENCE: { timeout: number } = { timeout: 20_000 }

/** A cache before local files. */
export interface Behind extends AsyncDisposable {
  readonly store: ObjectStore
  /** The store behind the cache. */
  readonly origin: ObjectStore
  readonly dir: TempDir
  readonly problems: string[]
  /** Keys and ranges that the store behind was asked for. */
  readonly asked: string[]
  files(): Promise<string[]>
  /** The same, as another process has it. */
  again(): ObjectStore
}

export async function behind(options: Partial<CacheOptions> = {}): Promise<Behind> {
  await using undo = new AsyncDisposableStack()
  const dir = undo.use(await tempDir('cache'))
  const { store: origin } = undo.use(await filePlace())
  const [problems, asked]: string[][] = [[], []]
  const watched: ObjectStore = {
    ...origin,
    get(key, rest = {}) {
      asked!.push(rest.range === undefined ? key : `${key} ${rest.range.start}-${rest.range.end ?? ''}`)
      return origin.get(key, rest)
    },
  }
  const onProblem = (error: unknown): void => void problems!.push(isShardexError(error) ? error.code : String(error))
  const again = () => withCache(watched, { dir: dir.file('cache'), maxBytes: 2 ** 30, onProblem, ...options })
  const store = undo.use(again())
  const owned = undo.move()
  return {
    store,
    origin,
    dir,
    problems: problems!,
    asked: asked!,
    files: async () => (await readdir(dir.file('cache')).catch(() => [])).sort(),
    again,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

export async function read(
  store: ObjectStore,
  key: string,
  sha256: string,
  start = 0,
  end?: number,
): Promise<Uint8Array | undefined> {
  return bytesFrom(await store.get(key, { sha256, ...((start > 0 || end !== undefined) && { range: { start, end } }) }))
}

/** The store, of whose objects nothing follows the first chunk until it may. */
export function held(store: ObjectStore, until: Promise<void>): ObjectStore {
  const hold = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      yield chunk
      await until
    }
  }
  return {
    ...store,
    async get(key, options) {
      const body = await store.get(key, options)
      return body && { ...body, chunks: hold(body.chunks) }
    },
  }
}
