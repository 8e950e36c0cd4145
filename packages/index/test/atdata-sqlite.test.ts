import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { LocalIndex } from '@shardex/index'
import { encodeMsgpack } from '@shardex/schema'
import { describe, expect, test } from 'vitest'
import { sqlitePlace } from './places.ts'
import { readVectors, storage } from './vectors.ts'

const { schemas } = readVectors<{ schemas: { class: string; stored_json_text: string }[] }>('atdata-schemas')
const schemaText = schemas.find((one) => one.class === 'Img')?.stored_json_text ?? ''

describe('an SQLite index that atdata wrote', () => {
  test('is read as it is, with all its entries, labels and schemas', async () => {
    await using place = await sqlitePlace()
    using atdata = openAsAtdata(place.path)
    for (const { sqlite_row } of storage.entries) {
      const [cid, name, ref, urls, metadata, uuid = null] = sqlite_row
      atdata.storeEntry([cid ?? '', name ?? '', ref ?? '', unhex(urls), unhex(metadata), uuid])
    }
    const two = storage.entries[1]?.cid ?? ''
    atdata.storeLabel('labelled', two, '1.0.0')
    atdata.storeSchema('Img', '1.0.0', schemaText)
    atdata.storeSchema('Img', 'zebra', schemaText)

    const index = new LocalIndex({ path: place.path })
    for (const { cid, entry } of storage.entries) {
      expect(await index.getEntryByName(entry.name)).toMatchObject({ cid, dataUrls: entry.data_urls })
      expect((await index.getEntry(cid))?.metadata).toEqual(entry.metadata)
    }
    expect((await index.getEntryByName('labelled'))?.cid).toBe(two)
    expect(await index.getLabel('labelled')).toEqual({ name: 'labelled', version: '1.0.0', cid: two })
    expect((await index.listNames()).names).toHaveLength(storage.entries.length + 1)
    expect(await index.latestSchemaVersion('Img')).toBe('1.0.0')
    expect((await index.decodeSchema('atdata://local/schema/Img@1.0.0')).typeName).toBe('Img')
    expect(await index.adopt()).toBe(0)
    await index[Symbol.asyncDispose]()
  })

  test('is followed while atdata goes on writing, also over its own rows', async () => {
    await using place = await sqlitePlace()
    const index = new LocalIndex({ provider: await place.connect() })
    const ours = await index.commitEntry({ name: 'shared', schemaRef: 'x', dataUrls: ['ours'] })
    using atdata = openAsAtdata(place.path)
    atdata.storeEntry(['bafy-1', 'shared', 'x', encodeMsgpack(['1']), null, null])
    expect((await index.getEntryByName('shared'))?.cid).toBe(ours.cid)
    atdata.storeLabel('shared', 'bafy-1', '')
    expect(await index.getEntryByName('shared')).toMatchObject({ cid: 'bafy-1', revision: 2 })
    // What atdata replaces is the last row of the table; its successor must be seen all the same.
    atdata.storeLabel('shared', ours.cid, '')
    expect(await index.getEntryByName('shared')).toMatchObject({ cid: ours.cid, revision: 3 })
    atdata.storeLabel('shared', 'nowhere', '')
    expect(await index.getEntryByName('shared')).toMatchObject({ cid: ours.cid, revision: 3 })
    expect(await index.verifyHistory('shared')).toMatchObject({ ok: true, revisions: 3 })
    await expect(index.commitEntry({ name: 'shared', schemaRef: 'x', dataUrls: ['2'], ifRevision: 1 })).rejects.toMatchObject({
      code: 'write.conflict',
    })
    atdata.storeSchema('Img', '2.0.0', schemaText)
    expect(await index.latestSchemaVersion('Img')).toBe('2.0.0')
    atdata.storeEntry(['bafy-2', 'a/b', 'x', encodeMsgpack(['2']), null, null])
    expect((await index.listNames()).names.map(({ name }) => name)).toEqual(['a/b', 'shared'])
  })

  test('a name that was deleted here comes back only when atdata writes it again', async () => {
    await using place = await sqlitePlace()
    const index = new LocalIndex({ provider: await place.connect() })
    const { cid } = await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['u'] })
    await index.deleteName('a')
    using atdata = openAsAtdata(place.path)
    atdata.storeEntry([cid, 'a', 'x', encodeMsgpack(['u']), null, null])
    expect(await index.getEntryByName('a')).toBeUndefined()
    atdata.storeLabel('a', cid, '')
    expect(await index.getEntryByName('a')).toMatchObject({ cid, revision: 3 })
  })

  test('shows atdata what shardex writes: its queries find the entry a name points to', async () => {
    await using place = await sqlitePlace()
    const index = new LocalIndex({ provider: await place.connect() })
    await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['1'], label: { version: '1.0.0' } })
    const { cid } = await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['2'] })
    using atdata = openAsAtdata(place.path)
    expect(atdata.latestLabel('a')).toBe(cid)
    await index.rename('a', 'b')
    expect(atdata.latestLabel('b')).toBe(cid)
  })
})

type EntryRow = readonly [string, string, string, Uint8Array | null, Uint8Array | null, string | null]

/** The statements of atdata's SQLite provider, in effect: each of them REPLACE, each committed alone. */
function openAsAtdata(path: string): Disposable & {
  storeEntry(row: EntryRow): void
  storeLabel(name: string, cid: string, version: string): void
  storeSchema(name: string, version: string, text: string): void
  latestLabel(name: string): unknown
} {
  mkdirSync(dirname(path), { recursive: true })
  const database = new DatabaseSync(path, { timeout: 5000 })
  database.exec('PRAGMA journal_mode = WAL')
  for (const sql of storage.sqlite_master) database.exec(sql.replace(/^CREATE (TABLE|INDEX) /, 'CREATE $1 IF NOT EXISTS '))
  const replace = (table: string, columns: string, values: readonly (string | Uint8Array | null)[]): void => {
    const marks = values.map(() => '?').join(', ')
    database.prepare(`INSERT OR REPLACE INTO ${table} (${columns}) VALUES (${marks})`).run(...values)
  }
  return {
    storeEntry: (row) => replace('dataset_entries', 'cid, name, schema_ref, data_urls, metadata, legacy_uuid', row),
    storeLabel: (name, cid, version) => replace('labels', 'name, cid, version', [name, cid, version]),
    storeSchema: (name, version, text) => replace('schemas', 'name, version, schema_json', [name, version, text]),
    latestLabel: (name) =>
      database.prepare('SELECT cid FROM labels WHERE name = ? ORDER BY created_at DESC, rowid DESC LIMIT 1').get(name)?.['cid'],
    [Symbol.dispose]: () => database.close(),
  }
}

function unhex(hex: string | null | undefined): Uint8Array | null {
  return hex == null ? null : Buffer.from(hex, 'hex')
}
