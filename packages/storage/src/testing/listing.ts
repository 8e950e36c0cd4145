import { describe, expect, test } from 'vitest'
import type { ObjectStore } from '../object-store.ts'
import { bytesOf } from './bytes.ts'
import { ODD_KEYS, type OpenStore, plant, rejection } from './store-under-test.ts'

export function testListing(open: OpenStore): void {
  describe('listing', () => {
    test('shows nothing where nothing is', async () => {
      await using place = await open()
      expect(await place.store.list('')).toEqual({ objects: [] })
      expect(await place.store.list('no/such/')).toEqual({ objects: [] })
    })

    test('shows keys in the byte order of UTF-8, folders among files', async () => {
      await using place = await open()
      const keys = ['a', 'a!', 'a-b', 'a-b/c', 'a.b', 'ab', 'b/1', 'b/10', 'b/2', 'b0', 'ä', 'ﬀ', '🙂', '日']
      // 'a' is a file here, so no key may start with 'a/'.
      for (const key of [...keys].filter((key) => key !== 'a-b')) await plant(place, key, bytesOf(1))
      const wanted = keys.filter((key) => key !== 'a-b').sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      expect(await keysOf(place.store, '', 1000)).toEqual(wanted)
      expect(await keysOf(place.store, '', 1)).toEqual(wanted)
    })

    test.each([
      { prefix: '', wanted: ['x', 'x-1', 'x-2/a', 'x-2/b/c', 'x0', 'y/x'] },
      { prefix: 'x', wanted: ['x', 'x-1', 'x-2/a', 'x-2/b/c', 'x0'] },
      { prefix: 'x-', wanted: ['x-1', 'x-2/a', 'x-2/b/c'] },
      { prefix: 'x-2', wanted: ['x-2/a', 'x-2/b/c'] },
      { prefix: 'x-2/', wanted: ['x-2/a', 'x-2/b/c'] },
      { prefix: 'x-2/b', wanted: ['x-2/b/c'] },
      { prefix: 'x-2/b/c', wanted: ['x-2/b/c'] },
      { prefix: 'x-2/b/c/', wanted: [] },
      { prefix: 'z', wanted: [] },
    ])('shows what starts with "$prefix", on one page or on many', async ({ prefix, wanted }) => {
      await using place = await open()
      for (const key of ['y/x', 'x0', 'x', 'x-2/b/c', 'x-1', 'x-2/a']) await plant(place, key, bytesOf(1))
      expect(await keysOf(place.store, prefix, 1000)).toEqual(wanted)
      expect(await keysOf(place.store, prefix, 1)).toEqual(wanted)
      expect(await keysOf(place.store, prefix, 2)).toEqual(wanted)
    })

    test('pages through many objects without losing or repeating one', async () => {
      await using place = await open()
      const keys = Array.from({ length: 43 }, (_, i) => `${i % 3 === 0 ? 'deep/er/' : ''}${String(i).padStart(3, '0')}`).sort()
      await Promise.all(keys.map((key) => plant(place, key, bytesOf(1))))
      expect(await keysOf(place.store, '', 7)).toEqual(keys)
      const page = await place.store.list('', { limit: 7 })
      expect(page.objects).toHaveLength(7)
      expect(page.cursor).toBeDefined()
    })

    test('shows odd keys as they were given, with size, mark and time', async () => {
      await using place = await open()
      for (const key of ODD_KEYS) await plant(place, key, bytesOf(33))
      const { objects } = await place.store.list('')
      expect(objects.map((object) => object.key).sort()).toEqual([...ODD_KEYS].sort())
      for (const object of objects) {
        expect(object.sizeBytes).toBe(33)
        expect(object.etag).toBe((await place.store.head(object.key))?.etag)
        expect(Math.abs((object.modifiedAtMs ?? 0) - Date.now())).toBeLessThan(60_000)
      }
    })

    test('takes a limit outside 1 to 1000 for a programming error', async () => {
      await using place = await open()
      for (const limit of [0, 1001, 1.5, Number.NaN]) {
        expect(await rejection(place.store.list('', { limit }))).toBeInstanceOf(TypeError)
      }
    })

    test('ends with the reason of an abort', async () => {
      await using place = await open()
      await plant(place, 'x', bytesOf(1))
      const reason = new Error('enough')
      expect(await rejection(place.store.list('', { signal: AbortSignal.abort(reason) }))).toBe(reason)
    })
  })
}

async function keysOf(store: ObjectStore, prefix: string, limit: number): Promise<string[]> {
  const keys: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.list(prefix, { limit, cursor })
    keys.push(...page.objects.map((object) => object.key))
    cursor = page.cursor
  } while (cursor !== undefined)
  return keys
}
