import type { Ingest, IngestPlan, IngestShard, Lease } from '../ingest.ts'
import type { IngestJournal } from '../ingest-journal.ts'
import { cutPage, numericCursor, type Page, type PageOptions, pageLimit } from '../paging.ts'
import type { CallOptions } from '../provider.ts'
import { ingestBusy, ingestConflict, ingestLost } from '../refusals.ts'
import { toIngest, toIngestShard } from '../stored-ingest.ts'
import type { Database, Row } from './database.ts'
import { takeMarksBack } from './garbage.ts'
import { bytesOf, ifText, numberOf, textOf } from './rows.ts'
import type { SqliteSession } from './session.ts'

/** Each call is one transaction, or one statement. */
export class SqliteIngests implements IngestJournal {
  readonly #session: SqliteSession

  constructor(session: SqliteSession) {
    this.#session = session
  }

  begin(plan: IngestPlan, lease: Lease, options?: CallOptions): Promise<Ingest> {
    return this.#session.write(options, (database) => {
      const { id } = plan
      const stored = database.get('ingest', { id })
      if (stored) continueIngest(database, stored, plan, lease)
      else insertIngest(database, plan, lease)
      return ingestOf(database.get('ingest', { id }) ?? {})
    })
  }

  renew(id: string, lease: Lease, options?: CallOptions): Promise<void> {
    return this.#session.jot(options, (database) => {
      fence(database, id, lease.owner)
      grant(database, id, lease)
    })
  }

  /** A shard whose note the power takes is there all the same, and is found under its key. */
  note(id: string, owner: string, shard: IngestShard, options?: CallOptions): Promise<readonly string[]> {
    return this.#session.jot(options, (database) => {
      fence(database, id, owner)
      const deleting = takeMarksBack(database, shard.urls)
      if (deleting.length > 0) return deleting
      const { number, description, urls } = shard
      const sequence = numberOf(database.get('ingest', { id }) ?? {}, 'sequence')
      if (!database.get('hasIngestShard', { sequence, number })) database.run('countIngestShard', { id })
      database.run('putIngestShard', { sequence, number, description, urls: JSON.stringify(urls) })
      return []
    })
  }

  listShards(id: string, options?: PageOptions): Promise<Page<IngestShard>> {
    return this.#session.read(options, (database) => {
      const limit = pageLimit(options)
      const after = options?.cursor === undefined ? -1 : numericCursor(options)
      const rows = database.all('ingestShards', { id, after, limit: limit + 1 })
      const toShard = (row: Row): IngestShard =>
        toIngestShard(id, numberOf(row, 'number'), textOf(row, 'urls'), bytesOf(row, 'description'))
      return cutPage(rows.map(toShard), limit, (last) => String(last.number))
    })
  }

  release(id: string, owner: string, options?: CallOptions): Promise<void> {
    return this.#session.write(options, (database) => {
      const row = database.get('ingest', { id })
      if (row?.['state'] === 'open' && row['owner'] === owner) database.run('endLease', { id, nowMs: Date.now() })
    })
  }

  abandon(id: string, by: { readonly owner: string } | { readonly idleMs: number }, options?: CallOptions): Promise<boolean> {
    return this.#session.write(options, (database) => {
      const row = database.get('ingest', { id })
      if (row?.['state'] !== 'open') return row?.['state'] === 'abandoned'
      if ('owner' in by ? row['owner'] !== by.owner : !isIdle(database, row, by.idleMs)) return false
      endIngest(database, id, 'abandoned')
      return true
    })
  }

  forget(id: string, options?: CallOptions): Promise<boolean> {
    return this.#session.write(options, (database) => {
      const row = database.get('ingest', { id })
      if (!row || row['state'] === 'open') return false
      return database.run('forgetIngest', { id }) > 0
    })
  }

  find(id: string, options?: CallOptions): Promise<Ingest | undefined> {
    return this.#session.read(options, (database) => {
      const row = database.get('ingest', { id })
      return row && ingestOf(row)
    })
  }

  list(options?: PageOptions): Promise<Page<Ingest>> {
    return this.#session.read(options, (database) => {
      const limit = pageLimit(options)
      const rows = database.all('ingests', { after: numericCursor(options), limit: limit + 1 })
      const page = cutPage(rows, limit, (last) => String(numberOf(last, 'sequence')))
      return { ...page, items: page.items.map(ingestOf) }
    })
  }

  openFor(name: string, options?: CallOptions): Promise<readonly Ingest[]> {
    return this.#session.read(options, (database) => database.all('openIngests', { name }).map(ingestOf))
  }
}

