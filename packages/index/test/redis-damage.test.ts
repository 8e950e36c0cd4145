import { LocalIndex } from '@shardex/index'
import { expect, test } from 'vitest'
import { describeRedis } from '../../../test/services/describe.ts'
import { type RedisPlace, redisPlace } from './places.ts'

const ENTRY = { name: 'a', schemaRef: 'x', dataUrls: ['1'] }

describeRedis('damage in Redis', () => {
  test.each([
    ['shardex:name:a', 'string', (index: LocalIndex) => index.getEntryByName('a')],
    ['shardex:names', 'string', (index: LocalIndex) => index.listNames()],
    ['shardex:history:a', 'list', (index: LocalIndex) => index.commitEntry(ENTRY)],
    ['shardex:entries', 'list', (index: LocalIndex) => index.allEntries()],
    ['shardex:sequence', 'list', (index: LocalIndex) => index.commitEntry(ENTRY)],
    ['Label:a@', 'string', (index: LocalIndex) => index.getLabel('a')],
    ['LocalDatasetEntry:c', 'string', (index: LocalIndex) => index.getEntry('c')],
    ['shardex:schemas', 'string', (index: LocalIndex) => index.latestSchemaVersion('T')],
    ['shardex:ingest:i', 'string', (index: LocalIndex) => begin(index)],
    ['shardex:ingests', 'list', (index: LocalIndex) => begin(index)],
    ['shardex:open-ingests:a', 'string', (index: LocalIndex) => begin(index)],
    ['shardex:ingest-shards:i', 'string', (index: LocalIndex) => begin(index)],
    ['shardex:marks', 'string', (index: LocalIndex) => index.garbage.mark(['u'])],
    ['shardex:garbage', 'list', (index: LocalIndex) => index.commitEntry(ENTRY)],
    ['shardex:registry', 'list', (index: LocalIndex) => index.registryId()],
  ])('names the key %s when it holds a %s, and writes nothing', async (key, kind, call) => {
    await using place = await redisPlace()
    const index = new LocalIndex({ provider: await place.connect() })
    await (kind === 'list' ? place.redis.rpush(place.keyPrefix + key, 'x') : place.redis.set(place.keyPrefix + key, 'x'))
    const before = await keysOf(place)
    const wanted = {
      code: 'index.corrupt',
      details: { where: `key ${JSON.stringify(place.keyPrefix + key)}`, found: `a ${kind}` },
    }
    await expect(call(index)).rejects.toMatchObject(wanted)
    expect(await keysOf(place)).toEqual(before)
  })

  test('a step is not taken half when a key of the entry that the name leaves is damaged', async () => {
    await using place = await redisPlace()
    const index = new LocalIndex({ provider: await place.connect() })
    const { cid } = await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['1'], label: { version: '1' } })
    for (const set of ['shardex:entry-names:', 'shardex:entry-labels:']) {
      await place.redis.rename(`${place.keyPrefix}${set}${cid}`, `${place.keyPrefix}kept`)
      await place.redis.set(`${place.keyPrefix}${set}${cid}`, 'x')
      const moved = index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['2'], label: { version: '1' } })
      await expect(moved).rejects.toMatchObject({ code: 'index.corrupt', details: { found: 'a string', wanted: 'a set' } })
      await place.redis.rename(`${place.keyPrefix}kept`, `${place.keyPrefix}${set}${cid}`)
      expect(await index.allEntries()).toHaveLength(1)
      expect((await index.listHistory('a')).items).toHaveLength(1)
    }
  })

  test('a step is not taken, nor anything else written, when the record or the content it would link to is no CID', async () => {
    await using place = await redisPlace()
    const index = new LocalIndex({ provider: await place.connect() })
    const { cid } = await index.commitEntry(ENTRY)
    await place.redis.hset(`${place.keyPrefix}shardex:entry:${cid}`, 'content', 'garbage')
    await expect(index.setLabel('b', cid)).rejects.toMatchObject({
      code: 'index.corrupt',
      details: { found: 'a content that is no CID' },
    })
    await place.redis.hset(`${place.keyPrefix}shardex:name:a`, 'record', 'garbage')
    const before = await keysOf(place)
    const moved = index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['2'] })
    await expect(moved).rejects.toMatchObject({ code: 'index.corrupt', details: { found: 'a record that is no CID' } })
    expect(await keysOf(place)).toEqual(before)
  })

  test.each([
    ['data_urls', 'garbage'],
    ['data_urls', Buffer.from('a3', 'hex')],
    ['data_urls', Buffer.from('9101', 'hex')],
    ['metadata', Buffer.from('90', 'hex')],
  ])('names the field %s of an entry that holds garbage', async (field, garbage) => {
    await using place = await redisPlace()
    const index = new LocalIndex({ provider: await place.connect() })
    const { cid } = await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['1'], metadata: { a: 1 } })
    await place.redis.hset(`${place.keyPrefix}LocalDatasetEntry:${cid}`, field, garbage)
    await expect(index.getEntryByName('a')).rejects.toMatchObject({
      code: 'index.corrupt',
      details: { where: `${field} of entry ${cid}` },
    })
    await place.redis.hset(`${place.keyPrefix}shardex:entry:${cid}`, 'details', garbage)
    await expect(index.getEntry(cid)).rejects.toMatchObject({ code: 'index.corrupt' })
    await place.redis.hdel(`${place.keyPrefix}LocalDatasetEntry:${cid}`, 'data_urls')
    await expect(index.getEntry(cid)).rejects.toMatchObject({ code: 'index.corrupt', details: { found: 'no field data_urls' } })
  })
})

function begin(index: LocalIndex): Promise<unknown> {
  const plan = { id: 'i', name: 'a', base: 'b', layout: 'sequence', settings: 's', resumable: true } as const
  return index.ingests.begin(plan, { owner: 'o', leaseMs: 1000 })
}

async function keysOf({ redis, keyPrefix }: RedisPlace): Promise<string[]> {
  return (await redis.keys(`${keyPrefix}*`)).sort()
}
