import type { GarbageMarks } from '../garbage-marks.ts'
import type { GarbageMark } from '../ingest.ts'
import { cutPage, type Page, type PageOptions, pageLimit } from '../paging.ts'
import type { CallOptions } from '../provider.ts'
import { cutMarkCursor, markCursor, toMark } from '../stored-ingest.ts'
import type { Database, Row } from './database.ts'
import { numberOf, textOf } from './rows.ts'
import type { SqliteSession } from './session.ts'

/** Each call is one transaction, or one statement. */
export class SqliteGarbage implements GarbageMarks {
  readonly #session: SqliteSession

  constructor(session: SqliteSession) {
    this.#session = session
  }

  mark(urls: readonly string[], options?: CallOptions): Promise<number> {
    return this.#session.write(options, (database) => {
      const nowMs = Date.now()
      return urls.reduce((marked, url) => marked + database.run('putMark', { url, nowMs }), 0)
    })
  }

  list(olderThanMs: number, options?: PageOptions): Promise<Page<GarbageMark>> {
    return this.#session.read(options, (database) => {
      const limit = pageLimit(options)
      const untilMs = olderThanMs === 0 ? Number.MAX_SAFE_INTEGER : Date.now() - olderThanMs
      const rows = database.all('marks', { ...cutMarkCursor(options?.cursor), untilMs, limit: limit + 1 })
      return cutPage(rows.map(markOf), limit, markCursor)
    })
  }

  claim(marks: readonly GarbageMark[], options?: CallOptions): Promise<readonly GarbageMark[]> {
    return this.#session.write(options, (database) =>
      marks.flatMap(({ url, state, markedAtMs: seenMs }) => {
        // A claim is never the one before, also if the clock stands still.
        const nowMs = Math.max(Date.now(), seenMs + 1)
        return database.run('claimMark', { url, state, seenMs, nowMs }) > 0 ? [toMark(url, 'deleting', nowMs)] : []
      }),
    )
  }

  unmark(marks: readonly GarbageMark[], options?: CallOptions): Promise<number> {
    return this.#session.write(options, (database) =>
      marks.reduce((taken, { url, state, markedAtMs: seenMs }) => taken + database.run('removeMark', { url, state, seenMs }), 0),
    )
  }
}

/**
 * Inside a transaction: something needs these objects.
 * @returns those that are being deleted; if there are any, nothing was changed
 */
export function takeMarksBack(database: Database, urls: readonly string[]): readonly string[] {
  if (!database.get('anyMark')) return []
  const deleting = urls.filter((url) => database.get('mark', { url })?.['state'] === 'deleting')
  if (deleting.length === 0) for (const url of urls) database.run('takeMarkBack', { url })
  return deleting
}

function markOf(row: Row): GarbageMark {
  return toMark(textOf(row, 'url'), textOf(row, 'state'), numberOf(row, 'at_ms'))
}
