import { expect, test } from 'vitest'
import type { Ingest, IngestPlan, IngestShard, Lease } from '../ingest.ts'
import { allItems } from '../paging.ts'
import type { IndexProvider } from '../provider.ts'
import { listed, type OpenPlace, refusal } from './place-under-test.ts'

export function testIngests(open: OpenPlace): void {
  testBeginning(open)
  testNoting(open)
  testGivingUp(open)
}

function testBeginning(open: OpenPlace): void {
  test('a journal begins open, and is found as it was planned', async () => {
    await using place = await open()
    const { ingests } = await place.connect()
    expect(await ingests.find('i')).toBeUndefined()
    const began = await ingests.begin(planOf('i'), leaseOf('a', 5000))
    expect(began).toMatchObject({ ...planOf('i'), state: 'open', cid: undefined, shardCount: 0 })
    expect(Math.abs(began.beganAtMs - Date.now())).toBeLessThan(60_000)
    expect(began.untilMs - began.beganAtMs).toBe(5000)
    expect(await ingests.find('i')).toEqual(began)
    expect(await ingests.begin(planOf('😀 é'), leaseOf('a'))).toMatchObject({ id: '😀 é' })
  })

  test('of many that begin at once one wins, and the others are told how long it holds', async () => {
    await using place = await open()
    const connections = await Promise.all(Array.from({ length: 4 }, () => place.connect()))
    const attempts = Array.from({ length: 12 }, (_, i) => connections[i % 4]!.ingests.begin(planOf('i'), leaseOf(`${i}`)))
    const outcomes = await Promise.allSettled(attempts)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const busy = attempts[outcomes.findIndex(({ status }) => status === 'rejected')]!
    const { ingestId, leaseLeftMs } = (await refusal(busy, 'ingest.busy')).details
    expect(ingestId).toBe('i')
    expect(leaseLeftMs).toBeGreaterThan(0)
    expect(leaseLeftMs).toBeLessThanOrEqual(60_000)
    expect((await listed(allItems((page) => connections[0]!.ingests.list(page), undefined))).length).toBe(1)
  })

  test('whoever holds it may begin again: the lease is renewed, and the base stays that of the beginning', async () => {
    await using place = await open()
    const { ingests } = await place.connect()
    const began = await ingests.begin(planOf('i'), leaseOf('a', 1000))
    const again = await ingests.begin({ ...planOf('i'), base: 'file:///elsewhere/', resumable: false }, leaseOf('a', 50_000))
    expect(again).toEqual({ ...began, untilMs: again.untilMs })
    expect(again.untilMs).toBeGreaterThan(began.untilMs)
  })

  test('when the lease has run out another one takes over, with what was noted, and the first one is out', async () => {
    await using place = await open()
    const index = await place.connect()
    const { ingests } = index
    await ingests.begin(planOf('i'), leaseOf('a', 1))
    await ingests.note('i', 'a', shardOf(0))
    expect(await beginAsSoonAsPossible(index, 'i', 'b')).toMatchObject({ state: 'open', shardCount: 1 })
    await refusal(ingests.renew('i', leaseOf('a')), 'ingest.lost')
    expect((await refusal(ingests.note('i', 'a', shardOf(1)), 'ingest.lost')).message).toContain('another one took it over')
    await ingests.release('i', 'a')
    await refusal(ingests.begin(planOf('i'), leaseOf('a')), 'ingest.busy')
    expect((await ingests.listShards('i')).items).toHaveLength(1)
  })

  test('a lease can be renewed after it has run out, if nobody took over', async () => {
    await using place = await open()
    const { ingests } = await place.connect()
    let { untilMs } = await ingests.begin(planOf('i'), leaseOf('a', 1))
    while (untilMs >= Date.now()) untilMs = (await ingests.find('i'))?.untilMs ?? 0
    await ingests.renew('i', leaseOf('a'))
    await refusal(ingests.begin(planOf('i'), leaseOf('b')), 'ingest.busy')
    expect((await refusal(ingests.renew('nope', leaseOf('a')), 'ingest.lost')).details).toEqual({ ingestId: 'nope' })
  })

  test('who is done lets go, and need not be waited for', async () => {
    await using place = await open()
    const { ingests } = await place.connect()
    await ingests.begin(planOf('i'), leaseOf('a'))
    await ingests.release('i', 'b')
    await refusal(ingests.begin(planOf('i'), leaseOf('b')), 'ingest.busy')
    await ingests.release('i', 'a')
    expect(await ingests.begin(planOf('i'), leaseOf('b'))).toMatchObject({ state: 'open' })
    await ingests.release('nope', 'a')
  })

  test.each([
    ['name', { name: 'other' }],
    ['layout', { layout: 'content' }],
    ['settings', { settings: 'maxcount 7' }],
  ] as const)('another %s is refused and named, whatever has become of the journal', async (term, change) => {
    await using place = await open()
    const { ingests } = await place.connect()
    await ingests.begin(planOf('i'), leaseOf('a'))
    for (const owner of ['a', 'b']) {
      const error = await refusal(ingests.begin({ ...planOf('i'), ...change }, leaseOf(owner)), 'ingest.conflict')
      expect(error.details.found).toBe(`${term} ${JSON.stringify(planOf('i')[term])}`)
      expect(error.details.wanted).toBe(`${term} ${JSON.stringify({ ...planOf('i'), ...change }[term])}`)
      expect(error.message).toContain('use another ingestId')
    }
    await ingests.abandon('i', { owner: 'a' })
    await refusal(ingests.begin({ ...planOf('i'), ...change }, leaseOf('a')), 'ingest.conflict')
    expect(await ingests.begin(planOf('i'), leaseOf('b'))).toMatchObject({ state: 'abandoned' })
  })

  test('journals are listed in the order in which they began, each once, also if some go meanwhile', async () => {
    await using place = await open()
    const { ingests } = await place.connect()
    const ids = ['z', 'y', 'x', 'a', 'b', 'c', 'd']
    for (const id of ids) await ingests.begin(planOf(id), leaseOf('a'))
    const first = await ingests.list({ limit: 3 })
    for (const id of ['x', 'z', 'b']) {
      await ingests.abandon(id, { owner: 'a' })
      await ingests.forget(id)
    }
    await ingests.begin(planOf('z'), leaseOf('a'))
    const rest = await listed(allItems((page) => ingests.list({ ...page, cursor: page.cursor ?? first.cursor }), undefined))
    expect([...first.items, ...rest].map(({ id }) => id)).toEqual(['z', 'y', 'x', 'a', 'c', 'd', 'z'])
  })

  test('of a name, those are found that are open and that somebody may continue', async () => {
    await using place = await open()
    const { ingests } = await place.connect()
    for (const id of ['z', 'y', 'x', 'w']) await ingests.begin(planOf(id), leaseOf('a'))
    await ingests.begin({ ...planOf('anonymous'), resumable: false }, leaseOf('a'))
    await ingests.begin({ ...planOf('other'), name: 'mine too' }, leaseOf('a'))
    await ingests.abandon('y', { owner: 'a' })
    expect((await ingests.openFor('mine')).map(({ id }) => id)).toEqual(['z', 'x', 'w'])
    expect(await ingests.openFor('mine')).toEqual(await Promise.all(['z', 'x', 'w'].map((id) => ingests.find(id))))
    expect(await ingests.openFor('nobody')).toEqual([])
  })
}

