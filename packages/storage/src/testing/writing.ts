import { describe, expect, test } from 'vitest'
import { bytesFrom, bytesOf, inChunks, sameBytes } from './bytes.ts'
import { codeOf, ODD_KEYS, type OpenStore, rejection, SEVERAL_PARTS } from './store-under-test.ts'

const MIB = 2 ** 20
const SIZES = [0, 1, MIB - 1, MIB, MIB + 1, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1, SEVERAL_PARTS]

export function testWriting(open: OpenStore): void {
  describe('writing', () => {
    test.each(SIZES)('puts an array of %i bytes', async (sizeBytes) => {
      await using place = await open()
      const bytes = bytesOf(sizeBytes, 1)

      const head = await place.store.put('made/by/array', bytes)

      expect(head).toMatchObject({ key: 'made/by/array', sizeBytes })
      expect(head.etag).toBe((await place.store.head('made/by/array'))?.etag)
      expect(sameBytes(await bytesFrom(await place.store.get('made/by/array')), bytes)).toBe(true)
    })

    test.each(SIZES)('puts a stream of %i bytes in odd chunks that are used again', async (sizeBytes) => {
      await using place = await open()
      const bytes = bytesOf(sizeBytes, 2)

      const head = await place.store.put('made/by/stream', inChunks(bytes, 100_003))

      expect(head).toMatchObject({ key: 'made/by/stream', sizeBytes })
      expect(sameBytes(await bytesFrom(await place.store.get('made/by/stream')), bytes)).toBe(true)
    })

    test.each([0, 1, SEVERAL_PARTS, 100 * MIB])('puts what comes, also when %i bytes were said to come', async (said) => {
      await using place = await open()
      for (const sizeBytes of [0, 1000, SEVERAL_PARTS]) {
        const bytes = bytesOf(sizeBytes, 4)
        const head = await place.store.put('said', inChunks(bytes, MIB), { sizeBytes: said })
        expect(head.sizeBytes).toBe(sizeBytes)
        expect(sameBytes(await bytesFrom(await place.store.get('said')), bytes)).toBe(true)
      }
      expect((await place.leftovers?.()) ?? []).toEqual([])
    })

    test('puts a stream of one huge chunk and of empty ones', async () => {
      await using place = await open()
      const bytes = bytesOf(SEVERAL_PARTS, 3)
      await place.store.put('one', inChunks(bytes, SEVERAL_PARTS))
      await place.store.put(
        'empty',
        (async function* () {
          yield new Uint8Array()
          yield Uint8Array.of(7)
          yield new Uint8Array()
        })(),
      )
      expect(sameBytes(await bytesFrom(await place.store.get('one')), bytes)).toBe(true)
      expect(await bytesFrom(await place.store.get('empty'))).toEqual(Buffer.of(7))
    })

    test('replaces an object, which changes its mark, and is read back at once', async () => {
      await using place = await open()
      const marks = new Set<string | undefined>()
      for (let round = 0; round < 20; round++) {
        const bytes = bytesOf(1000, round)
        marks.add((await place.store.put('again', bytes)).etag)
        expect(sameBytes(await bytesFrom(await place.store.get('again')), bytes)).toBe(true)
      }
      expect(marks.size).toBe(20)
    })

    test.each([1000, SEVERAL_PARTS])(
      'tells the same checksum of %i bytes by put and head, and another one of other bytes',
      async (sizeBytes) => {
        await using place = await open()
        const { checksum } = await place.store.put('checked', inChunks(bytesOf(sizeBytes, 1), MIB))
        expect((await place.store.head('checked'))?.checksum).toBe(checksum)
        await place.store.put('checked', inChunks(bytesOf(sizeBytes, 2), MIB))
        const other = (await place.store.head('checked'))?.checksum
        if (checksum === undefined) expect(other).toBeUndefined()
        else expect(other).not.toBe(checksum)
        await place.store.put('checked', inChunks(bytesOf(sizeBytes, 1), MIB))
        expect((await place.store.head('checked'))?.checksum).toBe(checksum)
      },
    )

    test('tells how many bytes have left, up to all of them', async () => {
      await using place = await open()
      const seen: number[] = []
      await place.store.put('watched', inChunks(bytesOf(SEVERAL_PARTS), MIB), { onProgress: (sent) => seen.push(sent) })
      expect(seen.length).toBeGreaterThan(1)
      expect(seen).toEqual([...seen].sort((a, b) => a - b))
      expect(seen.at(-1)).toBe(SEVERAL_PARTS)
    })

    test.each(ODD_KEYS)('writes, copies and deletes the key %s', async (key) => {
      await using place = await open()
      await place.store.put(key, Uint8Array.of(1, 2))
      await place.store.copy(key, `copy/of/${key}`)
      await place.store.delete(key)
      expect(await place.store.head(key)).toBeUndefined()
      expect(await bytesFrom(await place.store.get(`copy/of/${key}`))).toEqual(Buffer.of(1, 2))
    })

    test('copies onto another object, and says so if there is nothing to copy', async () => {
      await using place = await open()
      await place.store.put('from', bytesOf(500, 1))
      await place.store.put('to', bytesOf(300, 2))
      expect(await place.store.copy('from', 'to')).toMatchObject({ key: 'to', sizeBytes: 500 })
      expect(sameBytes(await bytesFrom(await place.store.get('to')), bytesOf(500, 1))).toBe(true)
      expect(await codeOf(place.store.copy('absent', 'to'))).toBe('storage.not_found')
      expect(await place.store.head('to')).toMatchObject({ sizeBytes: 500 })
    })

    test('deletes, and does not mind if nothing is there', async () => {
      await using place = await open()
      await place.store.put('a/b/c', bytesOf(5))
      await place.store.put('a/d', bytesOf(5))
      await place.store.delete('a/b/c')
      await place.store.delete('a/b/c')
      await place.store.delete('never/was')
      expect(await place.store.head('a/b/c')).toBeUndefined()
      expect(await place.store.head('a/d')).toBeDefined()
    })

    test('is not done with a source that yields something else than bytes', async () => {
      await using place = await open()
      const text: unknown = (async function* () {
        yield 'text'
      })()
      expect(await rejection(place.store.put('text', text as AsyncIterable<Uint8Array>))).toBeInstanceOf(TypeError)
      expect(await place.store.head('text')).toBeUndefined()
    })

    test('stores that were opened apart do not know of each other', async () => {
      await using one = await open()
      await using other = await open()
      await one.store.put('mine', bytesOf(1))
      expect(await other.store.head('mine')).toBeUndefined()
    })
  })
}

