import type { LensShelf, StoredLens } from '../lens-shelf.ts'
import { cutPage, type Page, type PageOptions, pageLimit } from '../paging.ts'
import type { CallOptions } from '../provider.ts'
import type { Row } from './database.ts'
import { textOf } from './rows.ts'
import type { SqliteSession } from './session.ts'

/** Atdata's own table, whose key is name and version: it needs no other index. */
export class SqliteLenses implements LensShelf {
  readonly #session: SqliteSession

  constructor(session: SqliteSession) {
    this.#session = session
  }

  put({ name, version, text }: StoredLens, options?: CallOptions): Promise<boolean> {
    return this.#session.write(options, (database) => database.run('putLens', { name, version, text }) > 0)
  }

  find(name: string, version: string, options?: CallOptions): Promise<string | undefined> {
    return this.#session.read(options, (database) => {
      const row = database.get('lens', { name, version })
      return row && textOf(row, 'lens_json')
    })
  }

  versions(name: string, options?: CallOptions): Promise<readonly string[]> {
    return this.#session.read(options, (database) => database.all('lensVersions', { name }).map((row) => textOf(row, 'version')))
  }

  list(options?: PageOptions): Promise<Page<StoredLens>> {
    return this.#session.read(options, (database) => {
      const limit = pageLimit(options)
      const [name = '', version = ''] = options?.cursor?.split('\0') ?? []
      const rows = database.all('lenses', { name, version, limit: limit + 1 })
      return cutPage(rows.map(toLens), limit, (last) => `${last.name}\0${last.version}`)
    })
  }
}

function toLens(row: Row): StoredLens {
  return { name: textOf(row, 'name'), version: textOf(row, 'version'), text: textOf(row, 'lens_json') }
}
