import { isDeepStrictEqual } from 'node:util'
import type { Draft } from '../prepare/prepare.ts'
import { recordToJson } from '../record-json.ts'
import type { DatasetRecord } from '../records.ts'
import type { Publisher } from './publisher.ts'
import { isRefusal } from './xrpc-failure.ts'

/** What an account has at some addresses, all at the same moment. */
export interface RepoState {
  /** The CID of the last commit of the account: a write that names it is made only if nothing was written since. */
  readonly head: string
  /** In the order of the addresses. */
  readonly records: readonly (Stored | undefined)[]
}

export interface Stored {
  readonly cid: string
  /** As JSON, with `$bytes` and `$link`. */
  readonly value: Readonly<Record<string, unknown>>
}

export type Address = Pick<Draft<DatasetRecord>, 'collection' | 'rkey'>

/** The head is asked for first, so what is written between the two answers is found when something is to be written. */
export async function readState(agent: Publisher, addresses: readonly Address[], signal?: AbortSignal): Promise<RepoState> {
  const { data } = await agent.com.atproto.sync.getLatestCommit({ did: agent.assertDid }, { ...(signal && { signal }) })
  return { head: data.cid, records: await Promise.all(addresses.map((address) => readRecord(agent, address, signal))) }
}

/** Whether nothing was written at the same addresses between two states; elsewhere the account may have moved on. */
export function sameRecords(one: RepoState, other: RepoState): boolean {
  return one.records.every((record, i) => record?.cid === other.records[i]?.cid)
}

/** Whether a record says the same as one that is there. When it was written is not what it says. */
export function saysTheSame(draft: DatasetRecord, { value }: Stored): boolean {
  return isDeepStrictEqual(withoutTime(recordToJson(draft)), withoutTime(value))
}

function withoutTime({ createdAt: _, ...rest }: Readonly<Record<string, unknown>>): object {
  return rest
}

async function readRecord(agent: Publisher, { collection, rkey }: Address, signal?: AbortSignal): Promise<Stored | undefined> {
  try {
    const { data } = await agent.com.atproto.repo.getRecord(
      { repo: agent.assertDid, collection, rkey },
      { ...(signal && { signal }) },
    )
    return { cid: data.cid ?? '', value: recordToJson(data.value as never) }
  } catch (error) {
    if (isRefusal(error, 'RecordNotFound')) return undefined
    throw error
  }
}
