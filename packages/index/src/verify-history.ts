import { describe, isShardexError, ShardexError } from '@shardex/errors'
import { isDagCborCid } from './cid.ts'
import type { NameRevision } from './entry.ts'
import { allItems } from './paging.ts'
import type { CallOptions, HistoryHead, IndexProvider } from './provider.ts'

export interface VerifyHistoryOptions extends CallOptions {
  /** The CID of a record of this name that somebody noted earlier, outside the registry: it must be part of the past still. */
  readonly expect?: string | undefined
}

/** What is wrong with the past of a name. */
export interface HistoryProblem {
  /**
   * `missing`: revisions are not there, or not in order. `changed`: a record is not the one that its successor was written after. `time`: a record
   * is older than the one before. `head`: the newest record is not the one the name remembers. `unexpected`: the CID given as `expect` is not
   * among the records. `unreadable`: something is stored there that is no record; what follows it was not looked at.
   */
  readonly kind: 'missing' | 'changed' | 'time' | 'head' | 'unexpected' | 'unreadable'
  /** The revision at which it was noticed; a record that was changed is this one or the one before. */
  readonly revision?: number | undefined
  readonly message: string
}

export interface HistoryReport {
  readonly name: string
  /** Whether there are no problems. A name that never was has none. */
  readonly ok: boolean
  /** How many records there are. */
  readonly revisions: number
  /** The CID of the newest record. Kept elsewhere and given as `expect` later, it also detects that the whole past was rewritten. */
  readonly headCid?: string | undefined
  readonly problems: readonly HistoryProblem[]
}

/** Walk the chain of a name from its first record. @throws {ShardexError} `usage.invalid` if `expect` is no CID of a record */
export async function verifyHistory(
  index: IndexProvider,
  name: string,
  { expect, signal }: VerifyHistoryOptions = {},
): Promise<HistoryReport> {
  if (expect !== undefined && !isDagCborCid(expect)) throw noCid(expect)
  const problems: HistoryProblem[] = []
  let [revisions, expected] = [0, false]
  let newest: NameRevision | undefined
  let head: HistoryHead | undefined
  let before: NameRevision | undefined
  try {
    // The head is read after the records, so it may be ahead of them: then there are more records by now, or they are missing.
    do {
      before = newest
      for await (const record of allItems((page) => index.listHistory(name, page), { signal })) {
        if (before !== undefined && record.revision <= before.revision) continue
        problems.push(...faultsOf(record, newest))
        expected ||= record.recordCid === expect
        newest = record
        revisions++
      }
      head = await index.findHead(name, { signal })
    } while (head !== undefined && newest !== before && head.revision > (newest?.revision ?? 0))
    problems.push(...faultsOfHead(head, newest))
  } catch (error) {
    if (!isShardexError(error, 'index.corrupt')) throw error
    problems.push({ kind: 'unreadable', message: error.message })
  }
  if (expect !== undefined && !expected) {
    problems.push({ kind: 'unexpected', message: `${expect} is no record of this name: its past is not the one that was noted` })
  }
  return { name, ok: problems.length === 0, revisions, headCid: newest?.recordCid, problems }
}

function* faultsOf(record: NameRevision, before: NameRevision | undefined): Generator<HistoryProblem> {
  const { revision, previousCid, atMs } = record
  const [follows, wanted] = [before ? `revision ${before.revision}` : 'nothing', (before?.revision ?? 0) + 1]
  if (revision !== wanted) {
    yield { kind: 'missing', revision, message: `revision ${revision} follows ${follows}, where revision ${wanted} should be` }
  } else if (previousCid !== before?.recordCid) {
    const [found, noted] = [before?.recordCid ?? 'nothing', previousCid ?? 'nothing']
    const message = `revision ${revision} was written after ${noted}, but finds ${found} before it: one of the two was changed`
    yield { kind: 'changed', revision, message }
  }
  if (before && atMs < before.atMs) {
    const [time, earlier] = [new Date(atMs), new Date(before.atMs)].map(String)
    yield { kind: 'time', revision, message: `revision ${revision} is of ${time}, before ${follows} of ${earlier}` }
  }
}

function* faultsOfHead(head: HistoryHead | undefined, newest: NameRevision | undefined): Generator<HistoryProblem> {
  const revision = head?.revision ?? newest?.revision
  if (head?.revision !== newest?.revision) {
    const [found, wanted] = [newest, head].map((one) => (one ? `revision ${one.revision}` : 'nothing'))
    yield { kind: 'head', revision, message: `the newest record is ${found}, but the name remembers ${wanted}` }
  } else if (head?.recordCid !== newest?.recordCid) {
    const message = `revision ${revision} is ${newest?.recordCid}, but the name remembers ${head?.recordCid}: it was changed`
    yield { kind: 'head', revision, message }
  } else if (head?.cid !== newest?.cid || head?.atMs !== newest?.atMs) {
    const [found, wanted] = [head, newest].map((one) => `${one?.cid ?? 'nothing'} since ${one?.atMs}`)
    yield { kind: 'head', revision, message: `the name points to ${found}, but revision ${revision} pointed it to ${wanted}` }
  }
}

function noCid(expect: string): ShardexError {
  const [found, wanted] = [describe(expect), 'the CID of a record, "bafyrei…"']
  return new ShardexError(
    'usage.invalid',
    { argument: 'expect', found, wanted },
    { message: `expect: found ${found}, wanted ${wanted}` },
  )
}
