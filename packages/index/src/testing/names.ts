import { expect, test } from 'vitest'
import type { IndexProvider, NamePointer } from '../provider.ts'
import { cidOf, commitOf, type OpenPlace, refusal } from './place-under-test.ts'

export function testNames(open: OpenPlace): void {
  test('a name is found as it was at a revision or a time', async () => {
    await using place = await open()
    const index = await place.connect()
    for (let i = 1; i <= 5; i++) await index.commit(commitOf('a', i))
    await index.deleteName('a')
    const { items } = await index.listHistory('a')
    for (const { revision, cid, atMs } of items) {
      expect((await index.findByName('a', { revision }))?.entry.cid).toBe(cid)
      const last = items.findLast((step) => step.atMs <= atMs)
      expect((await index.findByName('a', { timeMs: atMs }))?.revision).toBe(last?.cid && last.revision)
    }
    expect(await index.findByName('a', { timeMs: (items[0]?.atMs ?? 0) - 1 })).toBeUndefined()
    expect(await index.findByName('a', { timeMs: Date.now() + 1e6 })).toBeUndefined()
    expect(await index.findByName('a', { revision: 7 })).toBeUndefined()
  })

  test('a deleted name is gone, keeps its past, and counts on when it comes back', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.commit(commitOf('a', 1))
    await index.deleteName('a')
    expect(await index.findByName('a', undefined)).toBeUndefined()
    expect((await index.listNames('')).items).toEqual([])
    expect(await index.namesOf(cidOf(1))).toEqual([])
    expect(await index.findLabel('a', '')).toBeUndefined()
    expect((await index.findByCid(cidOf(1)))?.cid).toBe(cidOf(1))
    expect((await refusal(index.deleteName('a'), 'name.not_found')).details).toEqual({ name: 'a' })

    expect((await index.commit(commitOf('a', 1, { ifRevision: 0 }))).revision).toBe(3)
    const { items } = await index.listHistory('a')
    expect(items.map(({ revision, operation, cid }) => [revision, operation, cid])).toEqual([
      [1, 'commit', cidOf(1)],
      [2, 'delete', undefined],
      [3, 'commit', cidOf(1)],
    ])
  })

  test('a rename moves the pointer and leaves the past where it was', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.commit(commitOf('a', 1))
    const pointer = await index.rename('a', 'b')
    expect(pointer).toMatchObject({ name: 'b', revision: 1, cid: cidOf(1) })
    expect(await index.findByName('a', undefined)).toBeUndefined()
    expect((await index.findByName('b', undefined))?.entry.name).toBe('b')
    expect((await index.findByName('a', { revision: 1 }))?.entry.cid).toBe(cidOf(1))
    expect((await index.listHistory('a')).items[1]).toMatchObject({ operation: 'rename', renamedTo: 'b', cid: undefined })
    expect((await index.listHistory('b')).items).toMatchObject([
      { revision: 1, operation: 'rename', renamedFrom: 'a', cid: cidOf(1) },
    ])
    expect(await index.namesOf(cidOf(1))).toEqual(['b'])
  })

  test('a rename is refused when there is nothing to rename, the target exists, or the name has moved', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.commit(commitOf('a', 1))
    await index.commit(commitOf('b', 2))
    expect((await refusal(index.rename('x', 'y'), 'name.not_found')).details).toEqual({ name: 'x' })
    expect((await refusal(index.rename('a', 'b'), 'write.conflict')).details).toEqual({
      name: 'b',
      expectedRevision: 0,
      actualRevision: 1,
    })
    expect((await refusal(index.rename('a', 'a'), 'write.conflict')).details.name).toBe('a')
    const moved = await refusal(index.rename('a', 'c', { ifRevision: 2 }), 'write.conflict')
    expect(moved.details).toEqual({ name: 'a', expectedRevision: 2, actualRevision: 1 })
    await refusal(index.deleteName('a', { ifRevision: 2 }), 'write.conflict')
    expect((await index.listNames('')).items.map(({ name }) => name)).toEqual(['a', 'b'])
  })

  test('a name can be pointed to any entry that exists', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.commit(commitOf('a', 1))
    await index.commit(commitOf('b', 2))
    expect(await index.moveName('a', cidOf(2), { ifRevision: 1 })).toMatchObject({ name: 'a', revision: 2, cid: cidOf(2) })
    expect((await index.findByName('a', undefined))?.entry.cid).toBe(cidOf(2))
    expect((await refusal(index.moveName('a', cidOf(9)), 'entry.not_found')).details).toEqual({ cid: cidOf(9) })
    await refusal(index.moveName('a', cidOf(1), { ifRevision: 1 }), 'write.conflict')
  })

  test('names are listed in pages by UTF-8 bytes, all or those with a prefix', async () => {
    await using place = await open()
    const index = await place.connect()
    // In UTF-16 the last two would be the other way round.
    const names = ['A', 'a', 'a b', 'a*', 'a[b]', 'ab', 'b', 'é', '\uFF5E', '😀']
    for (const [i, name] of names.toReversed().entries()) await index.commit(commitOf(name, i))
    const ordered = names.toSorted((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)))
    expect((await allNames(index, '', 3)).map(({ name }) => name)).toEqual(ordered)
    expect((await allNames(index, 'a', 2)).map(({ name }) => name)).toEqual(ordered.filter((name) => name.startsWith('a')))
    expect((await allNames(index, '😀', 2)).map(({ name }) => name)).toEqual(['😀'])
    expect(await allNames(index, 'zz', 2)).toEqual([])
  })

  test('a long history comes in pages', async () => {
    await using place = await open()
    const index = await place.connect()
    for (let i = 0; i < 5; i++) await index.commit(commitOf('a', i))
    const first = await index.listHistory('a', { limit: 3 })
    const second = await index.listHistory('a', { limit: 3, cursor: first.cursor })
    expect([...first.items, ...second.items].map(({ revision }) => revision)).toEqual([1, 2, 3, 4, 5])
    expect(second.cursor).toBeUndefined()
  })
}

async function allNames(index: IndexProvider, prefix: string, limit: number): Promise<NamePointer[]> {
  const names: NamePointer[] = []
  let cursor: string | undefined
  do {
    const page = await index.listNames(prefix, { cursor, limit })
    names.push(...page.items)
    cursor = page.cursor
  } while (cursor !== undefined)
  return names
}
