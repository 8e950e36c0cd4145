import { DatabaseSync } from 'node:sqlite'
import { type IndexProvider, LocalIndex } from '@shardex/index'
import type { PlaceUnderTest } from '@shardex/index/testing'
import { describe, expect, test } from 'vitest'
import { describeRedis } from '../../../test/services/describe.ts'
import { redisPlace, sqlitePlace } from './places.ts'

/** A place where the fields of a journal and of a mark can be changed behind the back of the index. */
interface Tampered extends PlaceUnderTest {
  setJournal(id: string, field: string, value: string | number | null): Promise<unknown>
  setMark(url: string, value: { readonly state: string; readonly atMs: number }): Promise<unknown>
  setShard(number: number, urls: string): Promise<unknown>
  setRegistry(uuid: string): Promise<unknown>
}

const plan = {
  id: 'i',
  name: 'mine',
  base: 's3://b/i/',
  layout: 'sequence',
  settings: 'any',
  resumable: true,
} as const
const lease = (owner: string) => ({ owner, leaseMs: 60_000 })
const YEAR_MS = 365 * 86_400_000

describe('a clock that jumps, and a journal that somebody changed: SQLite', () => testTampering(sqlite))
describeRedis('a clock that jumps, and a journal that somebody changed: Redis', () => testTampering(redis))

function testTampering(open: () => Promise<Tampered>): void {
  test('a lease that ends further ahead than it is long does not count', async () => {
    await using place = await open()
    const { ingests } = await place.connect()
    await ingests.begin(plan, lease('a'))
    await place.setJournal('i', 'until_ms', Date.now() + 59_000)
    await expect(ingests.begin(plan, lease('b'))).rejects.toMatchObject({ code: 'ingest.busy' })
    // Its own length, not that of the lease which the next one asks for.
    await place.setJournal('i', 'lease_ms', 86_400_000)
    await place.setJournal('i', 'until_ms', Date.now() + 80_000_000)
    await expect(ingests.begin(plan, lease('b'))).rejects.toMatchObject({ code: 'ingest.busy' })
    await place.setJournal('i', 'until_ms', Date.now() + YEAR_MS)
    const taken = await ingests.begin(plan, lease('b'))
    expect(Math.abs(taken.untilMs - Date.now() - 60_000)).toBeLessThan(30_000)
    await expect(ingests.renew('i', lease('a'))).rejects.toMatchObject({ code: 'ingest.lost' })
  })

  test('such a lease ends when somebody would give the insert up, and counts as idle from then on', async () => {
    await using place = await open()
    const { ingests } = await place.connect()
    await ingests.begin(plan, lease('a'))
    await place.setJournal('i', 'until_ms', Date.now() + YEAR_MS)
    expect(await ingests.abandon('i', { idleMs: 60_000 })).toBe(false)
    const { state, untilMs } = (await ingests.find('i'))!
    expect(state).toBe('open')
    expect(Math.abs(untilMs - Date.now())).toBeLessThan(30_000)
    await ingests.renew('i', lease('a'))
    expect(await ingests.abandon('i', { idleMs: 0 })).toBe(false)
    await place.setJournal('i', 'until_ms', Date.now() - 100_000)
    expect(await ingests.abandon('i', { idleMs: 60_000 })).toBe(true)
  })

  test('a mark from the future is listed, and is not old', async () => {
    await using place = await open()
    const { garbage } = await place.connect()
    await garbage.mark(['a'])
    await place.setMark('a', { state: 'marked', atMs: Date.now() + YEAR_MS })
    expect((await garbage.list(0)).items).toHaveLength(1)
    expect((await garbage.list(1)).items).toEqual([])
  })

  test('a claim made anew is later than the one before, whatever the clock says', async () => {
    await using place = await open()
    const { garbage } = await place.connect()
    await garbage.mark(['a'])
    const atMs = Date.now() + YEAR_MS
    await place.setMark('a', { state: 'deleting', atMs })
    const claimed = await garbage.claim([{ url: 'a', state: 'deleting', markedAtMs: atMs }])
    expect(claimed).toEqual([{ url: 'a', state: 'deleting', markedAtMs: atMs + 1 }])
    expect((await garbage.list(0)).items).toEqual(claimed)
  })

  test('a commit whose journal is damaged writes nothing', async () => {
    await using place = await open()
    const provider = await place.connect()
    await provider.ingests.begin(plan, lease('a'))
    await place.setJournal('i', 'until_ms', 'soon')
    for (const call of [() => provider.ingests.begin(plan, lease('a')), () => provider.ingests.abandon('i', { idleMs: 0 })])
      await expect(call()).rejects.toMatchObject({ code: 'index.corrupt' })
    // A column that must have a value refuses none, which is as good.
    if ((await place.setJournal('i', 'name', null).catch(() => 'refused')) === 'refused') return
    const index = new LocalIndex({ provider })
    const commit = index.commitEntry({ name: 'mine', schemaRef: 'x', dataUrls: [], ingest: { id: 'i', owner: 'a' } })
    await expect(commit).rejects.toMatchObject({ code: 'index.corrupt' })
    expect(await index.allEntries()).toEqual([])
    expect(await index.getEntryByName('mine')).toBeUndefined()
  })

  test.each([
    ['state', 'closed'],
    ['layout', 'pile'],
    ['until_ms', 'soon'],
    ['cid', 'bafy'],
    ['base', null],
  ])('a journal whose %s is %j is called damaged', async (field, value) => {
    await using place = await open()
    const { ingests } = await place.connect()
    await ingests.begin(plan, lease('a'))
    // A column that must have a value refuses none, which is as good.
    if ((await place.setJournal('i', field, value).catch(() => 'refused')) === 'refused') return
    for (const look of [() => ingests.find('i'), () => ingests.list()])
      await expect(look()).rejects.toMatchObject({ code: 'index.corrupt' })
  })

  test.each(['{', '"text"', '[1]', '[]', '["s3://b/i/0.tar"]'])(
    'noted URLs that are %s are called damaged, as is the description',
    async (urls) => {
      await using place = await open()
      const provider: IndexProvider = await place.connect()
      const index = new LocalIndex({ provider })
      await index.ingests.begin(plan, lease('a'))
      const description = Uint8Array.of(0xff)
      await provider.ingests.note('i', 'a', { number: 0, description, urls: ['s3://b/i/0.tar'] })
      await place.setShard(0, urls)
      const listing = async (): Promise<void> => {
        for await (const { number } of index.ingests.shards('i')) expect(number).toBe(0)
      }
      await expect(listing()).rejects.toMatchObject({ code: 'index.corrupt' })
    },
  )

  test('a mark in no known state is called damaged, and so is an id that is no UUID', async () => {
    await using place = await open()
    const provider = await place.connect()
    await provider.garbage.mark(['a'])
    await place.setMark('a', { state: 'lost', atMs: 1 })
    await expect(provider.garbage.list(0)).rejects.toMatchObject({ code: 'index.corrupt' })
    await provider.registryId()
    await place.setRegistry('../../elsewhere')
    await expect(provider.registryId()).rejects.toMatchObject({ code: 'index.corrupt' })
  })
}

