import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { GarbageMark, Ingest } from '@shardex/index'
import { openSpool, type Spool } from '../spool/open-spool.ts'
import { type Base, baseOfUrl, nameOfUrl } from './own-object.ts'

/** An object below a base that a journal names. */
export interface SurveyedObject {
  readonly url: string
  readonly sizeBytes: number
  /** The insert that wrote it; objects under their digest belong to nobody in particular. */
  readonly ingestId?: string | undefined
  readonly name?: string | undefined
  readonly mark?: SurveyedMark | undefined
}

export interface SurveyedMark extends GarbageMark {
  /** It was claimed so long ago that no collector acts on that any more. */
  readonly outlived: boolean
}

/** An insert that will never need anything of its own again, and since when. */
export interface DeadIngest {
  readonly id: string
  readonly endedAtMs: number
}

const PAGE = 500

const TABLES = `
  PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -16384;
  CREATE TABLE base (url TEXT PRIMARY KEY, folder TEXT NOT NULL, layout TEXT NOT NULL, alive INTEGER NOT NULL, busy INTEGER NOT NULL, failed INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
  CREATE INDEX base_folder ON base (folder) WHERE layout = 'sequence';
  CREATE TABLE dead (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, base TEXT NOT NULL, ended_at INTEGER NOT NULL);
  CREATE INDEX dead_base ON dead (base);
  CREATE TABLE object (url TEXT PRIMARY KEY, name TEXT NOT NULL, base TEXT NOT NULL, size INTEGER NOT NULL, needed INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
  CREATE INDEX object_name ON object (name);
  CREATE INDEX object_base ON object (base);
  CREATE TABLE mark (url TEXT PRIMARY KEY, base TEXT, state TEXT NOT NULL, at INTEGER NOT NULL, due INTEGER NOT NULL, outlived INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
  BEGIN;
`

const OBJECTS = `
  SELECT object.url, object.size, dead.id, dead.name, mark.state, mark.at, mark.outlived
  FROM object JOIN base ON base.url = object.base LEFT JOIN mark ON mark.url = object.url
  LEFT JOIN dead ON base.layout = 'sequence' AND dead.number = (SELECT min(number) FROM dead AS writer WHERE writer.base = object.base)
  WHERE object.url > :after AND `

/** What one run has found out. It is kept in a file, so that memory stays flat however much there is. */
export class Survey implements AsyncDisposable {
  readonly #spool: Spool
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  private constructor(spool: Spool) {
    this.#spool = spool
    this.#database = new DatabaseSync(join(spool.path, 'survey.db'))
    this.#database.exec(TABLES)
  }

  static async open(): Promise<Survey> {
    return new Survey(await openSpool())
  }

