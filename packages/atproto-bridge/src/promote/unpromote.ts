import { type DataStore, INDEX_SUFFIX } from '@shardex/repo'
import { copyPrefix } from '../prepare/place-shards.ts'
import type { DatasetEntryRecord, ShardChecksum } from '../records.ts'
import { doomedOf } from './doomed.ts'
import type { Publisher } from './publisher.ts'
import { type Found, survey } from './survey.ts'
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

/** What a PDS takes in one commit. */
const MAX_WRITES = 200
/** Others may write to the account meanwhile. */
const ATTEMPTS = 10

/**
 * Deletes what {@link promote} wrote for a name, and nothing else: a record is one of ours if its key is the one that follows from it. A schema goes when nothing of the
 * account needs it any more. Up to 200 records go in one commit. What others have copied stays with them.
 * @throws {ShardexError} `credentials.refused`, `atmosphere.refused`, `atmosphere.unavailable`
 */
export async function unpromote(agent: Publisher, options: UnpromoteOptions): Promise<Unpromoted> {
  try {
    return await deleteAll(agent, options)
  } catch (error) {
    throw xrpcFailure(error, agent, 'delete the records', options.signal)
  }
}

async function deleteAll(agent: Publisher, options: UnpromoteOptions): Promise<Unpromoted> {
  const { dataStore, signal } = options
  const call = { ...(signal && { signal }) }
  const deleted: string[] = []
  const gone: Found<DatasetEntryRecord>[] = []
  for (let failures = 0; ; ) {
    const { data } = await agent.com.atproto.sync.getLatestCommit({ did: agent.assertDid }, call)
    const account = await survey(agent, signal)
    const doomed = doomedOf(account, options, gone)
    const batch = doomed.records.slice(0, MAX_WRITES)
    const writes = batch.map(({ collection, rkey }) => ({
      $type: 'com.atproto.repo.applyWrites#delete' as const,
      collection,
      rkey,
    }))
    if (writes.length > 0) {
      try {
        await agent.com.atproto.repo.applyWrites(
          { repo: agent.assertDid, writes, swapCommit: data.cid },
          { encoding: 'application/json', ...call },
        )
      } catch (error) {
        failures += 1
        if (isRefusal(error, 'InvalidSwap') && failures < ATTEMPTS) continue
        throw error
      }
    }
    deleted.push(...batch.map(({ uri }) => uri))
    gone.push(...doomed.entries.filter((entry) => batch.includes(entry)))
    if (batch.length < doomed.records.length) continue
    if (dataStore !== undefined) await deleteCopies(agent.assertDid, gone, account.entries, dataStore, signal)
    return { deleted }
  }
}

/** Not those that an entry needs which stays, of another schema or version. */
async function deleteCopies(
  repo: string,
  gone: readonly Found<DatasetEntryRecord>[],
  last: readonly Found<DatasetEntryRecord>[],
  store: DataStore,
  signal: AbortSignal | undefined,
): Promise<void> {
  const objects = await store.objects()
  const stay = last.filter(({ uri }) => gone.every((entry) => entry.uri !== uri))
  const needed = new Set(stay.flatMap((entry) => copiesOf(repo, entry)))
  for (const key of gone.flatMap((entry) => copiesOf(repo, entry))) if (!needed.has(key)) await objects.delete(key, { signal })
}

/** Of any record that says it is an entry. */
function copiesOf(repo: string, { record: { name, storage } }: Found<DatasetEntryRecord>): string[] {
  const { shards } = Object(storage) as { shards?: unknown }
  const digests = Array.isArray(shards)
    ? shards.map((shard: { checksum?: ShardChecksum } | null) => String(shard?.checksum?.digest))
    : []
  return digests
    .filter((digest) => /^[0-9a-f]{64}$/.test(digest))
    .map((digest) => `${copyPrefix({ repo, name: String(name) })}${digest}.tar`)
    .flatMap((key) => [key, key + INDEX_SUFFIX])
}
