import { LocalIndex, openRedisIndex } from '@shardex/index'
import { defineLens, defineSample, encodeMsgpack, str } from '@shardex/schema'
import { expect, test } from 'vitest'
import { describeRedis } from '../../../test/services/describe.ts'
import { type RedisPlace, redisPlace } from './places.ts'
import { readVectors, storage } from './vectors.ts'

const { schemas } = readVectors<{ schemas: { class: string; stored_json_text: string }[] }>('atdata-schemas')
/** As atdata stores it. */
const lens = {
  name: 'pick',
  version: '1.0.0',
  source_schema: 'Src',
  view_schema: 'View',
  getter: { kind: 'field_mapping', mappings: [{ source_field: 'name', view_field: 'name', transform: null }] },
  putter: { kind: 'field_mapping', mappings: [{ source_field: 'name', view_field: 'name', transform: null }] },
  created_at: '2024-01-02T03:04:05.678901+00:00',
}
const schema = schemas.find((one) => one.class === 'Img') ?? { class: '', stored_json_text: '' }

describeRedis('Redis that atdata wrote to', () => {
  test('before shardex touched it: entries of the eras without labels are found by CID, by name and in lists', async () => {
    await using place = await redisPlace()
    await writeAllEntries(place)
    const index = new LocalIndex({ provider: await place.connect() })
    for (const { cid, entry } of storage.entries) {
      const found = await index.getEntryByName(entry.name)
      expect(found).toMatchObject({ cid, schemaRef: entry.schema_ref, dataUrls: entry.data_urls, revision: 1 })
      expect(found?.metadata).toEqual(entry.metadata)
      expect((await index.getEntry(cid))?.name).toBe(entry.name)
    }
    expect(await index.allEntries()).toHaveLength(storage.entries.length)
    expect((await index.listNames()).names).toHaveLength(storage.entries.length)
    expect(await index.adopt()).toBe(0)
  })

  test('before shardex touched it: a label tells which of two entries of one name is meant', async () => {
    await using place = await redisPlace()
    const [one, two] = [await writeEntry(place, 'same', 'u1'), await writeEntry(place, 'same', 'u2')]
    await writeLabel(place, 'same', '', one)
    await writeLabel(place, 'versioned', '1.9.0', one)
    await writeLabel(place, 'versioned', '1.10.0', two)
    const index = new LocalIndex({ provider: await place.connect() })
    expect((await index.getEntryByName('same'))?.cid).toBe(one)
    expect((await index.getEntryByName('versioned'))?.cid).toBe(two)
    expect((await index.getEntryByName('versioned@1.9.0'))?.cid).toBe(one)
    expect(await index.namesOf(one)).toEqual(['same'])
    for (const name of ['same', 'versioned']) expect(await index.verifyHistory(name)).toMatchObject({ ok: true, revisions: 1 })
  })

  test('before shardex touched it: entries of the first version of atdata become entries', async () => {
    await using place = await redisPlace()
    const uuid = '123e4567-e89b-12d3-a456-426614174000'
    await place.redis.hset(`${place.keyPrefix}BasicIndexEntry:${uuid}`, {
      wds_url: 's3://b/a.tar',
      sample_kind: 'm.Img',
      metadata_url: 's3://b/m',
      uuid,
    })
    const index = new LocalIndex({ provider: await place.connect() })
    const found = await index.getEntryByName(uuid)
    expect(found).toMatchObject({ wdsUrl: 's3://b/a.tar', sampleKind: 'm.Img', metadata: { metadata_url: 's3://b/m' } })
    expect(await place.redis.hget(`${place.keyPrefix}LocalDatasetEntry:${found?.cid}`, 'legacy_uuid')).toBe(uuid)
    expect(await index.adopt()).toBe(0)
  })

  test('schemas of all eras are found by reference, and count as versions', async () => {
    await using place = await redisPlace()
    await place.redis.set(`${place.keyPrefix}LocalSchema:Img@1.0.0`, schema.stored_json_text)
    await place.redis.set(`${place.keyPrefix}LocalSchema:old.Dotted@1.0.0`, schema.stored_json_text)
    await place.redis.set(`${place.keyPrefix}LocalSchema:Img@zebra`, 'no schema at all')
    const index = new LocalIndex({ provider: await place.connect() })
    for (const ref of [
      'atdata://local/schema/Img@1.0.0',
      'local://schemas/m.Img@1.0.0',
      'atdata://local/sampleSchema/Img@1.0.0',
      'local://schemas/old.Dotted@1.0.0',
    ]) {
      expect(await index.getSchema(ref)).toMatchObject({ name: 'Img', description: 'An image.' })
    }
    expect(await index.latestSchemaVersion('Img')).toBe('1.0.0')
    const type = await index.decodeSchema('atdata://local/schema/Img@1.0.0')
    expect(await index.publishSchema(type)).toBe('local://schemas/Img@1.0.0')
    await expect(index.getSchema('local://schemas/Img@zebra')).rejects.toMatchObject({ code: 'index.corrupt' })
    const refs: string[] = []
    for await (const { $ref } of index.listSchemas()) refs.push($ref)
    expect(refs).toEqual(['local://schemas/Img@1.0.0'])
  })

  test('lenses are found by reference at once, listed where shardex finds the registry first, and never written over', async () => {
    await using place = await redisPlace()
    await place.redis.set(`${place.keyPrefix}LocalLens:pick@1.0.0`, JSON.stringify(lens))
    const index = new LocalIndex({ provider: await place.connect() })
    const ref = 'atdata://local/lens/pick@1.0.0'
    const listed: string[] = []
    for await (const { $ref } of index.listLenses()) listed.push($ref)
    expect(listed).toEqual([ref])
    expect(await index.getLens(ref)).toMatchObject({ name: 'pick', mapping: [{ source: 'name', view: 'name' }] })
    await place.redis.set(`${place.keyPrefix}LocalLens:pick@1.0.1`, JSON.stringify({ ...lens, version: '1.0.1' }))
    const [Src, View] = [defineSample('m.Src', { name: str() }), defineSample('m.View', { name: str() })]
    const changed = defineLens(Src, View, { fields: { name: { const: 'x' } } })
    expect(await index.storeLens(changed, { name: 'pick' })).toBe('atdata://local/lens/pick@1.0.2')
    await index.publishSchema(Src)
    expect((await index.loadLens(ref)).get({ name: 'n' })).toEqual({ name: 'n' })
  })

  test('while shardex uses it: a name that atdata writes or moves is followed at the next lookup', async () => {
    await using place = await redisPlace()
    const index = new LocalIndex({ provider: await place.connect() })
    const ours = await index.commitEntry({ name: 'shared', schemaRef: 'x', dataUrls: ['ours'] })
    const theirs = await writeEntry(place, 'shared', 'theirs')
    await writeLabel(place, 'shared', '', theirs)
    expect(await index.getEntryByName('shared')).toMatchObject({ cid: theirs, revision: 2 })
    expect(await index.namesOf(ours.cid)).toEqual([])
    await expect(index.commitEntry({ name: 'shared', schemaRef: 'x', dataUrls: ['new'], ifRevision: 1 })).rejects.toMatchObject({
      code: 'write.conflict',
    })

    await writeLabel(place, 'their/own', '', theirs)
    expect(await index.getEntryByName('their/own')).toMatchObject({ cid: theirs, revision: 1 })
    expect(await index.getEntryByName('their/own', { at: new Date() })).toMatchObject({ cid: theirs })
    await index.rename('their/own', 'our-own')
    expect(await index.getEntryByName('their/own')).toBeUndefined()
    expect(await index.getEntryByName('our-own')).toMatchObject({ cid: theirs })
    expect(await index.verifyHistory('their/own')).toMatchObject({ ok: true, revisions: 2 })
  })

  test('while shardex uses it: many readers that see the same move at once record it once', async () => {
    await using place = await redisPlace()
    const indexes = await Promise.all(Array.from({ length: 4 }, async () => new LocalIndex({ provider: await place.connect() })))
    await indexes[0]!.commitEntry({ name: 'shared', schemaRef: 'x', dataUrls: ['ours'] })
    for (const move of [1, 2, 3]) {
      const theirs = await writeEntry(place, 'shared', `theirs-${move}`)
      await writeLabel(place, 'shared', '', theirs)
      const found = await Promise.all(Array.from({ length: 32 }, (_, i) => indexes[i % 4]!.getEntryByName('shared')))
      expect(new Set(found.map((entry) => `${entry?.cid} ${entry?.revision}`))).toEqual(new Set([`${theirs} ${move + 1}`]))
    }
    expect(await indexes[0]!.verifyHistory('shared')).toMatchObject({ ok: true, revisions: 4 })
  })

  test('while shardex uses it: a label to an entry that is not there moves nothing', async () => {
    await using place = await redisPlace()
    const index = new LocalIndex({ provider: await place.connect() })
    const { cid } = await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['u'] })
    await writeLabel(place, 'a', '', 'bafyX')
    expect(await index.getEntryByName('a')).toMatchObject({ cid, revision: 1 })
  })

  test('while shardex uses it: what atdata adds without label is in lists after adopt', async () => {
    await using place = await redisPlace()
    const index = new LocalIndex({ provider: await place.connect() })
    await index.allEntries()
    const [seen, unseen] = [await writeEntry(place, 'one', 'u1'), await writeEntry(place, 'two', 'u2')]
    await writeLabel(place, 'two', '2.0.0', unseen)
    expect((await index.getEntry(seen))?.name).toBe('one')
    expect(await index.getEntryByName('two')).toBeUndefined()
    expect(await index.adopt()).toBe(2)
    expect((await index.getEntryByName('two'))?.cid).toBe(unseen)
    expect(await index.allEntries()).toHaveLength(2)
    expect(await index.adopt()).toBe(0)
  })

  test('a label that atdata moved away no longer holds the entry', async () => {
    await using place = await redisPlace()
    const index = new LocalIndex({ provider: await place.connect() })
    const { cid } = await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['1'], label: { version: '1' } })
    const other = await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['2'] })
    await writeLabel(place, 'a', '1', other.cid)
    await index.deleteEntry(cid)
    expect(await index.getEntry(cid)).toBeUndefined()
  })

  test('atdata’s way of looking finds what shardex writes', async () => {
    await using place = await redisPlace()
    const index = new LocalIndex({ provider: await place.connect() })
    await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['1'] })
    const { cid } = await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['2'] })
    await index.rename('a', 'b')
    expect(await place.redis.hget(`${place.keyPrefix}Label:b@`, 'cid')).toBe(cid)
    expect(await place.redis.exists(`${place.keyPrefix}Label:a@`)).toBe(0)
    expect(await place.redis.hget(`${place.keyPrefix}LocalDatasetEntry:${cid}`, 'name')).toBe('b')
  })

  test('the keyspace is scanned once, by whoever touches it first', async () => {
    await using place = await redisPlace()
    await place.connect()
    const unseen = await writeEntry(place, 'late', 'u')
    const index = await openRedisIndex({ redis: place.redis, keyPrefix: place.keyPrefix })
    expect((await index.listEntries()).items).toEqual([])
    expect((await index.findByCid(unseen))?.name).toBe('late')
    await index[Symbol.asyncDispose]()
    expect(await place.redis.ping()).toBe('PONG')
  })
})

async function writeAllEntries({ redis, keyPrefix }: RedisPlace): Promise<void> {
  for (const { redis_key, redis_hash_hex } of storage.entries) {
    for (const [field, hex] of Object.entries(redis_hash_hex))
      await redis.hset(keyPrefix + redis_key, field, Buffer.from(hex, 'hex'))
  }
}

async function writeEntry({ redis, keyPrefix }: RedisPlace, name: string, url: string): Promise<string> {
  const cid = `bafy-${url}`
  const dataUrls = Buffer.from(encodeMsgpack([url]))
  await redis.hset(`${keyPrefix}LocalDatasetEntry:${cid}`, { name, schema_ref: 'x', data_urls: dataUrls, cid })
  return cid
}

async function writeLabel({ redis, keyPrefix }: RedisPlace, name: string, version: string, cid: string): Promise<void> {
  await redis.hset(`${keyPrefix}Label:${name}@${version}`, { cid, name, version })
}
