import { expect, test } from 'vitest'
import { dagCborCid } from '../cid.ts'
import type { IndexProvider } from '../provider.ts'
import { type HistoryReport, verifyHistory } from '../verify-history.ts'
import { cidOf, commitOf, type OpenPlace, refusal, sampleEntry } from './place-under-test.ts'

export function testHistory(open: OpenPlace): void {
  test('each step is linked to the one before, and the name remembers the newest', async () => {
    await using place = await open()
    const index = await place.connect()
    expect(await index.findHead('a')).toBeUndefined()
    for (const number of [1, 2]) await index.commit(commitOf('a', number))
    await index.moveName('a', cidOf(1))
    await index.deleteName('a')
    await index.commit(commitOf('a', 3))
    await index.rename('a', 'b')
    for (const name of ['a', 'b']) {
      const { items } = await index.listHistory(name)
      expect(items.map(({ previousCid }) => previousCid)).toEqual(
        [undefined, ...items.map(({ recordCid }) => recordCid)].slice(0, -1),
      )
      const { revision, atMs, cid, recordCid } = items.at(-1)!
      expect(await index.findHead(name)).toEqual({ revision, atMs, cid, recordCid })
      expect(await verified(index, name)).toMatchObject({ ok: true, revisions: items.length, headCid: recordCid })
    }
    expect((await index.listHistory('a')).items).toHaveLength(6)
  })

  test('a step says what the content of the entry was, as far as that was known', async () => {
    await using place = await open()
    const index = await place.connect()
    const [details, contentCid] = [Uint8Array.of(1), dagCborCid('content')]
    await index.commit({ entry: { ...sampleEntry(1, 'a'), details }, contentCid })
    await index.commit(commitOf('b', 1))
    await index.commit(commitOf('a', 2))
    await index.moveName('a', cidOf(1))
    await index.commit({ entry: { ...sampleEntry(1, 'c'), details } })
    await index.commit({ entry: sampleEntry(3, 'c'), contentCid })
    const contentOf = async (name: string) => (await index.listHistory(name)).items.map((step) => step.contentCid)
    expect(await contentOf('a')).toEqual([contentCid, undefined, contentCid])
    expect(await contentOf('b')).toEqual([contentCid])
    expect(await contentOf('c')).toEqual([undefined, undefined])
    for (const name of ['a', 'b', 'c']) expect((await verified(index, name)).problems).toEqual([])
  })

  test('64 committers at once all succeed, and leave one chain', async () => {
    await using place = await open()
    const connections = await Promise.all(Array.from({ length: 4 }, () => place.connect()))
    const writes = Array.from({ length: 64 }, (_, i) => connections[i % 4]!.commit(commitOf('a', i)))
    const checks = Array.from({ length: 4 }, (_, i) => verified(connections[i]!, 'a'))
    for (const report of await Promise.all(checks)) expect(report.problems).toEqual([])
    await Promise.all(writes)
    expect(await verified(connections[0]!, 'a')).toMatchObject({ ok: true, revisions: 64 })
  })

  test('a record that somebody noted is looked for; one that is not there is a problem, and what is no CID is refused', async () => {
    await using place = await open()
    const index = await place.connect()
    const { headCid } = await verified(index, 'a')
    expect(headCid).toBeUndefined()
    await index.commit(commitOf('a', 1))
    const first = (await index.findHead('a'))?.recordCid
    await index.commit(commitOf('a', 2))
    expect((await verified(index, 'a', first)).ok).toBe(true)
    expect((await verified(index, 'a', cidOf(1))).problems).toMatchObject([{ kind: 'unexpected' }])
    expect((await verified(index, 'nope', first)).problems).toMatchObject([{ kind: 'unexpected' }])
    await refusal(verified(index, 'a', 'bafyX'), 'usage.invalid')
  })
}

function verified(index: IndexProvider, name: string, expected?: string): Promise<HistoryReport> {
  return verifyHistory(index, name, { expect: expected })
}
