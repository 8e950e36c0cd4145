import { describe, ShardexError } from '@shardex/errors'
import type { CallOptions } from './provider.ts'

export const MAX_PAGE = 1000
const DEFAULT_PAGE = 100

export interface PageOptions extends CallOptions {
  /** From the page before. Left out: from the start. */
  readonly cursor?: string | undefined
  /** At most this many items in the page, 1 to 1000. Default 100. */
  readonly limit?: number | undefined
}

/** One page of a list, in a stable order: what is there all the time is listed once. */
export interface Page<T> {
  readonly items: readonly T[]
  /** Set if there may be more. */
  readonly cursor?: string | undefined
}

/** @throws {ShardexError} `usage.invalid` */
export function pageLimit(options: PageOptions | undefined): number {
  const limit = options?.limit ?? DEFAULT_PAGE
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE)
    throw invalidPage('limit', limit, `an integer from 1 to ${MAX_PAGE}`)
  return limit
}

/** For lists whose cursor is the number of the last item. @throws {ShardexError} `usage.invalid` */
export function numericCursor(options: PageOptions | undefined): number {
  const cursor = options?.cursor ?? '0'
  if (!/^\d{1,15}$/.test(cursor)) throw invalidPage('cursor', cursor, 'the cursor of the page before')
  return Number(cursor)
}

/** Cuts a page from `limit + 1` fetched rows, so that the last page says that it is the last. */
export function cutPage<T>(rows: readonly T[], limit: number, cursorOf: (last: T) => string): Page<T> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return rows.length > limit && last !== undefined ? { items, cursor: cursorOf(last) } : { items }
}

/** Every item of every page. The next page is fetched when the one before is used up. */
export async function* allItems<T>(
  fetchPage: (options: PageOptions) => Promise<Page<T>>,
  options: CallOptions | undefined,
): AsyncGenerator<T, void, void> {
  let cursor: string | undefined
  do {
    const page = await fetchPage({ ...options, cursor, limit: MAX_PAGE })
    yield* page.items
    cursor = page.cursor
  } while (cursor !== undefined)
}

function invalidPage(argument: string, value: unknown, wanted: string): ShardexError {
  const found = describe(value)
  return new ShardexError(
    'usage.invalid',
    { argument, found, wanted },
    { message: `${argument}: found ${found}, wanted ${wanted}` },
  )
}
