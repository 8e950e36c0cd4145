import type { DataStore } from '@shardex/repo'
import type { DatasetEntryRecord } from '../records.ts'
import { doomedOf } from './doomed.ts'
import type { Publisher } from './publisher.ts'
import { type Found, survey } from './survey.ts'
import { sweepCopies } from './sweep-copies.ts'
import { isRefusal, xrpcFailure } from './xrpc-failure.ts'

export interface UnpromoteOptions {
  readonly name: string
  /** Only the label of this version, and the entry that it points to unless another label does. Default: everything of that name. */
  readonly version?: string | undefined
  /**
   * Where copies of shards were put: those that no record of the account needs are deleted, too, also what a run that failed has left. Not while the same name
   * is being promoted to this store. Blobs go with their records.
   */
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
 * @throws {ShardexError} `credentials.refused`, `atmosphere.refused`, `atmosphere.unavailable`; `record.invalid` for lists that do not end
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
    if (dataStore !== undefined) await sweepCopies(agent, options.name, dataStore, signal)
    return { deleted }
  }
}
