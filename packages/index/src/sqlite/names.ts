import type { NamePointer } from '../provider.ts'
import { conflict, nameNotFound } from '../refusals.ts'
import type { Database, Row } from './database.ts'
import { toPointer } from './rows.ts'

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

/** One more step in the life of a name. Time never runs backwards within a name. */
function append(database: Database, name: string, step: Step, cid: string | undefined): Omit<NamePointer, 'cid'> {
  const before: Row = database.get('name', { name }) ?? {}
  const revision = Number(before['revision'] ?? 0) + 1
  const atMs = Math.max(Date.now(), Number(before['at_ms'] ?? 0))
  database.run('putName', { name, revision, atMs, cid })
  const { operation, renamedFrom, renamedTo } = step
  database.run('putStep', { name, revision, operation, cid, atMs, renamedFrom, renamedTo })
  return { name, revision, atMs }
}
