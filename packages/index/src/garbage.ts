import type { GarbageMarks } from './garbage-marks.ts'
import type { GarbageMark } from './ingest.ts'
import { allItems } from './paging.ts'
import type { CallOptions, IndexProvider } from './provider.ts'
import { assertCount, assertUrls } from './usage.ts'

/** How many marks one step may change. */
const BATCH = 1000

/** The marks on objects that nothing needs. A mark that was seen is claimed or taken away only if it is still as it was seen. */
export class Garbage {
  readonly #provider: (options: CallOptions | undefined) => Promise<IndexProvider>

  constructor(provider: (options: CallOptions | undefined) => Promise<IndexProvider>) {
    this.#provider = provider
  }

  /** Mark objects that nothing needs. One that has a mark already keeps it. @returns how many were new @throws {ShardexError} `usage.invalid` */
  async mark(urls: readonly string[], options?: CallOptions): Promise<number> {
    if (urls.length > 0) assertUrls(urls)
    let marked = 0
    for await (const [garbage, batch] of this.#batches(urls, options)) marked += await garbage.mark(batch, options)
    return marked
  }

  /**
   * From the oldest mark, fetched a page at a time.
   * @param olderThanMs only marks that are as they are for so long, by the registry's clock; 0: all, also those of a clock that ran ahead
   * @throws {ShardexError} `usage.invalid`
   */
  list(olderThanMs: number, options?: CallOptions): AsyncIterable<GarbageMark> {
    assertCount('olderThanMs', olderThanMs)
    const fetchPage: Parameters<typeof allItems<GarbageMark>>[0] = async (page) =>
      (await this.#provider(page)).garbage.list(olderThanMs, page)
    return { [Symbol.asyncIterator]: () => allItems(fetchPage, options) }
  }

  /**
   * Decide to delete. Look for needs after listing and before claiming.
   * @returns the marks as they are now, of those that the caller may delete
   */
  async claim(marks: readonly GarbageMark[], options?: CallOptions): Promise<readonly GarbageMark[]> {
    const claimed: GarbageMark[] = []
    for await (const [garbage, batch] of this.#batches(marks, options)) claimed.push(...(await garbage.claim(batch, options)))
    return claimed
  }

  /** Take marks away. @returns how many were still as they were seen */
  async unmark(marks: readonly GarbageMark[], options?: CallOptions): Promise<number> {
    let taken = 0
    for await (const [garbage, batch] of this.#batches(marks, options)) taken += await garbage.unmark(batch, options)
    return taken
  }

  async *#batches<T>(
    items: readonly T[],
    options: CallOptions | undefined,
  ): AsyncGenerator<readonly [GarbageMarks, readonly T[]], void, void> {
    const { garbage } = await this.#provider(options)
    for (let i = 0; i < items.length; i += BATCH) yield [garbage, items.slice(i, i + BATCH)]
  }
}
