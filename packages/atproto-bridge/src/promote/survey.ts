import { invalidRecord } from '../atmosphere/invalid-record.ts'
import { NSID } from '../nsid.ts'
import type { DatasetEntryRecord, DatasetLabelRecord, DatasetLensRecord, DatasetSchemaRecord } from '../records.ts'
import type { Publisher } from './publisher.ts'

/** Of 100 records each. */
const MAX_PAGES = 1000

/** A record as it is: nobody has looked at it yet. */
export interface Found<Record> {
  readonly uri: string
  readonly collection: string
  readonly rkey: string
  readonly record: Partial<Record>
}

/** All that an account says of datasets. */
export interface Survey {
  readonly schemas: readonly Found<DatasetSchemaRecord>[]
  readonly entries: readonly Found<DatasetEntryRecord>[]
  readonly labels: readonly Found<DatasetLabelRecord>[]
  readonly lenses: readonly Found<DatasetLensRecord>[]
}

/**
 * Lists every record on datasets that an account has, page by page and not at one moment: whoever acts on it names the commit that was the last one before.
 * @throws {ShardexError} `record.invalid` for lists that do not end; errors of the client as they are
 */
export async function survey(agent: Publisher, signal?: AbortSignal): Promise<Survey> {
  const [schemas, entries, labels, lenses] = await Promise.all([
    list<DatasetSchemaRecord>(agent, NSID.schema, signal),
    list<DatasetEntryRecord>(agent, NSID.entry, signal),
    list<DatasetLabelRecord>(agent, NSID.label, signal),
    list<DatasetLensRecord>(agent, NSID.lens, signal),
  ])
  return { schemas, entries, labels, lenses }
}

async function list<Record>(agent: Publisher, collection: string, signal?: AbortSignal): Promise<Found<Record>[]> {
  const found: Found<Record>[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = { repo: agent.assertDid, collection, limit: 100, ...(cursor !== undefined && { cursor }) }
    const { data } = await agent.com.atproto.repo.listRecords(page, { ...(signal && { signal }) })
    for (const { uri, value } of data.records) {
      const rkey = uri.slice(uri.lastIndexOf('/') + 1)
      found.push({ uri, collection, rkey, record: Object(value) as Partial<Record> })
    }
    if (data.cursor === undefined) return found
    if (data.cursor === cursor) break
    cursor = data.cursor
  }
  throw invalidRecord(`at://${agent.assertDid}/${collection}`, `a list without end, or of ${MAX_PAGES} pages`, 'one that ends')
}
