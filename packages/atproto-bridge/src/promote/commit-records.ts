import type { ComAtprotoRepoApplyWrites } from '@atproto/api'
import { ShardexError } from '@shardex/errors'
import type { Draft } from '../prepare/prepare.ts'
import { recordToJson } from '../record-json.ts'
import type { DatasetRecord } from '../records.ts'
import type { Publisher } from './publisher.ts'
import { type RepoState, readState, sameRecords, saysTheSame } from './repo-state.ts'
import { isRefusal } from './xrpc-failure.ts'

export type Fate = 'created' | 'updated' | 'unchanged'

type Write = ComAtprotoRepoApplyWrites.InputSchema['writes'][number]

/** Others may write to the account, too, about other things. */
const ATTEMPTS = 10

/**
 * Writes what is not there yet, all in one commit of the account: whole or not at all. It is made only if nothing of it was changed since `before`.
 * @returns what became of each, in order, and the state they were compared with
 * @throws {ShardexError} `record.conflict`; errors of the client as they are
 */
export async function commitRecords(
  agent: Publisher,
  drafts: readonly Draft<DatasetRecord>[],
  before: RepoState,
  signal?: AbortSignal,
): Promise<readonly Fate[]> {
  let state = before
  for (let attempt = 1; ; attempt++) {
    const fates = drafts.map((draft, i) => fateOf(draft, state, i))
    const writes = drafts.flatMap((draft, i) => toWrite(draft, fates[i], state, i))
    if (writes.length === 0) return fates
    try {
      const { head } = state
      await agent.com.atproto.repo.applyWrites(
        { repo: agent.assertDid, writes, swapCommit: head },
        { encoding: 'application/json', ...(signal && { signal }) },
      )
      return fates
    } catch (error) {
      if (!isRefusal(error, 'InvalidSwap') || attempt === ATTEMPTS) throw error
      const now = await readState(agent, drafts, signal)
      if (!sameRecords(now, before) && !drafts.every((draft, i) => fateOf(draft, now, i) === 'unchanged'))
        throw conflict(drafts, before, now, error)
      state = now
    }
  }
}

function fateOf({ record }: Draft<DatasetRecord>, { records }: RepoState, i: number): Fate {
  const there = records[i]
  if (there === undefined) return 'created'
  return saysTheSame(record, there) ? 'unchanged' : 'updated'
}

function toWrite(
  { collection, rkey, record }: Draft<DatasetRecord>,
  fate: Fate | undefined,
  { records }: RepoState,
  i: number,
): Write[] {
  const value = recordToJson(record)
  switch (fate) {
    case 'created':
      return [{ $type: 'com.atproto.repo.applyWrites#create', collection, rkey, value }]
    case 'updated': {
      // A label is as old as where it points: the newest of a name is what the name means. Everything else is as old as it first was.
      const there = records[i]?.value
      const isMoved = 'datasetUri' in record && record.datasetUri !== there?.['datasetUri']
      const createdAt = isMoved ? record.createdAt : there?.['createdAt']
      return [{ $type: 'com.atproto.repo.applyWrites#update', collection, rkey, value: { ...value, createdAt } }]
    }
    default:
      return []
  }
}

function conflict(drafts: readonly Draft<DatasetRecord>[], before: RepoState, now: RepoState, cause: unknown): ShardexError {
  const i = drafts.findIndex((_, j) => before.records[j]?.cid !== now.records[j]?.cid)
  const record = drafts[i]?.uri ?? ''
  const [found, wanted] = [now.records[i]?.cid ?? 'nothing', before.records[i]?.cid ?? 'nothing']
  const message = `${record} was changed by somebody else meanwhile: found ${found}, wanted ${wanted}. Nothing was written; look at it, then do the same again to have it your way.`
  return new ShardexError('record.conflict', { record, found, wanted }, { message, cause })
}
