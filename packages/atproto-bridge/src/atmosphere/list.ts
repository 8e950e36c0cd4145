import { describe, isShardexError, ShardexError } from '@shardex/errors'
import type { FetchedRecord } from './decode-record.ts'
import type { RecordPage } from './fetch-records.ts'
import { invalidRecord } from './invalid-record.ts'

/** A list of a stranger may have no end: nobody looks at more pages that have nothing for them. */
export const MAX_PAGES = 1000

export interface PageOptions {
  /** From the page before. Left out: from the start. */
  readonly cursor?: string | undefined
  /** At most this many records in the page, 1 to 100. Default 100. */
  readonly limit?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** A page of what an account has published. */
export interface Listed<T> {
  readonly items: readonly T[]
  /** Records that are there and cannot be used, each with the reason. */
  readonly invalid: readonly ShardexError<'record.invalid'>[]
  /** Set if there may be more. */
  readonly cursor?: string | undefined
}

/** Records made into something, as far as that is possible. */
export function readPage<T>({ records, invalid, cursor }: RecordPage, read: (record: FetchedRecord) => T): Listed<T> {
  const items: T[] = []
  const refused = [...invalid]
  for (const record of records) {
    try {
      items.push(read(record))
    } catch (error) {
      if (!isShardexError(error, 'record.invalid')) throw error
      refused.push(error)
    }
  }
  return { items, invalid: refused, ...(cursor !== undefined && { cursor }) }
}

/**
 * One list out of several collections, one after the other. A cursor is the place of the collection and what the PDS gave: `1:3kabc`.
 * @throws {ShardexError} `usage.invalid`
 */
export async function listCollections<T>(
  collections: readonly string[],
  { cursor = '0:', limit, signal }: PageOptions = {},
  listOne: (collection: string, page: PageOptions) => Promise<Listed<T>>,
): Promise<Listed<T>> {
  const [, place = '', inner = ''] = /^(\d):(.*)$/s.exec(cursor) ?? []
  const collection = collections[place === '' ? -1 : Number(place)]
  if (collection === undefined) throw invalid('cursor', cursor, 'the cursor of the page before')
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1 && limit <= 100))
    throw invalid('limit', limit, 'an integer from 1 to 100')
  const page = await listOne(collection, { limit, signal, cursor: inner === '' ? undefined : inner })
  if (page.cursor !== undefined) return { ...page, cursor: `${place}:${page.cursor}` }
  const next = Number(place) + 1
  const { cursor: _, ...last } = page
  return next < collections.length ? { ...last, cursor: `${next}:` } : last
}

/**
 * What can be used of all pages. Whoever takes items may stop; pages without any are bounded.
 * @throws {ShardexError} `record.invalid` after {@link MAX_PAGES} of them in a row, and those of `fetchPage`
 */
export async function* itemsOf<T>(
  account: string,
  fetchPage: (options: PageOptions) => Promise<Listed<T>>,
  options: { readonly signal?: AbortSignal | undefined } | undefined,
): AsyncGenerator<T, void, void> {
  let cursor: string | undefined
  for (let barren = 0; barren < MAX_PAGES; ) {
    const page = await fetchPage({ ...options, cursor })
    yield* page.items
    cursor = page.cursor
    if (cursor === undefined) return
    barren = page.items.length === 0 ? barren + 1 : 0
  }
  const wanted = 'a list that ends; ask the account for the at:// URI'
  throw invalidRecord(`at://${account}`, `${MAX_PAGES} pages in a row without a record that can be read`, wanted)
}

function invalid(argument: string, value: unknown, wanted: string): ShardexError {
  const found = describe(value)
  return new ShardexError(
    'usage.invalid',
    { argument, found, wanted },
    { message: `${argument}: found ${found}, wanted ${wanted}` },
  )
}
