import { expect, test } from 'vitest'
import type { GarbageMark } from '../ingest.ts'
import { allItems } from '../paging.ts'
import type { IndexProvider } from '../provider.ts'
import { leaseOf, planOf, shardOf } from './ingests.ts'
import { cidOf, commitOf, listed, type OpenPlace, refusal } from './place-under-test.ts'

export function testGarbage(open: OpenPlace): void {
  testMarks(open)
  testNeeds(open)

  test('a registry has one id, whoever asks first, and no other has it', async () => {
    await using place = await open()
    await using other = await open()
    const connections = await Promise.all(Array.from({ length: 4 }, () => place.connect()))
    const ids = await Promise.all(Array.from({ length: 12 }, (_, i) => connections[i % 4]!.registryId()))
    expect(new Set(ids).size).toBe(1)
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(await (await place.connect()).registryId()).toBe(ids[0])
    expect(await (await other.connect()).registryId()).not.toBe(ids[0])
  })
}

function testMarks(open: OpenPlace): void {
  test('objects are marked once and keep their mark', async () => {
    await using place = await open()
    const { garbage } = await place.connect()
    expect(await garbage.mark(['b', 'a'])).toBe(2)
    const first = await marksOf(garbage)
    await laterThan(first[0]!.markedAtMs)
    expect(await garbage.mark(['b', 'c', 'a', 'c'])).toBe(1)
    const marks = await marksOf(garbage)
    expect(marks.slice(0, 2)).toEqual(first)
    expect(marks.map(({ url, state }) => [url, state])).toEqual(['a', 'b', 'c'].map((url) => [url, 'marked']))
    for (const { markedAtMs } of marks) expect(Math.abs(markedAtMs - Date.now())).toBeLessThan(60_000)
    expect(await garbage.mark([])).toBe(0)
  })

  test('marks are listed from the oldest, those of one time by UTF-8 bytes, and only old enough ones', async () => {
    await using place = await open()
    const { garbage } = await place.connect()
    // In UTF-16 the last two would be the other way round.
    const urls = ['a', 'a b', 'a\u00e9', 'b', '\uff5e', '😀']
    await garbage.mark(['z'])
    await laterThan((await marksOf(garbage))[0]!.markedAtMs)
    await garbage.mark(urls.toReversed())
    expect((await marksOf(garbage)).map(({ url }) => url)).toEqual(['z', ...urls])
    expect((await marksOf(garbage, 2)).map(({ url }) => url)).toEqual(['z', ...urls])
    expect((await garbage.list(60_000)).items).toEqual([])
    expect((await garbage.list(Number.MAX_SAFE_INTEGER)).items).toEqual([])
    await refusal(garbage.list(0, { cursor: 'nonsense' }), 'usage.invalid')
  })

  test('what stays is listed once, whatever goes between two pages', async () => {
    await using place = await open()
    const { garbage } = await place.connect()
    const urls = Array.from({ length: 9 }, (_, i) => `u${i}`)
    await garbage.mark(urls)
    const first = await garbage.list(0, { limit: 4 })
    const all = await marksOf(garbage)
    await garbage.unmark(all.filter(({ url }) => ['u0', 'u3', 'u4', 'u7'].includes(url)))
    const rest = await listed(allItems((page) => garbage.list(0, { ...page, cursor: page.cursor ?? first.cursor }), undefined))
    expect([...first.items, ...rest].map(({ url }) => url)).toEqual(['u0', 'u1', 'u2', 'u3', 'u5', 'u6', 'u8'])
  })

  test('what is claimed is being deleted, and only one collector may, unless it claims anew', async () => {
    await using place = await open()
    const [one, two] = [(await place.connect()).garbage, (await place.connect()).garbage]
    await one.mark(['a', 'b', 'c'])
    const seen = await marksOf(one)
    const [first, second] = await Promise.all([one.claim(seen), two.claim(seen)])
    const won = [...first, ...second]
    expect(won.map(({ url, state }) => [url, state])).toEqual(['a', 'b', 'c'].map((url) => [url, 'deleting']))
    expect(await marksOf(one)).toEqual(won)
    expect(await one.mark(['a'])).toBe(0)

    const again = await two.claim(won)
    expect(again.map(({ url }) => url)).toEqual(['a', 'b', 'c'])
    for (const [i, { markedAtMs }] of again.entries()) expect(markedAtMs).toBeGreaterThan(won[i]!.markedAtMs)
    expect(await one.claim(won)).toEqual([])
    expect(await one.claim([{ url: 'nope', state: 'marked', markedAtMs: 1 }])).toEqual([])
    expect(await one.claim([])).toEqual([])
  })

  test('a mark that was taken back and made anew is not the one that was seen', async () => {
    await using place = await open()
    const { garbage } = await place.connect()
    await garbage.mark(['a'])
    const seen = await marksOf(garbage)
    await laterThan(seen[0]!.markedAtMs)
    expect(await garbage.unmark(seen)).toBe(1)
    await garbage.mark(['a'])
    expect(await garbage.claim(seen)).toEqual([])
    expect(await garbage.unmark(seen)).toBe(0)
    expect(await marksOf(garbage)).toMatchObject([{ url: 'a', state: 'marked' }])
  })

  test('marks are taken away as they were seen, in either state', async () => {
    await using place = await open()
    const { garbage } = await place.connect()
    await garbage.mark(['a', 'b', 'c'])
    const [a, b, c] = (await marksOf(garbage)) as [GarbageMark, GarbageMark, GarbageMark]
    const [claimed] = (await garbage.claim([a])) as [GarbageMark]
    expect(await garbage.unmark([a, b, b])).toBe(1)
    expect(await marksOf(garbage)).toEqual(expect.arrayContaining([claimed, c]))
    expect(await garbage.unmark([claimed])).toBe(1)
    expect(await marksOf(garbage)).toEqual([c])
    expect(await garbage.unmark([])).toBe(0)
  })

  test('a thousand objects are one call', async () => {
    await using place = await open()
    const { garbage } = await place.connect()
    const urls = Array.from({ length: 1000 }, (_, i) => `s3://bucket/${i}`)
    expect(await garbage.mark(urls)).toBe(1000)
    const { items, cursor } = await garbage.list(0, { limit: 1000 })
    expect([items.length, cursor]).toEqual([1000, undefined])
    expect(await garbage.claim(items)).toHaveLength(1000)
    expect(await garbage.unmark(await marksOf(garbage))).toBe(1000)
    expect(await marksOf(garbage)).toEqual([])
  })
}

