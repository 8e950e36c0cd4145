import { expect, test } from 'vitest'
import type { Label } from '../entry.ts'
import { allItems } from '../paging.ts'
import { cidOf, commitOf, listed, type OpenPlace, refusal } from './place-under-test.ts'

export function testLabels(open: OpenPlace): void {
  test('a label marks an entry, and the one set last is found without version', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.commit(commitOf('a', 1))
    await index.commit(commitOf('a', 2))
    expect(await index.findLabel('a', undefined)).toEqual({ name: 'a', version: '', cid: cidOf(2) })
    await index.putLabel({ name: 'a', version: '2.0.0', cid: cidOf(2) })
    await index.putLabel({ name: 'a', version: '1.0.0', cid: cidOf(1), description: 'old' })
    expect(await index.findLabel('a', undefined)).toEqual({ name: 'a', version: '1.0.0', cid: cidOf(1), description: 'old' })
    expect((await index.findLabel('a', '2.0.0'))?.cid).toBe(cidOf(2))
    await index.putLabel({ name: 'a', version: '2.0.0', cid: cidOf(2) })
    expect((await index.findLabel('a', undefined))?.version).toBe('2.0.0')
    await index.deleteLabel('a', '2.0.0')
    expect((await index.findLabel('a', undefined))?.version).toBe('1.0.0')
    expect(await index.findLabel('b', undefined)).toBeUndefined()
    expect(await index.findLabel('a', '3')).toBeUndefined()
  })

  test('a label that moves no longer holds the entry it left, and loses its description', async () => {
    await using place = await open()
    const index = await place.connect()
    await index.commit(commitOf('a', 1))
    await index.commit(commitOf('a', 2))
    await index.putLabel({ name: 'a', version: 'best', cid: cidOf(1), description: 'so far' })
    await refusal(index.deleteEntry(cidOf(1)), 'entry.in_use')
    await index.putLabel({ name: 'a', version: 'best', cid: cidOf(2) })
    expect(await index.findLabel('a', 'best')).toEqual({ name: 'a', version: 'best', cid: cidOf(2) })
    await index.deleteEntry(cidOf(1))
  })

  test('a label needs an entry, and one that is not there cannot be deleted', async () => {
    await using place = await open()
    const index = await place.connect()
    await refusal(index.putLabel({ name: 'a', version: '1', cid: cidOf(1) }), 'entry.not_found')
    const error = await refusal(index.deleteLabel('a', '1'), 'label.not_found')
    expect(error.details).toEqual({ name: 'a', version: '1' })
  })

  test('labels are listed by name and version, of all names or of one', async () => {
    await using place = await open()
    const index = await place.connect()
    for (const name of ['b', 'a', 'ab']) await index.commit(commitOf(name, 1, { label: { version: '2' } }))
    await index.putLabel({ name: 'a', version: '1', cid: cidOf(1) })
    const texts = async (name: string | undefined, limit: number): Promise<string[]> => {
      const pages = allItems<Label>((page) => index.listLabels(name, { ...page, limit }), undefined)
      return (await listed(pages)).map((label) => `${label.name}@${label.version}`)
    }
    expect(await texts(undefined, 2)).toEqual(['a@', 'a@1', 'a@2', 'ab@', 'ab@2', 'b@', 'b@2'])
    expect(await texts('a', 1)).toEqual(['a@', 'a@1', 'a@2'])
    expect(await texts('c', 2)).toEqual([])
  })
}
