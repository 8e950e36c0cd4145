import type { Label, NameRevision } from '../entry.ts'
import { cutPage, numericCursor, type Page, type PageOptions, pageLimit } from '../paging.ts'
import type {
  CallOptions,
  Commit,
  Diagnosis,
  FoundEntry,
  HistoryHead,
  IndexProvider,
  Moment,
  NamePointer,
  SchemaState,
  StoredEntry,
  StoredSchema,
  WriteOptions,
} from '../provider.ts'
import { beingDeleted, conflict, entryInUse, entryNotFound, labelNotFound } from '../refusals.ts'
import { uuidOf } from '../stored-ingest.ts'
import { versionKey } from '../version-key.ts'
import type { Database, Row } from './database.ts'
import { diagnoseSqlite } from './diagnose.ts'
import { SqliteGarbage, takeMarksBack } from './garbage.ts'
import { endIngest, fence, SqliteIngests } from './ingests.ts'
import { SqliteLenses } from './lenses.ts'
import { existing, expectRevision, point, pointerOf, unpoint } from './names.ts'
import { numberOf, textOf, toEntry, toHead, toLabel, toPointer, toStep } from './rows.ts'
import type { SqliteSession } from './session.ts'

const LAST = '\u{10FFFF}'

/** Each call is one transaction, or one statement. */
export class SqliteProvider implements IndexProvider {
  readonly supports = { otherMachines: false } as const
  readonly url: string
  readonly ingests: SqliteIngests
  readonly garbage: SqliteGarbage
  readonly lenses: SqliteLenses
  readonly #session: SqliteSession

  constructor(session: SqliteSession) {
    this.#session = session
    this.url = session.path
    this.ingests = new SqliteIngests(session)
    this.garbage = new SqliteGarbage(session)
    this.lenses = new SqliteLenses(session)
  }