function testNeeds(open: OpenPlace): void {
  test('a commit takes back the marks of what its entry needs, with or without journal', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.garbage.mark(['a', 'b', 'c'])
    await index.commit(commitOf('mine', 1, { objects: ['a', 'not marked'] }))
    expect((await marksOf(index.garbage)).map(({ url }) => url)).toEqual(['b', 'c'])

    const { urls } = shardOf(0)
    await index.ingests.begin(planOf('i'), leaseOf('a'))
    await index.ingests.note('i', 'a', shardOf(0))
    // A collector that looked before the shard was noted.
    await index.garbage.mark(urls)
    await index.commit(commitOf('mine', 2, { ingest: { id: 'i', owner: 'a' }, objects: urls }))
    expect((await marksOf(index.garbage)).map(({ url }) => url)).toEqual(['b', 'c'])
  })

  test('a commit of what is being deleted is refused and writes nothing', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.garbage.mark(['a', 'b'])
    await index.garbage.claim((await marksOf(index.garbage)).filter(({ url }) => url === 'b'))
    const error = await refusal(index.commit(commitOf('mine', 1, { objects: ['a', 'b'] })), 'shard.not_found')
    expect(error.details).toEqual({ shard: 'b' })
    expect(await index.findByCid(cidOf(1))).toBeUndefined()
    expect(await index.findByName('mine', undefined)).toBeUndefined()
    expect(await marksOf(index.garbage)).toHaveLength(2)
  })
}

function marksOf(garbage: IndexProvider['garbage'], limit = 1000): Promise<GarbageMark[]> {
  return listed(allItems((page) => garbage.list(0, { ...page, limit }), undefined))
}

/** Until the clock has gone on. */
async function laterThan(timeMs: number): Promise<void> {
  while (Date.now() <= timeMs) await new Promise(setImmediate)
}
