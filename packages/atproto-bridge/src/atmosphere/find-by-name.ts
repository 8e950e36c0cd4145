import type { Fetch } from '../identity/guarded-fetch.ts'
import type { NameReference } from '../identity/parse-reference.ts'
import type { Account } from '../identity/resolve-account.ts'
import { NSID, OLD_NSID } from '../nsid.ts'
import { labelKey } from '../record-keys.ts'
import type { DatasetLabelRecord } from '../records.ts'
import type { FetchedRecord } from './decode-record.ts'
import { fetchRecord, fetchRecords } from './fetch-records.ts'
import { invalidRecord } from './invalid-record.ts'
import { MAX_PAGES } from './list.ts'

interface Call {
  readonly signal?: AbortSignal | undefined
}

/**
 * Where a name of an account points. A label that we wrote is asked for by its key; else it is the newest of the labels with that name; else the newest entry of
 * that name, since atdata writes no label when it promotes. A PDS cannot be asked for names, so those two take all labels and entries of the account.
 * @returns an `at://` URI
 */
export async function findByName(
  fetch: Fetch,
  account: Account,
  { name, version }: Pick<NameReference, 'name' | 'version'>,
  options: Call = {},
): Promise<string | undefined> {
  const isLabel = ({ record }: FetchedRecord): boolean =>
    record.$type === NSID.label && record.name === name && (version === undefined || record.version === version)
  const ours = await fetchRecord(fetch, account, { collection: NSID.label, rkey: labelKey({ name, version }) }, options)
  const label = ours !== undefined && isLabel(ours) ? ours : await newest(fetch, account, NSID.label, isLabel, options)
  if (label !== undefined) return (label.record as DatasetLabelRecord).datasetUri
  if (version !== undefined) return undefined
  for (const collection of [NSID.entry, OLD_NSID.entry]) {
    const isEntry = ({ record }: FetchedRecord): boolean => record.$type === collection && record.name === name
    const entry = await newest(fetch, account, collection, isEntry, options)
    if (entry !== undefined) return entry.uri
  }
  return undefined
}

async function newest(
  fetch: Fetch,
  account: Account,
  collection: string,
  isMeant: (fetched: FetchedRecord) => boolean,
  { signal }: Call,
): Promise<FetchedRecord | undefined> {
  let best: FetchedRecord | undefined
  let cursor: string | undefined
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = await fetchRecords(fetch, account, collection, { signal, cursor })
    for (const fetched of page.records)
      if (isMeant(fetched) && (best === undefined || timeOf(fetched) > timeOf(best))) best = fetched
    cursor = page.cursor
    if (cursor === undefined) return best
  }
  throw invalidRecord(`at://${account.did}/${collection}`, `more than ${MAX_PAGES} pages`, 'a list that ends; use the at:// URI')
}

function timeOf({ record }: FetchedRecord): number {
  return Date.parse(record.createdAt) || 0
}
