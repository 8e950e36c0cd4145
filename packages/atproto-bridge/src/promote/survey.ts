import { NSID } from '../nsid.ts'
import type { DatasetEntryRecord, DatasetLabelRecord, DatasetLensRecord, DatasetSchemaRecord } from '../records.ts'
import type { Publisher } from './publisher.ts'

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
  do {
    const page = { repo: agent.assertDid, collection, limit: 100, ...(cursor !== undefined && { cursor }) }
    const { data } = await agent.com.atproto.repo.listRecords(page, { ...(signal && { signal }) })
    for (const { uri, value } of data.records) {
      const rkey = uri.slice(uri.lastIndexOf('/') + 1)
      found.push({ uri, collection, rkey, record: Object(value) as Partial<Record> })
    }
    cursor = data.cursor
  } while (cursor !== undefined)
  return found
}
