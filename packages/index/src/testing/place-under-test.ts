import { type ErrorCode, isShardexError, type ShardexError } from '@shardex/errors'
import { encodeMsgpack } from '@shardex/schema'
import { entryCid } from '../cid.ts'
import type { Commit, IndexProvider, StoredEntry } from '../provider.ts'

/** A place for an index, empty at first. */
export interface PlaceUnderTest extends AsyncDisposable {
  /** Each call is another connection to the same index, closed with the place. */
  connect(): Promise<IndexProvider>
}

export type OpenPlace = () => Promise<PlaceUnderTest>

/** An entry of its own for each number. */
export function sampleEntry(number: number, name = 'mine'): Omit<StoredEntry, 'createdAtMs'> {
  const [schemaRef, dataUrls] = ['local://schemas/m.Img@1.0.0', [`/data/${number}.tar`]]
  return { cid: entryCid({ schemaRef, dataUrls }), name, schemaRef, dataUrls: encodeMsgpack(dataUrls) }
}

export function commitOf(name: string, number: number, options?: Omit<Commit, 'entry'>): Commit {
  return { entry: sampleEntry(number, name), ...options }
}

export function cidOf(number: number): string {
  return sampleEntry(number).cid
}

/** The refusal of a call; fails if there is none or it is another one. */
export async function refusal<C extends ErrorCode>(call: Promise<unknown>, code: C): Promise<ShardexError<C>> {
  const error = await call.then(
    () => new Error(`wanted ${code}, but the call did it`),
    (reason: unknown) => reason,
  )
  if (isShardexError(error, code)) return error
  throw error
}

export async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
