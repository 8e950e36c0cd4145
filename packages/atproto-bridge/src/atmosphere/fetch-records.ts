import { describe, isShardexError, type ShardexError } from '@shardex/errors'
import type { Fetch } from '../identity/guarded-fetch.ts'
import { formatRecordUri, parseRecordUri } from '../identity/parse-reference.ts'
import type { Account } from '../identity/resolve-account.ts'
import { xrpcGet } from '../identity/xrpc.ts'
import { decodeRecord, type FetchedRecord } from './decode-record.ts'
import { invalidRecord } from './invalid-record.ts'

interface Call {
  readonly signal?: AbortSignal | undefined
}

export interface RecordPage {
  readonly records: readonly FetchedRecord[]
  /** What is there and cannot be used. */
  readonly invalid: readonly ShardexError<'record.invalid'>[]
  readonly cursor?: string | undefined
}

/** More than a PDS gives in a page, and what a page of records with thousands of shards takes. */
const MAX_PAGE = 100
const MAX_PAGE_BYTES = 64 * 2 ** 20

/** @returns `undefined` for a record that is not there @throws {ShardexError} `record.invalid`; `atmosphere.unavailable` */
export async function fetchRecord(
  fetch: Fetch,
  { did, pds }: Account,
  { collection, rkey }: { readonly collection: string; readonly rkey: string },
  { signal }: Call = {},
): Promise<FetchedRecord | undefined> {
  const found = await xrpcGet(fetch, pds, 'com.atproto.repo.getRecord', { repo: did, collection, rkey }, { signal })
  if (found === undefined) return undefined
  const { cid, value } = Object(found) as Record<string, unknown>
  return decodeRecord(formatRecordUri({ authority: did, collection, rkey }), cid, value)
}

/** One page of a collection, in the order of its PDS: by key, the greatest first. */
export async function fetchRecords(
  fetch: Fetch,
  { did, pds }: Account,
  collection: string,
  { signal, cursor, limit = MAX_PAGE }: Call & { readonly cursor?: string | undefined; readonly limit?: number | undefined } = {},
): Promise<RecordPage> {
  const params = { repo: did, collection, limit: String(Math.min(limit, MAX_PAGE)), cursor }
  const found = await xrpcGet(fetch, pds, 'com.atproto.repo.listRecords', params, { signal, maxBytes: MAX_PAGE_BYTES })
  const page = Object(found ?? { records: [] }) as Record<string, unknown>
  const place = `at://${did}/${collection}`
  if (!Array.isArray(page['records'])) throw invalidRecord(place, `a page of ${describe(page['records'])}`, 'a list of records')
  if (page['records'].length > MAX_PAGE) throw invalidRecord(place, `a page of ${page['records'].length}`, `at most ${MAX_PAGE}`)
  const records: FetchedRecord[] = []
  const invalid: ShardexError<'record.invalid'>[] = []
  for (const item of page['records']) {
    try {
      records.push(decodeListed(item, did, collection))
    } catch (error) {
      if (!isShardexError(error, 'record.invalid')) throw error
      invalid.push(error)
    }
  }
  const next = page['cursor']
  // A PDS that gives the same cursor again would let its reader run in a circle.
  const isNext = typeof next === 'string' && next !== '' && next.length <= 1024 && next !== cursor && page['records'].length > 0
  return { records, invalid, ...(isNext && { cursor: next }) }
}

function decodeListed(item: unknown, did: string, collection: string): FetchedRecord {
  const { uri, cid, value } = Object(item) as Record<string, unknown>
  const place = `at://${did}/${collection}`
  if (typeof uri !== 'string' || !uri.startsWith(`${place}/`))
    throw invalidRecord(place, `the URI ${describe(uri, 200)}`, 'records of this collection')
  try {
    parseRecordUri(uri)
  } catch (error) {
    throw invalidRecord(place, `the URI ${describe(uri, 200)}`, 'an at:// URI', error)
  }
  return decodeRecord(uri, cid, value)
}
