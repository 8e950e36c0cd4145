import { digestOfStored } from '../schema-digest.ts'
import { versionKey } from '../version-key.ts'
import type { Database, Row } from './database.ts'
import { point, pointerOf } from './names.ts'
import { textOf } from './rows.ts'

/**
 * Whether somebody else wrote to atdata's tables since we last looked. Every write of atdata takes a new rowid, the highest of its table, so three
 * look-ups tell. A highest rowid below the one seen last means that the tables were written anew.
 */
export function isBehind(database: Database): boolean {
  const seen = database.get('seen')
  return seen === undefined || ['labels', 'entries', 'schemas'].some((table) => seen[table] !== seen[`seen_${table}`])
}

/**
 * Index what atdata wrote since we last looked. Runs inside a transaction. Costs what is new.
 * @returns how many entries, labels and schemas were looked at
 */
export function catchUp(database: Database, from: 'last seen' | 'start' = 'last seen'): number {
  const seen: Row = database.get('seen') ?? {}
  const newRows = (table: 'labels' | 'entries' | 'schemas', statement: string): readonly Row[] => {
    const [last, highest] = [Number(seen[`seen_${table}`]), Number(seen[table])]
    return database.all(statement, { after: from === 'start' || highest < last ? 0 : last })
  }
  const labels = newRows('labels', 'newLabels')
  const entries = newRows('entries', 'newEntries')
  const schemas = newRows('schemas', 'newSchemas')

  for (const label of labels) followLabel(database, label)
  for (const label of labels) adoptName(database, textOf(label, 'name'))
  for (const entry of entries) adoptNameOfEntry(database, entry)
  for (const schema of schemas) adoptSchema(database, schema)
  database.run('markSeen')
  return labels.length + entries.length + schemas.length
}

/** Atdata moves a name by moving its unversioned label. Seen here first, it becomes a step like any other. */
function followLabel(database: Database, label: Row): void {
  const [name, version, cid] = [textOf(label, 'name'), textOf(label, 'version'), textOf(label, 'cid')]
  if (version !== '' || !database.get('hasEntry', { cid })) return
  if (pointerOf(database, name)?.cid !== cid) point(database, name, cid, { operation: 'commit' })
}

/** A name that has only versioned labels points to what the last of them marks. */
function adoptName(database: Database, name: string): void {
  if (database.get('name', { name })) return
  const label = database.get('lastLabel', { name })
  const cid = label && textOf(label, 'cid')
  if (cid !== undefined && database.get('hasEntry', { cid })) point(database, name, cid, { operation: 'commit' })
}

/** A name without label or history points to the first entry that carries it. */
function adoptNameOfEntry(database: Database, entry: Row): void {
  const name = textOf(entry, 'name')
  if (!database.get('name', { name })) point(database, name, textOf(entry, 'cid'), { operation: 'commit' })
}

function adoptSchema(database: Database, schema: Row): void {
  const [typeName, version] = [textOf(schema, 'name'), textOf(schema, 'version')]
  const digest = digestOfStored(textOf(schema, 'schema_json'))
  database.run('indexSchema', { typeName, version, versionKey: versionKey(version), digest })
}