async function sqlite(): Promise<Tampered> {
  const place = await sqlitePlace()
  const run = async (sql: string, ...values: (string | number | null)[]): Promise<unknown> => {
    using database = new DatabaseSync(place.path, { timeout: 10_000 })
    return database.prepare(sql).run(...values)
  }
  return {
    connect: place.connect,
    setJournal: (id, field, value) => run(`UPDATE shardex_ingests SET ${field} = ? WHERE id = ?`, value, id),
    setMark: (url, { state, atMs }) => run('UPDATE shardex_marks SET state = ?, at_ms = ? WHERE url = ?', state, atMs, url),
    setShard: (number, urls) => run('UPDATE shardex_ingest_shards SET urls = ? WHERE number = ?', urls, number),
    setRegistry: (uuid) => run('UPDATE shardex_registry SET uuid = ?', uuid),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  }
}

async function redis(): Promise<Tampered> {
  const place = await redisPlace()
  const key = (tail: string): string => `${place.keyPrefix}shardex:${tail}`
  return {
    connect: place.connect,
    setJournal: (id, field, value) =>
      value === null ? place.redis.hdel(key(`ingest:${id}`), field) : place.redis.hset(key(`ingest:${id}`), field, value),
    async setMark(url, { state, atMs }) {
      await place.redis.del(key('garbage'))
      await place.redis.hset(key('marks'), url, `${state} ${atMs}`)
      return place.redis.zadd(key('garbage'), 0, String(atMs).padStart(15, '0') + url)
    },
    async setShard(number, urls) {
      const [member = Buffer.alloc(0)] = await place.redis.zrangebyscoreBuffer(key('ingest-shards:i'), number, number)
      await place.redis.del(key('ingest-shards:i'))
      const description = member.subarray(member.indexOf(0, member.indexOf(0) + 1) + 1)
      return place.redis.zadd(key('ingest-shards:i'), number, Buffer.concat([Buffer.from(`${number}\0${urls}\0`), description]))
    },
    setRegistry: (uuid) => place.redis.set(key('registry'), uuid),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  }
}
