import type { DataStore } from '@shardex/repo'
import { INDEX_SUFFIX } from '@shardex/repo'
import { NSID } from '../nsid.ts'
import { copyKey } from '../prepare/place-shards.ts'
import { entryKey, labelKey, schemaKey } from '../record-keys.ts'
import type { DatasetEntryRecord, DatasetLabelRecord, DatasetLensRecord, DatasetSchemaRecord } from '../records.ts'
import { faultOfRecord } from '../validate-record.ts'
import type { Publisher } from './publisher.ts'
import { isRefusal, xrpcFailure } from './xrpc-failure.ts'

export interface UnpromoteOptions {
  readonly name: string
  /** Only the label of this version, and the entry that it points to unless another label does. Default: everything of that name. */
  readonly version?: string | undefined
  /** Where copies of shards were put: they are deleted too. Blobs go with their records. */
  readonly dataStore?: DataStore | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Unpromoted {
  /** The `at://` URIs of the records that were deleted. */
  readonly deleted: readonly string[]
}

interface Found<Record> {
  readonly uri: string
  readonly collection: string
  readonly rkey: string
  readonly record: Record
}

/**
 * Deletes what {@link promote} wrote for a name, and nothing else: a record is one of ours if its key is the one that follows from it. A schema goes when nothing of the
 * account needs it any more. All of it goes in one commit. What others have copied stays with them.
 * @throws {ShardexError} `credentials.refused`, `atmosphere.refused`, `atmosphere.unavailable`
 */
export async function unpromote(agent: Publisher, options: UnpromoteOptions): Promise<Unpromoted> {
  const { signal, dataStore } = options
  try {
    for (let attempt = 1; ; attempt++) {
      const { data } = await agent.com.atproto.sync.getLatestCommit({ did: agent.assertDid }, { ...(signal && { signal }) })
      const { doomed, entries, kept } = await findDoomed(agent, options)
      if (doomed.length > 0 && !(await deleteAll(agent, doomed, data.cid, attempt, signal))) continue
      if (dataStore !== undefined) await deleteCopies(entries, kept, dataStore, signal)
      return { deleted: doomed.map(({ uri }) => uri) }
    }
  } catch (error) {
    throw xrpcFailure(error, agent, 'delete the records', signal)
  }
}

const ATTEMPTS = 10
/** What a PDS takes in one commit. */
const MAX_WRITES = 200

/** @returns whether it is done; else somebody wrote meanwhile, and what is to go must be looked for again */
async function deleteAll(
  agent: Publisher,
  doomed: readonly Found<unknown>[],
  head: string,
  attempt: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const writes = doomed
    .slice(0, MAX_WRITES)
    .map(({ collection, rkey }) => ({ $type: 'com.atproto.repo.applyWrites#delete' as const, collection, rkey }))
  try {
    await agent.com.atproto.repo.applyWrites(
      { repo: agent.assertDid, writes, swapCommit: head },
      { encoding: 'application/json', ...(signal && { signal }) },
    )
    return doomed.length <= MAX_WRITES
  } catch (error) {
    if (isRefusal(error, 'InvalidSwap') && attempt < ATTEMPTS) return false
    throw error
  }
}

/** Labels first: nobody shall find what is going. */
async function findDoomed(agent: Publisher, { name, version, signal }: UnpromoteOptions) {
  const ofName = {
    labels: await list<DatasetLabelRecord>(agent, NSID.label, signal),
    entries: await list<DatasetEntryRecord>(agent, NSID.entry, signal),
  }
  const labels = ofName.labels.filter(
    ({ record, rkey }) =>
      record.name === name && (version === undefined || record.version === version) && labelKey(record) === rkey,
  )
  const labelled = new Set(ofName.labels.filter((label) => !labels.includes(label)).map(({ record }) => record.datasetUri))
  const pointed = new Set(labels.map(({ record }) => record.datasetUri))
  const entries = ofName.entries.filter(
    ({ uri, record, rkey }) =>
      record.name === name &&
      entryKey(record) === rkey &&
      (version === undefined ? true : pointed.has(uri)) &&
      !labelled.has(uri),
  )
  const lenses = await list<DatasetLensRecord>(agent, NSID.lens, signal)
  const needed = new Set([
    ...ofName.entries
      .filter((entry) => !entries.includes(entry))
      .flatMap(({ record }) => [record.schemaRef, record.metadataSchemaRef]),
    ...lenses.flatMap(({ record }) => [record.sourceSchema, record.targetSchema]),
  ])
  const used = new Set(entries.map(({ record }) => record.schemaRef))
  const schemas = (await list<DatasetSchemaRecord>(agent, NSID.schema, signal)).filter(
    ({ uri, record, rkey }) => used.has(uri) && !needed.has(uri) && schemaKey(record) === rkey,
  )
  return {
    doomed: [...labels, ...entries, ...schemas],
    entries,
    kept: ofName.entries.filter((entry) => !entries.includes(entry)),
  }
}

/** All records of a collection that the lexicon has nothing against: what is something else is not ours. */
async function list<Record extends { readonly $type: string }>(
  agent: Publisher,
  collection: string,
  signal?: AbortSignal,
): Promise<Found<Record>[]> {
  const found: Found<Record>[] = []
  let cursor: string | undefined
  do {
    const page = { repo: agent.assertDid, collection, limit: 100, ...(cursor !== undefined && { cursor }) }
    const { data } = await agent.com.atproto.repo.listRecords(page, { ...(signal && { signal }) })
    for (const { uri, value } of data.records) {
      const record = value as unknown as Record
      if (record.$type === collection && faultOfRecord(record) === undefined)
        found.push({ uri, collection, rkey: uri.slice(uri.lastIndexOf('/') + 1), record })
    }
    cursor = data.cursor
  } while (cursor !== undefined)
  return found
}

async function deleteCopies(
  entries: readonly Found<DatasetEntryRecord>[],
  kept: readonly Found<DatasetEntryRecord>[],
  store: DataStore,
  signal?: AbortSignal,
): Promise<void> {
  const objects = await store.objects()
  const needed = new Set(kept.flatMap(copiesOf))
  for (const key of entries.flatMap(copiesOf)) if (!needed.has(key)) await objects.delete(key, { signal })
}

function copiesOf({ record: { name, storage } }: Found<DatasetEntryRecord>): string[] {
  if (!('shards' in storage)) return []
  const digests = storage.shards.map(({ checksum }) => checksum.digest).filter((digest) => /^[0-9a-f]{64}$/.test(digest))
  return digests.map((digest) => copyKey(name, digest)).flatMap((key) => [key, key + INDEX_SUFFIX])
}
