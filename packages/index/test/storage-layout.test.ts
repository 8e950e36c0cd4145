import { DatabaseSync } from 'node:sqlite'
import { type Commit, LocalIndex } from '@shardex/index'
import { encodeMsgpack } from '@shardex/schema'
import { describe, expect, test } from 'vitest'
import { describeRedis } from '../../../test/services/describe.ts'
import { redisPlace, sqlitePlace } from './places.ts'
import { storage } from './vectors.ts'

type Vector = (typeof storage.entries)[number]
const entries = storage.entries.map((vector) => [vector.entry.name, vector] as const)

describeRedis('what lies in Redis', () => {
  test.each(entries)('for the entry %s is what atdata writes, byte for byte', async (_, vector) => {
    await using place = await redisPlace()
    const index = await place.connect()
    await index.commit(commitOf(vector))
    const hash = await place.redis.hgetallBuffer(`${place.keyPrefix}${vector.redis_key}`)
    expect(Object.fromEntries(Object.entries(hash).map(([field, value]) => [field, value.toString('hex')]))).toEqual(
      vector.redis_hash_hex,
    )
  })

  test('for labels is what atdata writes', async () => {
    await using place = await redisPlace()
    const index = new LocalIndex({ provider: await place.connect() })
    const { cid } = await index.commitEntry({
      name: 'mnist',
      schemaRef: 'x',
      dataUrls: ['u'],
      label: { version: '1.0.0', description: 'first' },
    })
    for (const { redis_key, redis_hash } of storage.labels) {
      expect(await place.redis.hgetall(`${place.keyPrefix}${redis_key}`)).toEqual({ ...redis_hash, cid })
    }
  })

  test('for a schema is its JSON under the type name and version', async () => {
    await using place = await redisPlace()
    const index = await place.connect()
    await index.putSchema({ typeName: 'Img', version: '1.0.0', text: '{}' }, '', undefined)
    expect(await place.redis.get(`${place.keyPrefix}LocalSchema:Img@1.0.0`)).toBe('{}')
  })

  test('metadata of an earlier commit do not stay behind', async () => {
    await using place = await redisPlace()
    const index = new LocalIndex({ provider: await place.connect() })
    const good = { name: 'a', schemaRef: 'x', dataUrls: ['u'] }
    const { cid } = await index.commitEntry({ ...good, metadata: { a: 1 } })
    await index.commitEntry(good)
    expect(await place.redis.hexists(`${place.keyPrefix}LocalDatasetEntry:${cid}`, 'metadata')).toBe(0)
  })

  test('a name without history leaves no keys behind when its entry and the name are gone, but its past', async () => {
    await using place = await redisPlace()
    const index = new LocalIndex({ provider: await place.connect() })
    const { cid } = await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['u'], label: { version: '1' } })
    await index.deleteName('a')
    await index.deleteLabel('a', '1')
    await index.deleteEntry(cid)
    const keys = (await place.redis.keys(`${place.keyPrefix}*`)).map((key) => key.slice(place.keyPrefix.length)).sort()
    expect(keys).toEqual(['shardex:history:a', 'shardex:layout', 'shardex:name:a', 'shardex:sequence'])
  })

  test('of an insert that was committed and forgotten nothing is left, nor of a mark that was taken back', async () => {
    await using place = await redisPlace()
    const index = new LocalIndex({ provider: await place.connect() })
    const before = await place.redis.keys(`${place.keyPrefix}*`)
    await insert(index)
    const journal = (await place.redis.keys(`${place.keyPrefix}shardex:*ingest*`)).map((key) => key.slice(place.keyPrefix.length))
    expect(journal.sort()).toEqual(['shardex:ingest:i', 'shardex:ingests'])
    await index.ingests.forget('i')
    await index.deleteName('a')
    for (const { cid } of await index.allEntries()) await index.deleteEntry(cid)
    const kept = ['shardex:history:a', 'shardex:name:a', 'shardex:sequence'].map((key) => place.keyPrefix + key)
    expect((await place.redis.keys(`${place.keyPrefix}*`)).sort()).toEqual([...before, ...kept].sort())
  })
})

describe('what lies in SQLite', () => {
  test.each(entries)('for the entry %s is what atdata writes, byte for byte', async (_, vector) => {
    await using place = await sqlitePlace()
    const index = await place.connect()
    await index.commit(commitOf(vector))
    using database = new DatabaseSync(place.path, { readOnly: true })
    const row =
      database.prepare('SELECT cid, name, schema_ref, data_urls, metadata, legacy_uuid, created_at FROM dataset_entries').get() ??
      {}
    const { created_at: createdAt, ...columns } = row
    expect(
      Object.values(columns).map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value)),
    ).toEqual(vector.sqlite_row)
    expect(createdAt).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  })

  test('of an insert that was committed and forgotten nothing is left, nor of a mark that was taken back', async () => {
    await using place = await sqlitePlace()
    const index = new LocalIndex({ provider: await place.connect() })
    await insert(index)
    await index.ingests.forget('i')
    using database = new DatabaseSync(place.path, { readOnly: true })
    for (const table of ['shardex_ingests', 'shardex_ingest_shards', 'shardex_marks'])
      expect([table, database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()]).toEqual([table, { rows: 0 }])
  })

  test('atdata’s tables and settings are those of atdata, to the letter', async () => {
    await using place = await sqlitePlace()
    await place.connect()
    using database = new DatabaseSync(place.path, { readOnly: true })
    const rows = database.prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'shardex%'").all()
    expect(rows.map((row) => row['sql'])).toEqual(storage.sqlite_master)
    for (const [pragma, value] of Object.entries(storage.sqlite_pragmas)) {
      expect(database.prepare(`PRAGMA ${pragma}`).get()).toEqual({ [pragma]: value })
    }
  })
})

/** With a shard that was marked as garbage before. */
async function insert(index: LocalIndex): Promise<void> {
  const digest = 'ab'.repeat(32)
  const shard = {
    url: 's3://b/i/0.tar',
    sha256: digest,
    sizeBytes: 1024,
    sampleCount: 1,
    minKey: '0',
    maxKey: '0',
    merkleRoot: digest,
    indexSha256: digest,
    indexSizeBytes: 64,
  }
  const plan = { id: 'i', name: 'a', base: 's3://b/i/', layout: 'sequence', settings: 's', resumable: true } as const
  await index.ingests.begin(plan, { owner: 'o', leaseMs: 1000 })
  await index.garbage.mark([shard.url])
  await index.ingests.note('i', 'o', 0, shard, [shard.url, `${shard.url}.idx`])
  await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: [shard.url], shards: [shard], ingest: { id: 'i', owner: 'o' } })
}

function commitOf({ cid, entry }: Vector): Commit {
  const { name, schema_ref: schemaRef, data_urls: dataUrls, metadata, _legacy_uuid: legacyUuid } = entry
  return {
    entry: { cid, name, schemaRef, dataUrls: encodeMsgpack(dataUrls), metadata: metadata && encodeMsgpack(metadata), legacyUuid },
  }
}
