import type { LensShelf, StoredLens } from '../lens-shelf.ts'
import { cutPage, type Page, type PageOptions, pageLimit } from '../paging.ts'
import type { CallOptions } from '../provider.ts'
import type { RedisConnection } from './connection.ts'
import type { Keys } from './keys.ts'
import { toArray, toNumber, toText } from './replies.ts'

/** Each method is one round trip. */
export class RedisLenses implements LensShelf {
  readonly #redis: RedisConnection
  readonly #keys: Keys

  constructor(redis: RedisConnection, keys: Keys) {
    this.#redis = redis
    this.#keys = keys
  }

  async put({ name, version, text }: StoredLens, options?: CallOptions): Promise<boolean> {
    return toNumber(await this.#redis.write('put-lens', [name, version, text], options)) === 1
  }

  async find(name: string, version: string, options?: CallOptions): Promise<string | undefined> {
    const text = await this.#redis.call(['GET', `${this.#keys.lens}${name}@${version}`], options)
    return text === null ? undefined : toText(text)
  }

  async versions(name: string, options?: CallOptions): Promise<readonly string[]> {
    return toArray(await this.#redis.read('lens-versions', [name], options)).map(toText)
  }

  async list(options?: PageOptions): Promise<Page<StoredLens>> {
    const limit = pageLimit(options)
    const min = options?.cursor === undefined ? '-' : `(${options.cursor}`
    const rows = toArray(await this.#redis.read('list-lenses', [min, limit + 1], options)).map((row) => {
      const [name, version, text = null] = toArray(row)
      return { name: toText(name), version: toText(version), text: text === null ? undefined : toText(text) }
    })
    const page = cutPage(rows, limit, (last) => `${last.name}\0${last.version}`)
    // One that somebody deleted behind our back leaves its place in the list empty.
    return { ...page, items: page.items.flatMap(({ text, ...lens }) => (text === undefined ? [] : [{ ...lens, text }])) }
  }

  /** Of lenses that atdata wrote. @param names `name@version` @returns how many were new */
  async adopt(names: readonly string[], options?: CallOptions): Promise<number> {
    return toNumber(await this.#redis.write('adopt-lenses', names, options))
  }
}
