import { readFileSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'

export type Row = Readonly<Record<string, unknown>>
export type Parameters = Readonly<Record<string, SQLInputValue | undefined>>

/** Primary result codes of https://sqlite.org/rescode.html; extended ones have them in their low byte. */
const BUSY = 5
const IO_ERROR = 10

/** For readers to end when the log is to be emptied. */
const SHORT_MS = 200

/**
 * One SQLite connection: each statement of `sql/statements.sql` prepared once, and transactions. Everything is synchronous, so that
 * two calls of one process never meet inside a transaction.
 */
export class Database implements Disposable {
  readonly #database: DatabaseSync
  readonly #busyTimeoutMs: number
  readonly #statements = new Map<string, StatementSync>()
  readonly #sql = statementTexts()
  /**
   * A write or sync failed, and systems tell that once: what lies in the log may never reach the disk, and when the power goes nothing
   * behind it counts.
   */
  #isLogDoubtful = false

  constructor(path: string, busyTimeoutMs: number) {
    this.#busyTimeoutMs = busyTimeoutMs
    this.#database = new DatabaseSync(path, { timeout: busyTimeoutMs })
  }

  get(name: string, parameters: Parameters = {}): Row | undefined {
    return this.#statement(name).get(bound(parameters))
  }

  all(name: string, parameters: Parameters = {}): readonly Row[] {
    return this.#statement(name).all(bound(parameters))
  }

  /** @returns how many rows were changed */
  run(name: string, parameters: Parameters = {}): number {
    return Number(this.#statement(name).run(bound(parameters)).changes)
  }

  /** Run statements that are not in the file: settings and tables. */
  exec(sql: string): void {
    this.#database.exec(sql)
  }

  pragma(name: string): unknown {
    return Object.values(this.#database.prepare(`PRAGMA ${name}`).get() ?? {})[0]
  }

  /** All of `work` or nothing. Waits its turn first, so that what `work` reads stays true until it is done. */
  transaction<T>(work: () => T): T {
    if (this.#isLogDoubtful) this.#emptyLog()
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      this.#isLogDoubtful ||= isIoError(error)
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      if (this.#isLogDoubtful) this.#tryToEmptyLog()
      throw error
    }
  }

  /** The same, but not synced by itself: power can take it until the next transaction that is. Never one before it, and the rest stays whole. */
  unsyncedTransaction<T>(work: () => T): T {
    this.#database.exec('PRAGMA synchronous = NORMAL')
    try {
      return this.transaction(work)
    } finally {
      this.#database.exec('PRAGMA synchronous = FULL')
    }
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close()
  }

  /** At once, because this process may end, and others go on; else before the next transaction. */
  #tryToEmptyLog(): void {
    try {
      this.#emptyLog()
    } catch {
      // The error that was met is the one to tell.
    }
  }

  /**
   * Copy everything from the log to the database, sync that, and begin the log anew.
   * @throws if the disk fails again, or somebody is reading; for whom nobody waits long, because everything of this process would
   */
  #emptyLog(): void {
    this.#database.exec(`PRAGMA busy_timeout = ${Math.min(this.#busyTimeoutMs, SHORT_MS)}`)
    let busy: unknown
    try {
      busy = this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy']
    } finally {
      this.#database.exec(`PRAGMA busy_timeout = ${this.#busyTimeoutMs}`)
    }
    if (busy !== 0) throw Object.assign(new Error('the log cannot be emptied after an I/O error'), { errcode: BUSY })
    this.#isLogDoubtful = false
  }

  #statement(name: string): StatementSync {
    const known = this.#statements.get(name)
    if (known) return known
    const sql = this.#sql.get(name)
    if (sql === undefined) throw new TypeError(`sql/statements.sql has no statement ${name}`)
    const statement = this.#database.prepare(sql)
    this.#statements.set(name, statement)
    return statement
  }
}

function isIoError(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === IO_ERROR
}

export function readSql(file: string): string {
  return readFileSync(new URL(`../../sql/${file}.sql`, import.meta.url), 'utf8')
}

function statementTexts(): ReadonlyMap<string, string> {
  const [, ...parts] = readSql('statements').split(/^-- :(\w+)$/m)
  return new Map(Array.from({ length: parts.length / 2 }, (_, i) => [parts[2 * i] ?? '', parts[2 * i + 1] ?? '']))
}

function bound(parameters: Parameters): Record<string, SQLInputValue> {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, value ?? null]))
}
