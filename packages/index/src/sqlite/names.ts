import { type StoredStep, toRevision } from '../history-record.ts'
import type { NamePointer } from '../provider.ts'
import { conflict, nameNotFound } from '../refusals.ts'
import type { Database } from './database.ts'
import { ifText, toHead, toPointer } from './rows.ts'

/** The life of names. All of these run inside a transaction. */

export interface Step {
  readonly operation: 'commit' | 'delete' | 'rename'
  readonly renamedFrom?: string | undefined
  readonly renamedTo?: string | undefined
}

/** Where the name points; `undefined` for one that does not exist or was deleted. */
export function pointerOf(database: Database, name: string): NamePointer | undefined {
  const row = database.get('name', { name })
  return row?.['cid'] == null ? undefined : toPointer(row)
}

/** @throws {ShardexError} `name.not_found` */
export function existing(database: Database, name: string): NamePointer {
  const pointer = pointerOf(database, name)
  if (!pointer) throw nameNotFound(name)
  return pointer
}

/** @throws {ShardexError} `write.conflict` unless the name is at the revision that the writer has seen */
export function expectRevision(database: Database, name: string, ifRevision: number | undefined): void {
  const revision = pointerOf(database, name)?.revision ?? 0
  if (ifRevision !== undefined && ifRevision !== revision) throw conflict(name, ifRevision, revision)
}

/** A name that points there already takes no step. */
export function point(database: Database, name: string, cid: string, step: Step): NamePointer {
  const before = pointerOf(database, name)
  return before?.cid === cid ? before : { ...append(database, name, step, cid), cid }
}

export function unpoint(database: Database, name: string, step: Step): void {
  append(database, name, step, undefined)
  database.run('deleteLabel', { name, version: '' })
}

/** One more step in the life of a name, linked to the one before. Time never runs backwards within a name, also if the clock does. */
function append(database: Database, name: string, step: Step, cid: string | undefined): Omit<NamePointer, 'cid'> {
  const row = database.get('name', { name })
  const before = row && toHead(row)
  const content = cid === undefined ? undefined : database.get('content', { cid })
  const taken: StoredStep = {
    ...step,
    name,
    revision: (before?.revision ?? 0) + 1,
    cid,
    atMs: Math.max(Date.now(), before?.atMs ?? 0),
    contentCid: content && ifText(content, 'content'),
    previousCid: before?.recordCid,
  }
  const { revision, atMs, recordCid: record } = toRevision(taken)
  const { operation, renamedFrom, renamedTo, contentCid, previousCid } = taken
  database.run('putName', { name, revision, atMs, cid, record })
  database.run('putStep', { name, revision, operation, cid, atMs, renamedFrom, renamedTo, contentCid, previousCid })
  return { name, revision, atMs }
}