/**
 * Inside a transaction: that the journal is open and held by this owner.
 * @param cid what the owner is about to commit
 * @returns what the journal ended with, if it was committed with this very CID
 * @throws {ShardexError} `ingest.lost`
 */
export function fence(database: Database, id: string, owner: string, cid?: string): { readonly revision: number } | undefined {
  const row = database.get('ingest', { id })
  if (row?.['state'] === 'open' && row['owner'] === owner) return undefined
  if (row?.['state'] === 'committed' && cid !== undefined && row['cid'] === cid) return { revision: numberOf(row, 'revision') }
  throw ingestLost(id, row && ifText(row, 'state'))
}

/** Inside a transaction. The shards belong to the entry now, or to nobody. */
export function endIngest(
  database: Database,
  id: string,
  state: 'committed' | 'abandoned',
  end?: { readonly cid: string; readonly revision: number },
): void {
  const sequence = numberOf(database.get('ingest', { id }) ?? {}, 'sequence')
  database.run('endIngest', { id, state, nowMs: Date.now(), ...end })
  database.run('dropIngestShards', { sequence })
}

function insertIngest(database: Database, plan: IngestPlan, { owner, leaseMs }: Lease): void {
  const { id, name, base, layout, settings } = plan
  const sequence = numberOf(database.get('nextIngest') ?? {}, 'ingests')
  const resumable = Number(plan.resumable)
  database.run('beginIngest', { sequence, id, name, base, layout, settings, resumable, owner, leaseMs, nowMs: Date.now() })
}

function continueIngest(database: Database, row: Row, plan: IngestPlan, lease: Lease): void {
  const stored = ingestOf(row)
  if (stored.name !== plan.name || stored.layout !== plan.layout || stored.settings !== plan.settings)
    throw ingestConflict(plan.id, stored, plan)
  if (stored.state !== 'open') return
  const leftMs = stored.untilMs - Date.now()
  if (row['owner'] !== lease.owner && leftMs > 0 && leftMs <= numberOf(row, 'lease_ms')) throw ingestBusy(plan.id, leftMs)
  grant(database, plan.id, lease)
}

function grant(database: Database, id: string, { owner, leaseMs }: Lease): void {
  database.run('leaseIngest', { id, owner, leaseMs, untilMs: Date.now() + leaseMs })
}

function isIdle(database: Database, row: Row, idleMs: number): boolean {
  const [nowMs, untilMs] = [Date.now(), numberOf(row, 'until_ms')]
  if (untilMs - nowMs > numberOf(row, 'lease_ms')) database.run('endLease', { id: textOf(row, 'id'), nowMs })
  return untilMs + idleMs <= nowMs
}

function ingestOf(row: Row): Ingest {
  return toIngest({
    id: textOf(row, 'id'),
    name: textOf(row, 'name'),
    base: textOf(row, 'base'),
    layout: textOf(row, 'layout'),
    settings: textOf(row, 'settings'),
    resumable: numberOf(row, 'resumable') !== 0,
    state: textOf(row, 'state'),
    cid: ifText(row, 'cid'),
    beganAtMs: numberOf(row, 'began_at_ms'),
    untilMs: numberOf(row, 'until_ms'),
    shardCount: numberOf(row, 'shards'),
  })
}