  /** @param life `busy`: somebody may be writing; `dead`: it will never need anything below its base that no other insert needs */
  addIngest({ id, name, base, layout, untilMs }: Ingest, life: 'busy' | 'alive' | 'dead'): void {
    this.#run(
      `INSERT INTO base (url, folder, layout, alive, busy) VALUES (:base, :folder, :layout, :alive, :busy)
       ON CONFLICT (url) DO UPDATE SET alive = max(alive, excluded.alive), busy = max(busy, excluded.busy)`,
      { base, folder: folderOf(base), layout, alive: Number(life !== 'dead'), busy: Number(life === 'busy') },
    )
    if (life !== 'dead') return
    this.#run('INSERT OR IGNORE INTO dead (id, name, base, ended_at) VALUES (:id, :name, :base, :untilMs)', {
      id,
      name,
      base,
      untilMs,
    })
  }

  isDead(id: string): boolean {
    return this.#get('SELECT 1 FROM dead WHERE id = :id', { id }) !== undefined
  }

  /** Where garbage may lie: below dead inserts, and wherever objects are shared. */
  *bases(): Generator<Base & { readonly busy: boolean }> {
    const sql = `SELECT url, layout, busy FROM base WHERE url > :after AND (layout = 'content' OR NOT alive) ORDER BY url`
    for (const { url, layout, busy } of this.#pages(sql, 'url'))
      yield { url: String(url), layout: layout === 'content' ? 'content' : 'sequence', busy: busy === 1 }
  }

  /** Those in which inserts have numbered their objects, each with a `/` at its end; but those that could not be listed. */
  *folders(): Generator<string> {
    const sql = `SELECT folder FROM base WHERE layout = 'sequence' AND folder > :after GROUP BY folder HAVING NOT max(failed) ORDER BY folder`
    for (const { folder } of this.#pages(sql, 'folder')) yield String(folder)
  }

  /** Whether nobody can be writing below a base any more. */
  hasEnded(base: string): boolean {
    return this.#get('SELECT 1 FROM base WHERE url = :base AND NOT busy', { base }) !== undefined
  }

  /** It could not be listed: nothing is known of what is below it. */
  failBase(url: string): void {
    this.#run('UPDATE base SET failed = 1 WHERE url = :url', { url })
  }

  addObject(url: string, base: string, sizeBytes: number): void {
    this.#run('INSERT OR IGNORE INTO object (url, name, base, size) VALUES (:url, :name, :base, :sizeBytes)', {
      url,
      name: nameOfUrl(url),
      base,
      sizeBytes,
    })
  }

  get objectCount(): number {
    return Number(this.#get('SELECT count(*) AS count FROM object')?.['count'])
  }

  /** Somebody needs what is known by this name. */
  hold(name: string): void {
    this.#run('UPDATE object SET needed = 1 WHERE name = :name', { name })
  }

  /** Somebody may need any object whose name starts so. The end is the next text that does not. */
  holdNamesFrom(start: string): void {
    this.#run('UPDATE object SET needed = 1 WHERE name >= :start AND name < :start || char(1114111)', { start })
  }

  /** As `holdNamesFrom`, of whole URLs. */
  holdUrlsFrom(start: string): void {
    this.#run('UPDATE object SET needed = 1 WHERE url >= :start AND url < :start || char(1114111)', { start })
  }

  /** @param due whether it is old enough to be acted on */
  addMark({ url, state, markedAtMs }: GarbageMark, { due }: { readonly due: boolean }): void {
    this.#run('INSERT OR IGNORE INTO mark (url, base, state, at, due) VALUES (:url, :base, :state, :markedAtMs, :due)', {
      url,
      base: baseOfUrl(url)?.url ?? null,
      state,
      markedAtMs,
      due: Number(due),
    })
  }

  outlive(url: string): void {
    this.#run('UPDATE mark SET outlived = 1 WHERE url = :url', { url })
  }

  /** Marked, and needed. */
  rescued(): Generator<SurveyedObject> {
    return this.#objects('object.needed AND mark.url IS NOT NULL')
  }

  /** Needed by nobody, and marked long ago or claimed by a collector that may be dead. */
  doomed(): Generator<SurveyedObject> {
    return this.#objects(`NOT object.needed AND (mark.due OR mark.state = 'deleting')`)
  }

  waiting(): Generator<SurveyedObject> {
    return this.#objects(`NOT object.needed AND NOT mark.due AND mark.state = 'marked'`)
  }

  /** Needed by nobody, and not marked yet. */
  unmarked(): Generator<SurveyedObject> {
    return this.#objects('NOT object.needed AND mark.url IS NULL')
  }

  /** Marks of what is not there. What lies below a base that could not be listed may be there. */
  *absent(): Generator<SurveyedMark> {
    const sql = `SELECT mark.url, mark.state, mark.at, mark.outlived FROM mark LEFT JOIN object ON object.url = mark.url LEFT JOIN base ON base.url = mark.base
      WHERE mark.url > :after AND object.url IS NULL AND coalesce(base.failed, 0) = 0 ORDER BY mark.url`
    for (const row of this.#pages(sql, 'url')) yield toMark(row)
  }

  /** Those below whose base nothing is left. Of inserts that share their objects, the last one is kept until nothing is left of any. */
  *forgettable(): Generator<DeadIngest> {
    const sql = `SELECT dead.number, dead.id, dead.ended_at FROM dead JOIN base ON base.url = dead.base
      WHERE dead.number > :after AND NOT base.failed AND (
        NOT EXISTS (SELECT 1 FROM object WHERE object.base = dead.base)
        OR base.layout = 'content' AND (base.alive OR EXISTS (SELECT 1 FROM dead AS later WHERE later.base = dead.base AND later.number > dead.number)))
      ORDER BY dead.number`
    for (const { id, ended_at } of this.#pages(sql, 'number', 0)) yield { id: String(id), endedAtMs: Number(ended_at) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#database.close()
    await this.#spool[Symbol.asyncDispose]()
  }

  *#objects(condition: string): Generator<SurveyedObject> {
    for (const row of this.#pages(`${OBJECTS}${condition} ORDER BY object.url`, 'url')) {
      yield {
        url: String(row['url']),
        sizeBytes: Number(row['size']),
        ...(typeof row['id'] === 'string' && { ingestId: row['id'], name: String(row['name']) }),
        ...(row['state'] !== null && { mark: toMark(row) }),
      }
    }
  }

  /** A page at a time, so that rows may be changed between them. */
  *#pages(sql: string, key: string, first: SQLInputValue = ''): Generator<Record<string, unknown>> {
    const statement = this.#statement(`${sql} LIMIT ${PAGE}`)
    for (let after = first; ; ) {
      const rows = statement.all({ after })
      yield* rows
      const last = rows.at(-1)?.[key]
      if (rows.length < PAGE || last === undefined) return
      after = last
    }
  }

  #run(sql: string, parameters: Record<string, SQLInputValue>): void {
    this.#statement(sql).run(parameters)
  }

  #get(sql: string, parameters: Record<string, SQLInputValue> = {}): Record<string, unknown> | undefined {
    return this.#statement(sql).get(parameters)
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}

function folderOf(url: string): string {
  return url.slice(0, url.lastIndexOf('/') + 1)
}

function toMark(row: Record<string, unknown>): SurveyedMark {
  return {
    url: String(row['url']),
    state: row['state'] === 'deleting' ? 'deleting' : 'marked',
    markedAtMs: Number(row['at']),
    outlived: row['outlived'] === 1,
  }
}
