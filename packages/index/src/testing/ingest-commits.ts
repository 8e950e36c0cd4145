import { expect, test } from 'vitest'
import type { Commit } from '../provider.ts'
import { leaseOf, planOf, shardOf } from './ingests.ts'
import { cidOf, commitOf, type OpenPlace, refusal } from './place-under-test.ts'

const ingest = { id: 'i', owner: 'a' }

export function testIngestCommits(open: OpenPlace): void {
  test('the commit ends the journal: the entry is there, its shards are noted no more', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.ingests.begin(planOf('i'), leaseOf('a'))
    for (const number of [0, 1]) await index.ingests.note('i', 'a', shardOf(number))
    expect((await index.commit(commitOf('mine', 1, { ingest }))).revision).toBe(1)
    const journal = await index.ingests.find('i')
    expect(journal).toMatchObject({ state: 'committed', cid: cidOf(1), shardCount: 2 })
    expect(Math.abs((journal?.untilMs ?? 0) - Date.now())).toBeLessThan(30_000)
    expect((await index.ingests.listShards('i')).items).toEqual([])
    expect(await index.ingests.openFor('mine')).toEqual([])
    expect(await index.ingests.begin(planOf('i'), leaseOf('b'))).toEqual(journal)
    expect(await index.ingests.abandon('i', { owner: 'a' })).toBe(false)
    await refusal(index.ingests.note('i', 'a', shardOf(3)), 'ingest.lost')
    expect(await index.ingests.forget('i')).toBe(true)
  })

  test('a commit after the insert was given up is refused and changes nothing', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.ingests.begin(planOf('i'), leaseOf('a'))
    await index.ingests.abandon('i', { owner: 'a' })
    const late = commitOf('mine', 1, { ingest, label: { version: '1.0.0' } })
    expect((await refusal(index.commit(late), 'ingest.lost')).message).toContain('given up')
    expect(await index.findByName('mine', undefined)).toBeUndefined()
    expect(await index.findByCid(cidOf(1))).toBeUndefined()
    expect(await index.findLabel('mine', '1.0.0')).toBeUndefined()
    expect((await index.listHistory('mine')).items).toEqual([])
    expect(await index.ingests.find('i')).toMatchObject({ state: 'abandoned', cid: undefined })
  })

  test('so is the commit of another owner, and one whose journal is gone', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.ingests.begin(planOf('i'), leaseOf('b'))
    await refusal(index.commit(commitOf('mine', 1, { ingest })), 'ingest.lost')
    await refusal(index.commit(commitOf('mine', 1, { ingest: { id: 'nope', owner: 'a' } })), 'ingest.lost')
    expect((await index.listEntries()).items).toEqual([])
    expect(await index.ingests.find('i')).toMatchObject({ state: 'open' })
  })

  test('a commit that the name refuses leaves the journal open, so that it can be decided anew', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.commit(commitOf('mine', 9))
    await index.ingests.begin(planOf('i'), leaseOf('a'))
    await index.ingests.note('i', 'a', shardOf(0))
    await refusal(index.commit(commitOf('mine', 1, { ingest, ifRevision: 0 })), 'write.conflict')
    expect(await index.ingests.find('i')).toMatchObject({ state: 'open', shardCount: 1 })
    expect((await index.ingests.listShards('i')).items).toHaveLength(1)
    expect((await index.commit(commitOf('mine', 1, { ingest, ifRevision: 1 }))).revision).toBe(2)
  })

  test('a commit made again changes nothing, also if the name has moved on, and tells what the first one did', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.ingests.begin(planOf('i'), leaseOf('a'))
    const commit: Commit = commitOf('mine', 1, { ingest, ifRevision: 0, label: { version: '1.0.0' } })
    const first = await index.commit(commit)
    expect(await index.commit(commit)).toEqual(first)
    await index.commit(commitOf('mine', 2))
    await index.putLabel({ name: 'mine', version: '1.0.0', cid: cidOf(2) })
    expect(await index.commit({ ...commit, ingest: { id: 'i', owner: 'who came later' } })).toEqual(first)
    expect((await index.findByName('mine', undefined))?.entry.cid).toBe(cidOf(2))
    expect((await index.findLabel('mine', '1.0.0'))?.cid).toBe(cidOf(2))
    expect((await index.listHistory('mine')).items).toHaveLength(2)

    expect((await refusal(index.commit(commitOf('mine', 3, { ingest })), 'ingest.lost')).message).toContain('has committed it')
    await index.deleteEntry(cidOf(1))
    expect((await refusal(index.commit(commit), 'entry.not_found')).details).toEqual({ cid: cidOf(1) })
    expect(await index.findByCid(cidOf(1))).toBeUndefined()
  })

  test('of a commit and whoever gives the insert up at the same time, one comes too late', async () => {
    await using place = await open()
    const [writer, collector] = await Promise.all([place.connect(), place.connect()])
    for (let i = 0; i < 10; i++) {
      const id = `race ${i}`
      await writer.ingests.begin(planOf(id), leaseOf('a', 1))
      await writer.ingests.release(id, 'a')
      const abandon = (): Promise<boolean> => collector.ingests.abandon(id, { idleMs: 0 })
      const commit = (): Promise<boolean> =>
        writer.commit(commitOf('mine', i, { ingest: { id, owner: 'a' } })).then(
          () => true,
          () => false,
        )
      const [first, second] = await Promise.all(i % 2 ? [abandon(), commit()] : [commit(), abandon()])
      expect([first, second].filter(Boolean)).toHaveLength(1)
      const { state } = (await writer.ingests.find(id))!
      expect((await writer.findByCid(cidOf(i))) !== undefined).toBe(state === 'committed')
    }
  })
}