function testNoting(open: OpenPlace): void {
  test('shards are noted byte for byte and listed by number, in pages', async () => {
    await using place = await open()
    const { ingests } = await place.connect()
    await ingests.begin(planOf('i'), leaseOf('a'))
    for (const number of [3, 0, 10, 2, 1]) expect(await ingests.note('i', 'a', shardOf(number))).toEqual([])
    expect(await ingests.find('i')).toMatchObject({ shardCount: 5 })
    const first = await ingests.listShards('i', { limit: 2 })
    // What is noted meanwhile moves nothing.
    await ingests.note('i', 'a', shardOf(1, 'again'))
    const rest = await listed(
      allItems((page) => ingests.listShards('i', { ...page, cursor: page.cursor ?? first.cursor }), undefined),
    )
    expect([...first.items, ...rest].map(comparable)).toEqual([0, 1, 2, 3, 10].map((number) => comparable(shardOf(number))))
    expect((await ingests.listShards('nope')).items).toEqual([])
  })

  test('a shard that is noted again is replaced', async () => {
    await using place = await open()
    const { ingests } = await place.connect()
    await ingests.begin(planOf('i'), leaseOf('a'))
    for (const text of ['one', 'two', 'two']) await ingests.note('i', 'a', shardOf(7, text))
    expect((await ingests.listShards('i')).items.map(comparable)).toEqual([comparable(shardOf(7, 'two'))])
    expect(await ingests.find('i')).toMatchObject({ shardCount: 1 })
  })

  test('a shard that was garbage is so no more; one that is being deleted is not noted', async () => {
    await using place = await open()
    const { ingests, garbage } = await place.connect()
    await ingests.begin(planOf('i'), leaseOf('a'))
    const { urls } = shardOf(1)
    await garbage.mark([...urls, 'left alone'])
    expect(await ingests.note('i', 'a', shardOf(1))).toEqual([])
    const marks = await garbage.list(0)
    expect(marks.items.map(({ url }) => url)).toEqual(['left alone'])

    await garbage.mark(shardOf(2).urls)
    const [, index] = shardOf(2).urls
    await garbage.claim((await garbage.list(0)).items.filter(({ url }) => url === index))
    expect(await ingests.note('i', 'a', shardOf(2))).toEqual([index])
    expect((await ingests.listShards('i')).items).toHaveLength(1)
    expect(await ingests.find('i')).toMatchObject({ shardCount: 1 })
    const states = (await garbage.list(0)).items.map(({ url, state }) => [url, state])
    expect(new Map(states as [string, string][])).toEqual(
      new Map([
        ['left alone', 'marked'],
        [shardOf(2).urls[0]!, 'marked'],
        [index!, 'deleting'],
      ]),
    )
  })

  test('what is lost takes no marks back', async () => {
    await using place = await open()
    const { ingests, garbage } = await place.connect()
    await garbage.mark(shardOf(1).urls)
    await refusal(ingests.note('i', 'a', shardOf(1)), 'ingest.lost')
    expect((await garbage.list(0)).items).toHaveLength(2)
  })
}

