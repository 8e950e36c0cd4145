import { symlinkSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { LocalIndex, openSqliteIndex } from '@shardex/index'
import { describe, expect, test } from 'vitest'
import { tempDir } from '../../../test/services/temp-dir.ts'
import { sqlitePlace } from './places.ts'

describe('the index in an SQLite file', () => {
  test('outlives the process that wrote it', async () => {
    await using place = await sqlitePlace()
    {
      await using index = new LocalIndex({ path: place.path })
      await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['1'] })
    }
    await using index = new LocalIndex({ path: place.path })
    expect(await index.getEntryByName('a')).toMatchObject({ revision: 1, dataUrls: ['1'] })
    expect(await index.diagnose()).toMatchObject({
      backend: 'sqlite',
      facts: { 'journal mode': 'wal', synchronous: 'full' },
      warnings: [],
    })
  })

  test('is refused with advice if the file is something else', async () => {
    await using dir = await tempDir('index')
    writeFileSync(dir.file('text.db'), 'this is no database at all, but long enough to have a header'.repeat(20))
    const wanted = { code: 'index.corrupt', message: expect.stringContaining('restore it from a backup') as string }
    await expect(openSqliteIndex({ path: dir.file('text.db') })).rejects.toMatchObject(wanted)
  })

  test('is refused if a newer shardex wrote it, or its tables are not those of an index', async () => {
    await using place = await sqlitePlace()
    await place.connect()
    using database = new DatabaseSync(place.path)
    database.exec('UPDATE shardex_meta SET layout = 99')
    await expect(place.connect()).rejects.toMatchObject({ code: 'index.corrupt', details: { found: 'layout 99' } })

    await using dir = await tempDir('index')
    using other = new DatabaseSync(dir.file('other.db'))
    other.exec('CREATE TABLE labels (something TEXT)')
    await expect(openSqliteIndex({ path: dir.file('other.db') })).rejects.toMatchObject({ code: 'index.corrupt' })
  })

  test('is unavailable, not corrupt, if its folder cannot be made', async () => {
    await using dir = await tempDir('index')
    writeFileSync(dir.file('file'), '')
    await expect(openSqliteIndex({ path: dir.file('file', 'index.db') })).rejects.toMatchObject({ code: 'index.unavailable' })
  })

  test('is unavailable if its folder leads nowhere, or is one where nobody can make another', async () => {
    await using dir = await tempDir('index')
    symlinkSync(dir.file('not-mounted', 'disk'), dir.file('gone'))
    symlinkSync('loop', dir.file('loop'))
    const nowhere = ['gone/index.db', 'gone/a/b/index.db', 'loop/a/index.db'].map((path) => dir.file(path))
    for (const path of process.platform === 'linux' ? [...nowhere, '/proc/shardex/a/index.db'] : nowhere) {
      const message = expect.stringMatching(/is the disk mounted|unable to open/)
      await expect(openSqliteIndex({ path }), path).rejects.toMatchObject({ code: 'index.unavailable', message })
    }
  })

  test('makes the folders above it', async () => {
    await using dir = await tempDir('index')
    await using index = await openSqliteIndex({ path: dir.file('a', 'b', 'index.db') })
    expect(index.url).toBe(dir.file('a', 'b', 'index.db'))
  })

  test('names the row whose bytes are garbage', async () => {
    await using place = await sqlitePlace()
    const index = new LocalIndex({ provider: await place.connect() })
    const { cid } = await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['1'] })
    using database = new DatabaseSync(place.path)
    database.prepare('UPDATE dataset_entries SET data_urls = ?').run(Uint8Array.of(0xc1))
    await expect(index.getEntryByName('a')).rejects.toMatchObject({
      code: 'index.corrupt',
      details: { where: `data_urls of entry ${cid}` },
    })
    database.prepare('UPDATE dataset_entries SET data_urls = ?').run('text')
    await expect(index.getEntry(cid)).rejects.toMatchObject({ code: 'index.corrupt' })
  })

  test('answers every lookup and every page from an index, never by walking a table', async () => {
    await using place = await sqlitePlace()
    await place.connect()
    using database = new DatabaseSync(place.path)
    const sql = (await import('node:fs')).readFileSync(new URL('../sql/statements.sql', import.meta.url), 'utf8')
    const [, ...parts] = sql.split(/^-- :(\w+)$/m)
    for (let i = 0; i < parts.length; i += 2) {
      const [name = '', text = ''] = [parts[i], parts[i + 1]]
      // What counts, counts all; the marks and the layout are one row; the rest of these reads what is new.
      if (['counts', 'layout', 'seen', 'markSeen', 'anyMark'].includes(name)) continue
      const plan = database.prepare(`EXPLAIN QUERY PLAN ${text.replace(/^\s*--.*$/gm, '')}`).all()
      const walks = plan
        .map((row) => String(row['detail']))
        .filter((detail) => /^SCAN (?!CONSTANT)/.test(detail) || /TEMP B-TREE/.test(detail))
      expect([name, walks]).toEqual([name, []])
    }
  })
})
