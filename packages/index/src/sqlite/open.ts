import { randomUUID } from 'node:crypto'
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CallOptions, IndexProvider } from '../provider.ts'
import { corrupt } from '../refusals.ts'
import { Database, readSql } from './database.ts'
import { sqliteFailure } from './failure.ts'
import { numberOf } from './rows.ts'
import { SqliteSession } from './session.ts'
import { SqliteProvider } from './sqlite-provider.ts'

const LAYOUT = 1
/** How long a write waits for the writes of other processes, which take milliseconds. */
const BUSY_TIMEOUT_MS = 10_000

export interface SqliteIndexOptions extends CallOptions {
  /** The file; its folder is made. An index of atdata will do. */
  readonly path: string
}

/**
 * An index in one SQLite file, shared by any number of processes of one machine. A commit is on the disk when it returns
 * (write-ahead log, `synchronous=FULL`).
 * @throws {ShardexError} `index.corrupt` for a file that is no index or a newer one; `storage.denied` for one that may not be written, which is what
 * readers do, too; `index.unavailable`
 */
export async function openSqliteIndex({ path, signal }: SqliteIndexOptions): Promise<IndexProvider> {
  signal?.throwIfAborted()
  using undo = new DisposableStack()
  try {
    if (path !== ':memory:') await makeFolder(dirname(path))
    const database = undo.use(new Database(path, BUSY_TIMEOUT_MS))
    await turnOnWal(database, signal)
    // The file may come from anywhere: its views and triggers get no functions that reach outside.
    database.exec('PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF')
    database.transaction(() => createTables(database, path))
    undo.move()
    return new SqliteProvider(new SqliteSession(database, path))
  } catch (error) {
    throw sqliteFailure(error, path)
  }
}

/** With those above it, durable as far as they may be opened. Node's own recursive one never ends where none can be made (/proc). */
async function makeFolder(path: string, parentIsThere = false): Promise<void> {
  try {
    await mkdir(path)
    await syncFolder(dirname(path)).catch(() => {})
  } catch (error) {
    const errno = error instanceof Error && 'code' in error ? error.code : undefined
    if (errno === 'EEXIST') return
    if (errno !== 'ENOENT' || parentIsThere) throw error
    await makeFolder(dirname(path))
    await makeFolder(path, true)
  }
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path)
  await folder.sync()
}

function createTables(database: Database, path: string): void {
  database.exec(readSql('atdata'))
  database.exec(readSql('shardex'))
  database.exec(`INSERT INTO shardex_meta (id, layout) VALUES (1, ${LAYOUT}) ON CONFLICT DO NOTHING`)
  database.run('makeRegistry', { uuid: randomUUID() })
  const layout = numberOf(database.get('layout') ?? {}, 'layout')
  if (layout !== LAYOUT) throw corrupt(path, `layout ${layout}`, `layout ${LAYOUT}, or a newer shardex`)
}

/** SQLite does not wait when two processes do this at once; it says busy. */
async function turnOnWal(database: Database, signal: AbortSignal | undefined): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    try {
      database.pragma('journal_mode = WAL')
      return
    } catch (error) {
      if (attempt === 50) throw error
      if (!(error instanceof Error && 'errcode' in error && error.errcode === 5)) throw error
      await sleep(20)
    }
  }
}
