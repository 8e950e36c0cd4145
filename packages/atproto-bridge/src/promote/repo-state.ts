import { isDeepStrictEqual } from 'node:util'
import { lexToJson } from '@atproto/lexicon'
import type { Draft } from '../prepare/prepare.ts'
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

export function sameRecords(one: RepoState, other: RepoState): boolean {
  return one.records.every((record, i) => record?.cid === other.records[i]?.cid)
}

/** Whether a record says the same as one that is there. When it was written is not what it says. */
export function saysTheSame(draft: DatasetRecord, { value }: Stored): boolean {
  return isDeepStrictEqual(withoutTime(toJson(draft)), withoutTime(value))
}

/** As it goes over the wire: bytes and links in their JSON form, and nothing that is undefined. */
export function toJson(record: DatasetRecord): Record<string, unknown> {
  return JSON.parse(JSON.stringify(lexToJson(record))) as Record<string, unknown>
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
    return { cid: data.cid ?? '', value: JSON.parse(JSON.stringify(lexToJson(data.value))) as Record<string, unknown> }
  } catch (error) {
    if (isRefusal(error, 'RecordNotFound')) return undefined
    throw error
  }
}