export function testPutIfAbsent(open: OpenStore): void {
  describe('put if absent', () => {
    test.each([10, SEVERAL_PARTS])('writes %i bytes where nothing is, and refuses where something is', async (sizeBytes) => {
      await using place = await open()
      const bytes = bytesOf(sizeBytes, 1)
      await place.store.put('once', inChunks(bytes, MIB), { ifAbsent: true })
      expect(await codeOf(place.store.put('once', inChunks(bytesOf(sizeBytes, 2), MIB), { ifAbsent: true }))).toBe(
        'storage.exists',
      )
      expect(sameBytes(await bytesFrom(await place.store.get('once')), bytes)).toBe(true)
      expect((await place.leftovers?.()) ?? []).toEqual([])
    })

    test('lets exactly one of twenty win a race', async () => {
      await using place = await open()
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, i) => codeOf(place.store.put('race', bytesOf(1000, i), { ifAbsent: true }))),
      )
      expect(outcomes.filter((code) => code === 'no error')).toHaveLength(1)
      expect(outcomes.filter((code) => code === 'storage.exists')).toHaveLength(19)
      const winner = outcomes.indexOf('no error')
      expect(sameBytes(await bytesFrom(await place.store.get('race')), bytesOf(1000, winner))).toBe(true)
      expect((await place.leftovers?.()) ?? []).toEqual([])
    })

    test('copies where nothing is, and refuses where something is', async () => {
      await using place = await open()
      await place.store.put('from', bytesOf(10, 1))
      await place.store.copy('from', 'to', { ifAbsent: true })
      await place.store.put('from', bytesOf(20, 2))
      expect(await codeOf(place.store.copy('from', 'to', { ifAbsent: true }))).toBe('storage.exists')
      expect(await place.store.head('to')).toMatchObject({ sizeBytes: 10 })
    })
  })
}