  commit({ entry, contentCid, ifRevision, label, ingest, objects }: Commit, options?: CallOptions): Promise<FoundEntry> {
    return this.#session.write(options, (database) => {
      const { name, cid, schemaRef, dataUrls, metadata, legacyUuid, details } = entry
      const committed = ingest && fence(database, ingest.id, ingest.owner, cid)
      if (committed) return { revision: committed.revision, entry: toEntry(database.get('entry', { cid }) ?? absent(cid)) }
      expectRevision(database, name, ifRevision)
      const [deleting] = takeMarksBack(database, objects ?? [])
      if (deleting !== undefined) throw beingDeleted(deleting)
      database.run('putEntry', { cid, name, schemaRef, dataUrls, metadata, legacyUuid })
      database.run('putDetails', { cid, details, content: details && contentCid, nowMs: Date.now() })
      const { revision } = point(database, name, cid, { operation: 'commit' })
      database.run('putLabel', { name, cid, version: '' })
      if (label) database.run('putLabel', { name, cid, ...label })
      if (ingest) endIngest(database, ingest.id, 'committed', { cid, revision })
      return { revision, entry: toEntry(database.get('entry', { cid }) ?? {}) }
    })
  }

  moveName(name: string, cid: string, options?: WriteOptions): Promise<NamePointer> {
    return this.#session.write(options, (database) => {
      if (!database.get('hasEntry', { cid })) throw entryNotFound(cid)
      expectRevision(database, name, options?.ifRevision)
      const pointer = point(database, name, cid, { operation: 'commit' })
      database.run('putLabel', { name, cid, version: '' })
      return pointer
    })
  }

  findByName(name: string, at: Moment | undefined, options?: CallOptions): Promise<FoundEntry | undefined> {
    return this.#session.read(options, (database) => {
      const step = stepOf(database, name, at)
      const row = step?.['cid'] == null ? undefined : database.get('entry', { cid: textOf(step, 'cid') })
      return step && row && { revision: numberOf(step, 'revision'), entry: toEntry(row) }
    })
  }

  findByCid(cid: string, options?: CallOptions): Promise<StoredEntry | undefined> {
    return this.#session.read(options, (database) => {
      const row = database.get('entry', { cid })
      return row && toEntry(row)
    })
  }

  listEntries(options?: PageOptions): Promise<Page<StoredEntry>> {
    return this.#session.read(options, (database) => {
      const limit = pageLimit(options)
      const rows = database.all('entries', { after: numericCursor(options), limit: limit + 1 })
      const page = cutPage(rows, limit, (last) => String(numberOf(last, 'sequence')))
      return { ...page, items: page.items.map(toEntry) }
    })
  }

  deleteEntry(cid: string, options?: CallOptions): Promise<void> {
    return this.#session.write(options, (database) => {
      if (!database.get('hasEntry', { cid })) throw entryNotFound(cid)
      const names = database.all('namesOf', { cid }).map((row) => textOf(row, 'name'))
      const labels = database.all('labelsOfEntry', { cid }).map((row) => `${textOf(row, 'name')}@${textOf(row, 'version')}`)
      if (names.length + labels.length > 0) throw entryInUse(cid, [...names, ...labels])
      database.run('deleteEntry', { cid })
      database.run('deleteDetails', { cid })
    })
  }

  listNames(prefix: string, options?: PageOptions): Promise<Page<NamePointer>> {
    return this.#session.read(options, (database) => {
      const limit = pageLimit(options)
      const rows = database.all('names', { from: options?.cursor ?? prefix, to: prefix + LAST, limit: limit + 1 })
      return cutPage(rows.map(toPointer), limit, (last) => `${last.name}\0`)
    })
  }

  namesOf(cid: string, options?: CallOptions): Promise<readonly string[]> {
    return this.#session.read(options, (database) => database.all('namesOf', { cid }).map((row) => textOf(row, 'name')))
  }

  listHistory(name: string, options?: PageOptions): Promise<Page<NameRevision>> {
    return this.#session.read(options, (database) => {
      const limit = pageLimit(options)
      const after = options?.cursor === undefined ? Number.NEGATIVE_INFINITY : numericCursor(options)
      const rows = database.all('history', { name, after, limit: limit + 1 })
      return cutPage(rows.map(toStep), limit, (last) => String(last.revision))
    })
  }

  findHead(name: string, options?: CallOptions): Promise<HistoryHead | undefined> {
    return this.#session.read(options, (database) => {
      const row = database.get('name', { name })
      return row && toHead(row)
    })
  }

  rename(from: string, to: string, options?: WriteOptions): Promise<NamePointer> {
    return this.#session.write(options, (database) => {
      const { cid } = existing(database, from)
      expectRevision(database, from, options?.ifRevision)
      const taken = pointerOf(database, to)
      if (taken) throw conflict(to, 0, taken.revision)
      const pointer = point(database, to, cid, { operation: 'rename', renamedFrom: from })
      database.run('putLabel', { name: to, cid, version: '' })
      unpoint(database, from, { operation: 'rename', renamedTo: to })
      database.run('nameEntry', { cid, from, to })
      return pointer
    })
  }

  deleteName(name: string, options?: WriteOptions): Promise<void> {
    return this.#session.write(options, (database) => {
      existing(database, name)
      expectRevision(database, name, options?.ifRevision)
      unpoint(database, name, { operation: 'delete' })
    })
  }

  putLabel(label: Label, options?: CallOptions): Promise<void> {
    return this.#session.write(options, (database) => {
      const { name, version, cid, description } = label
      if (!database.get('hasEntry', { cid })) throw entryNotFound(cid)
      database.run('putLabel', { name, version, cid, description })
    })
  }

  findLabel(name: string, version: string | undefined, options?: CallOptions): Promise<Label | undefined> {
    return this.#session.read(options, (database) => {
      const row = version === undefined ? database.get('lastLabel', { name }) : database.get('label', { name, version })
      return row && toLabel(row)
    })
  }

  listLabels(name: string | undefined, options?: PageOptions): Promise<Page<Label>> {
    return this.#session.read(options, (database) => {
      const limit = pageLimit(options)
      const [fromName, fromVersion] = cutCursor(options?.cursor, 2)
      const rows =
        name === undefined
          ? database.all('labels', { fromName, fromVersion, limit: limit + 1 })
          : database.all('labelsOfName', { name, fromVersion, limit: limit + 1 })
      return cutPage(rows.map(toLabel), limit, (last) => `${last.name}\0${last.version}\0`)
    })
  }

  deleteLabel(name: string, version: string, options?: CallOptions): Promise<void> {
    return this.#session.write(options, (database) => {
      if (database.run('deleteLabel', { name, version }) === 0) throw labelNotFound(name, version)
    })
  }

  putSchema(
    schema: StoredSchema,
    digest: string,
    ifLatest: string | undefined,
    options?: CallOptions,
  ): Promise<'put' | 'taken' | 'stale'> {
    return this.#session.write(options, (database) => {
      const { typeName, version, text } = schema
      const state = schemaState(database, typeName, digest)
      if (ifLatest !== undefined && ((state.latest ?? '') !== ifLatest || state.sameAs !== undefined)) return 'stale'
      if (database.get('schema', { name: typeName, version })) return 'taken'
      database.run('putSchema', { typeName, version, text })
      database.run('indexSchema', { typeName, version, versionKey: versionKey(version), digest })
      return 'put'
    })
  }

  schemaState(typeName: string, digest: string, options?: CallOptions): Promise<SchemaState> {
    return this.#session.read(options, (database) => schemaState(database, typeName, digest))
  }

  findSchema(typeName: string, version: string, name: string, options?: CallOptions): Promise<string | undefined> {
    return this.#session.read(options, (database) => {
      const row = database.get('schema', { name: typeName, version }) ?? database.get('schema', { name, version })
      return row && textOf(row, 'schema_json')
    })
  }

  listSchemas(options?: PageOptions): Promise<Page<StoredSchema>> {
    return this.#session.read(options, (database) => {
      const limit = pageLimit(options)
      const [typeName, key, version] = cutCursor(options?.cursor, 3)
      const rows = database.all('schemas', { typeName, versionKey: key, version, limit: limit + 1 })
      const page = cutPage(
        rows,
        limit,
        (last) => `${textOf(last, 'type_name')}\0${textOf(last, 'version_key')}\0${textOf(last, 'version')}\0`,
      )
      const items = page.items.filter((row) => row['schema_json'] !== null)
      return { ...page, items: items.map(toSchema) }
    })
  }

  registryId(options?: CallOptions): Promise<string> {
    return this.#session.read(options, (database) => uuidOf(database.get('registry')?.['uuid'], 'the table shardex_registry'))
  }

  adopt(options?: CallOptions): Promise<number> {
    return this.#session.adopt(options)
  }

  diagnose(options?: CallOptions): Promise<Diagnosis> {
    return this.#session.read(options, (database) => diagnoseSqlite(database, this.url))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#session[Symbol.dispose]()
  }
}

function absent(cid: string): never {
  throw entryNotFound(cid)
}

function stepOf(database: Database, name: string, at: Moment | undefined): Row | undefined {
  if (at === undefined) return database.get('name', { name })
  return 'revision' in at
    ? database.get('stepByRevision', { name, revision: at.revision })
    : database.get('stepByTime', { name, timeMs: at.timeMs })
}

function schemaState(database: Database, typeName: string, digest: string): SchemaState {
  const [latest, sameAs] = [database.get('latestSchema', { typeName }), database.get('schemaByDigest', { typeName, digest })]
  return { latest: latest && textOf(latest, 'version'), sameAs: sameAs && textOf(sameAs, 'version') }
}

/** The columns to start at; the NUL at the end of a cursor belongs to the last one. */
function cutCursor(cursor: string | undefined, columns: number): string[] {
  const parts = cursor?.split('\0') ?? []
  return Array.from({ length: columns }, (_, i) => (parts[i] ?? '') + (i === columns - 1 && cursor !== undefined ? '\0' : ''))
}

function toSchema(row: Row): StoredSchema {
  return { typeName: textOf(row, 'type_name'), version: textOf(row, 'version'), text: textOf(row, 'schema_json') }
}