function testGivingUp(open: OpenPlace): void {
  test('its owner can give an insert up, and nobody else while it is alive', async () => {
    await using place = await open()
    const { ingests } = await place.connect()
    await ingests.begin(planOf('i'), leaseOf('a'))
    await ingests.note('i', 'a', shardOf(0))
    expect(await ingests.abandon('i', { owner: 'b' })).toBe(false)
    expect(await ingests.abandon('i', { idleMs: 0 })).toBe(false)
    expect(await ingests.abandon('nope', { owner: 'a' })).toBe(false)
    expect(await ingests.find('i')).toMatchObject({ state: 'open' })

    expect(await ingests.abandon('i', { owner: 'a' })).toBe(true)
    const { untilMs, ...abandoned } = (await ingests.find('i'))!
    expect(abandoned).toMatchObject({ state: 'abandoned', shardCount: 1 })
    expect(Math.abs(untilMs - Date.now())).toBeLessThan(30_000)
    expect((await ingests.listShards('i')).items).toEqual([])
    expect(await ingests.abandon('i', { idleMs: 0 })).toBe(true)
    expect((await refusal(ingests.note('i', 'a', shardOf(1)), 'ingest.lost')).message).toContain('given up')
    await refusal(ingests.renew('i', leaseOf('a')), 'ingest.lost')
  })

  test('anybody can give up what has been idle for long enough', async () => {
    await using place = await open()
    const { ingests } = await place.connect()
    await ingests.begin(planOf('i'), leaseOf('a', 1))
    await ingests.release('i', 'a')
    expect(await ingests.abandon('i', { idleMs: 60_000 })).toBe(false)
    while (!(await ingests.abandon('i', { idleMs: 5 }))) expect((await ingests.find('i'))?.state).toBe('open')
    expect(await ingests.find('i')).toMatchObject({ state: 'abandoned' })
  })

  test('a journal is forgotten when it is not open, and its id is free', async () => {
    await using place = await open()
    const { ingests } = await place.connect()
    expect(await ingests.forget('i')).toBe(false)
    await ingests.begin(planOf('i'), leaseOf('a'))
    await ingests.note('i', 'a', shardOf(0))
    expect(await ingests.forget('i')).toBe(false)
    await ingests.abandon('i', { owner: 'a' })
    expect(await ingests.forget('i')).toBe(true)
    expect(await ingests.find('i')).toBeUndefined()
    expect((await ingests.list()).items).toEqual([])
    const fresh = await ingests.begin({ ...planOf('i'), name: 'other', base: 'file:///new/' }, leaseOf('b'))
    expect(fresh).toMatchObject({ name: 'other', base: 'file:///new/', state: 'open', shardCount: 0 })
    expect((await ingests.listShards('i')).items).toEqual([])
  })
}

export function planOf(id: string): IngestPlan {
  return { id, name: 'mine', base: `s3://bucket/${id}/`, layout: 'sequence', settings: 'maxcount 6', resumable: true }
}

export function leaseOf(owner: string, leaseMs = 60_000): Lease {
  return { owner, leaseMs }
}

/** The description is bytes that a backend does not look into. */
export function shardOf(number: number, text = ''): IngestShard {
  const url = `s3://bucket/i/${number}.tar`
  return { number, description: Buffer.from(`\0\xff${text}\0é`), urls: [url, `${url}.idx`] }
}

function comparable({ number, description, urls }: IngestShard): unknown {
  return [number, [...description], urls]
}

async function beginAsSoonAsPossible({ ingests }: IndexProvider, id: string, owner: string): Promise<Ingest> {
  for (;;) {
    const began = await ingests.begin(planOf(id), leaseOf(owner)).catch((error: unknown) => error)
    if (!(began instanceof Error)) return began as Ingest
    await refusal(Promise.reject(began), 'ingest.busy')
  }
}
