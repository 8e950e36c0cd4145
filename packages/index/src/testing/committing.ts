import { encodeMsgpack } from '@shardex/schema'
import { expect, test } from 'vitest'
import { cidOf, commitOf, type OpenPlace, refusal, sampleEntry } from './place-under-test.ts'

export function testCommitting(open: OpenPlace): void {
  test('a commit makes the entry, its name and its label visible, byte for byte', async () => {
    await using place = await open()
    const index = await place.connect()
    const entry = { ...sampleEntry(1), metadata: encodeMsgpack({ split: 'train' }), details: Uint8Array.of(0, 255, 10) }
    const label = { version: '1.0.0', description: 'first' }
    const committed = await index.commit({ entry, label })
    expect(committed.revision).toBe(1)

    const found = await index.findByName('mine', undefined)
    expect(found).toEqual(committed)
    expect({ ...found?.entry, dataUrls: bytes(found?.entry.dataUrls), metadata: bytes(found?.entry.metadata) }).toMatchObject({
      cid: entry.cid,
      name: 'mine',
      schemaRef: entry.schemaRef,
      dataUrls: bytes(entry.dataUrls),
      metadata: bytes(entry.metadata),
    })
    expect(bytes(found?.entry.details)).toEqual([0, 255, 10])
    expect(await index.findByCid(entry.cid)).toEqual(found?.entry)
    expect(await index.findLabel('mine', '1.0.0')).toEqual({ name: 'mine', cid: entry.cid, ...label })
    expect(Math.abs((found?.entry.createdAtMs ?? 0) - Date.now())).toBeLessThan(60_000)
  })

  test('what is not there is undefined', async () => {
    await using place = await open()
    const index = await place.connect()
    expect(await index.findByName('nope', undefined)).toBeUndefined()
    expect(await index.findByName('nope', { revision: 1 })).toBeUndefined()
    expect(await index.findByName('nope', { timeMs: Date.now() })).toBeUndefined()
    expect(await index.findByCid(cidOf(1))).toBeUndefined()
    expect(await index.namesOf(cidOf(1))).toEqual([])
    expect((await index.listEntries()).items).toEqual([])
    expect((await index.listHistory('nope')).items).toEqual([])
  })

  test('committing again moves the name and keeps the past', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.commit(commitOf('a', 1))
    await index.commit(commitOf('a', 2))
    expect((await index.findByName('a', undefined))?.entry.cid).toBe(cidOf(2))
    expect((await index.findByName('a', { revision: 1 }))?.entry.cid).toBe(cidOf(1))
    expect(await index.namesOf(cidOf(1))).toEqual([])
    expect((await index.listEntries()).items.map((entry) => entry.cid)).toEqual([cidOf(1), cidOf(2)])
  })

  test('committing the same content again adds no revision, so that a commit can be repeated', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.commit(commitOf('a', 1))
    expect((await index.commit(commitOf('a', 1))).revision).toBe(1)
    expect((await index.listHistory('a')).items).toHaveLength(1)
  })

  test('the same content under a second name is one entry with two names', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.commit(commitOf('b', 1))
    await index.commit(commitOf('a', 1))
    expect((await index.listEntries()).items.map(({ name }) => name)).toEqual(['b'])
    expect(await index.namesOf(cidOf(1))).toEqual(['a', 'b'])
  })

  test('the metadata of an entry are those of its newest commit, and what is known of its shards stays', async () => {
    await using place = await open()
    const index = await place.connect()
    const metadata = encodeMsgpack({ n: 1 })
    await index.commit({ entry: { ...sampleEntry(1), metadata, details: Uint8Array.of(1) } })
    const first = await index.findByCid(cidOf(1))
    await index.commit({ entry: sampleEntry(1) })
    const second = await index.findByCid(cidOf(1))
    expect(bytes(first?.metadata)).toEqual(bytes(metadata))
    expect(second?.metadata).toBeUndefined()
    expect(bytes(second?.details)).toEqual([1])
    expect(second?.createdAtMs).toBe(first?.createdAtMs)
  })

  test('a commit against another revision is refused and writes nothing', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.commit(commitOf('a', 1, { ifRevision: 0 }))
    for (const ifRevision of [0, 2]) {
      const label = { version: '9.9.9' }
      const error = await refusal(index.commit(commitOf('a', 2, { ifRevision, label })), 'write.conflict')
      expect(error.details).toEqual({ name: 'a', expectedRevision: ifRevision, actualRevision: 1 })
    }
    expect(await index.findByCid(cidOf(2))).toBeUndefined()
    expect(await index.findLabel('a', '9.9.9')).toBeUndefined()
    expect((await index.commit(commitOf('a', 2, { ifRevision: 1 }))).revision).toBe(2)
  })

  test('of many writers that saw the same revision exactly one wins', async () => {
    await using place = await open()
    const connections = await Promise.all(Array.from({ length: 4 }, () => place.connect()))
    await connections[0]?.commit(commitOf('a', 0))
    const writers = Array.from({ length: 20 }, (_, i) => connections[i % 4]!.commit(commitOf('a', i + 1, { ifRevision: 1 })))
    const outcomes = await Promise.allSettled(writers)
    const won = outcomes.flatMap((outcome, i) => (outcome.status === 'fulfilled' ? [i + 1] : []))
    expect(won).toHaveLength(1)
    expect((await connections[1]?.findByName('a', undefined))?.entry.cid).toBe(cidOf(won[0] ?? -1))
    expect((await connections[1]?.listEntries())?.items).toHaveLength(2)
  })

  test('writers that do not mind come one after the other, each with a revision of its own', async () => {
    await using place = await open()
    const connections = await Promise.all(Array.from({ length: 4 }, () => place.connect()))
    const commits = await Promise.all(Array.from({ length: 40 }, (_, i) => connections[i % 4]!.commit(commitOf('a', i))))
    const history = (await connections[0]?.listHistory('a'))?.items ?? []
    expect(history.map(({ revision }) => revision)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
    expect(commits.map(({ revision }) => revision).sort((a, b) => a - b)).toEqual(history.map(({ revision }) => revision))
    expect(history.every(({ atMs }, i) => atMs >= (history[i - 1]?.atMs ?? 0))).toBe(true)
  })

  test('entries are listed in pages, each once', async () => {
    await using place = await open()
    const index = await place.connect()
    for (let i = 0; i < 7; i++) await index.commit(commitOf(`n${i}`, i))
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await index.listEntries({ cursor, limit: 3 })
      expect(page.items.length).toBeLessThanOrEqual(3)
      seen.push(...page.items.map((entry) => entry.cid))
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(seen).toEqual(Array.from({ length: 7 }, (_, i) => cidOf(i)))
  })

  test('an entry is deleted only when no name and no label points to it', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.commit(commitOf('a', 1, { label: { version: '1.0.0' } }))
    const error = await refusal(index.deleteEntry(cidOf(1)), 'entry.in_use')
    expect(error.details).toEqual({ cid: cidOf(1), names: ['a', 'a@1.0.0'] })
    await index.deleteName('a')
    expect((await refusal(index.deleteEntry(cidOf(1)), 'entry.in_use')).details.names).toEqual(['a@1.0.0'])
    await index.deleteLabel('a', '1.0.0')
    await index.deleteEntry(cidOf(1))
    expect(await index.findByCid(cidOf(1))).toBeUndefined()
    expect(await index.findByName('a', { revision: 1 })).toBeUndefined()
    expect((await index.listEntries()).items).toEqual([])
    expect((await refusal(index.deleteEntry(cidOf(1)), 'entry.not_found')).details).toEqual({ cid: cidOf(1) })
  })
}

function bytes(value: Uint8Array | undefined): number[] | undefined {
  return value && [...value]
}
