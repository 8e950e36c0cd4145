import type { CallOptions } from '../provider.ts'
import { catchUp, isBehind } from './catch-up.ts'
import type { Database } from './database.ts'
import { sqliteFailure } from './failure.ts'

/** One connection as calls use it: what atdata wrote is seen first, and failures say what they mean. */
export class SqliteSession implements Disposable {
  readonly path: string
  readonly #database: Database
  #dataVersion: unknown

  constructor(database: Database, path: string) {
    this.#database = database
    this.path = path
  }

  /** SQLite tells for free whether another connection wrote anything at all. */
  async read<T>(options: CallOptions | undefined, work: (database: Database) => T): Promise<T> {
    options?.signal?.throwIfAborted()
    return this.#explained(() => {
      const dataVersion = this.#database.pragma('data_version')
      if (dataVersion !== this.#dataVersion && isBehind(this.#database)) this.#database.transaction(() => catchUp(this.#database))
      this.#dataVersion = dataVersion
      return work(this.#database)
    })
  }

  /** All of `work` or nothing. */
  async write<T>(options: CallOptions | undefined, work: (database: Database) => T): Promise<T> {
    options?.signal?.throwIfAborted()
    return this.#explained(() => this.#database.transaction(() => this.#caughtUp(work)))
  }

  /** The same for what may be forgotten when the power goes, because it is found or said again. */
  async jot<T>(options: CallOptions | undefined, work: (database: Database) => T): Promise<T> {
    options?.signal?.throwIfAborted()
    return this.#explained(() => this.#database.unsyncedTransaction(() => this.#caughtUp(work)))
  }

  /** @returns how many entries, labels and schemas were new */
  async adopt(options: CallOptions | undefined): Promise<number> {
    options?.signal?.throwIfAborted()
    return this.#explained(() =>
      this.#database.transaction(() => {
        const fresh = catchUp(this.#database)
        catchUp(this.#database, 'start')
        return fresh
      }),
    )
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]()
  }

  #caughtUp<T>(work: (database: Database) => T): T {
    if (isBehind(this.#database)) catchUp(this.#database)
    const result = work(this.#database)
    this.#database.run('markSeen')
    return result
  }

  #explained<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw sqliteFailure(error, this.path)
    }
  }
}
