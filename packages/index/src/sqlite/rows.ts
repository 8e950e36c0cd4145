import { describe } from '@shardex/errors'
import type { Label, NameRevision } from '../entry.ts'
import { toRevision } from '../history-record.ts'
import type { HistoryHead, NamePointer, StoredEntry } from '../provider.ts'
import { corrupt } from '../refusals.ts'
import type { Row } from './database.ts'

/** Rows, checked: SQLite keeps any type in any column. */

export function toEntry(row: Row): StoredEntry {
  return {
    cid: textOf(row, 'cid'),
    name: textOf(row, 'name'),
    schemaRef: textOf(row, 'schema_ref'),
    dataUrls: bytesOf(row, 'data_urls'),
    metadata: ifBytes(row, 'metadata'),
    legacyUuid: ifText(row, 'legacy_uuid'),
    details: ifBytes(row, 'details'),
    createdAtMs: row['created_at_ms'] == null ? undefined : numberOf(row, 'created_at_ms'),
  }
}

export function toPointer(row: Row): NamePointer {
  return { name: textOf(row, 'name'), revision: numberOf(row, 'revision'), cid: textOf(row, 'cid'), atMs: numberOf(row, 'at_ms') }
}

export function toLabel(row: Row): Label {
  return {
    name: textOf(row, 'name'),
    version: textOf(row, 'version'),
    cid: textOf(row, 'cid'),
    description: ifText(row, 'description'),
  }
}

export function toStep(row: Row): NameRevision {
  const operation = textOf(row, 'operation')
  if (operation !== 'commit' && operation !== 'delete' && operation !== 'rename')
    return wrong(row, 'operation', 'commit, delete or rename')
  return toRevision({
    name: textOf(row, 'name'),
    revision: numberOf(row, 'revision'),
    operation,
    cid: ifText(row, 'cid'),
    atMs: numberOf(row, 'at_ms'),
    renamedFrom: ifText(row, 'renamed_from'),
    renamedTo: ifText(row, 'renamed_to'),
    contentCid: ifText(row, 'content'),
    previousCid: ifText(row, 'previous'),
  })
}

export function toHead(row: Row): HistoryHead {
  return {
    revision: numberOf(row, 'revision'),
    atMs: numberOf(row, 'at_ms'),
    cid: ifText(row, 'cid'),
    recordCid: textOf(row, 'record'),
  }
}

export function textOf(row: Row, column: string): string {
  return ifText(row, column) ?? wrong(row, column, 'text')
}

export function numberOf(row: Row, column: string): number {
  const value = row[column]
  return typeof value === 'number' ? value : wrong(row, column, 'a number')
}

export function ifText(row: Row, column: string): string | undefined {
  const value = row[column]
  return value == null || typeof value === 'string' ? (value ?? undefined) : wrong(row, column, 'text')
}

export function bytesOf(row: Row, column: string): Uint8Array {
  return ifBytes(row, column) ?? wrong(row, column, 'bytes')
}

function ifBytes(row: Row, column: string): Uint8Array | undefined {
  const value = row[column]
  return value == null || value instanceof Uint8Array ? (value ?? undefined) : wrong(row, column, 'bytes')
}

function wrong(row: Row, column: string, wanted: string): never {
  const where = `column ${column} of ${describe(row['cid'] ?? row['name'] ?? row['url'] ?? row['number'])}`
  throw corrupt(where, describe(row[column]), wanted)
}
