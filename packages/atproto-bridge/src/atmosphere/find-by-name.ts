import type { Fetch } from '../identity/guarded-fetch.ts'
import type { NameReference } from '../identity/parse-reference.ts'
import type { Account } from '../identity/resolve-account.ts'
import { NSID, OLD_NSID } from '../nsid.ts'
import type { DatasetLabelRecord } from '../records.ts'
import type { FetchedRecord } from './decode-record.ts'
import { fetchRecords } from './fetch-records.ts'
import { invalidRecord } from './invalid-record.ts'

interface Call {
  readonly signal?: AbortSignal | undefined
}

/** A list of a stranger may have no end. */
const MAX_PAGES = 1000

/**
 * Where a name of an account points: the `at://` URI that its label says, of several labels the newest; without a label, the newest entry of that name, since
 * atdata writes none when it promotes. A PDS cannot be asked for names, so all labels of the account are read.
 */
export async function findByName(
  fetch: Fetch,
  account: Account,
  { name, version }: Pick<NameReference, 'name' | 'version'>,
  options: Call = {},
): Promise<string | undefined> {
  const labels = await newest(
    fetch,
    account,
    NSID.label,
    ({ record }) => record.$type === NSID.label && record.name === name && (version === undefined || record.version === version),
    options,
  )
  if (labels !== undefined) return (labels.record as DatasetLabelRecord).datasetUri
  if (version !== undefined) return undefined
  for (const collection of [NSID.entry, OLD_NSID.entry]) {
    const entry = await newest(
      fetch,
      account,
      collection,
      ({ record }) => record.$type === collection && record.name === name,
      options,
    )
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
