import { describe, expect, test } from 'vitest'
import { bytesFrom, bytesOf, sameBytes } from './bytes.ts'
import { codeOf, ODD_KEYS, type OpenStore, plant, rejection, SEVERAL_PARTS } from './store-under-test.ts'

const MIB = 2 ** 20

export function testReading(open: OpenStore): void {
  describe('reading', () => {
    test.each([0, 1, MIB - 1, MIB, MIB + 1, SEVERAL_PARTS])('gives back an object of %i bytes whole', async (sizeBytes) => {
      await using place = await open()
      const bytes = bytesOf(sizeBytes)
      await plant(place, 'some/object', bytes)

      const body = await place.store.get('some/object')

      expect(body).toMatchObject({ key: 'some/object', sizeBytes, lengthBytes: sizeBytes })
      expect(sameBytes(await bytesFrom(body), bytes)).toBe(true)
    })

    test.each([
      { range: { start: 0 }, from: 0, to: 1000 },
      { range: { start: 0, end: 1000 }, from: 0, to: 1000 },
      { range: { start: 0, end: 1 }, from: 0, to: 1 },
      { range: { start: 999 }, from: 999, to: 1000 },
      { range: { start: 100, end: 900 }, from: 100, to: 900 },
      { range: { start: 500, end: 500 }, from: 500, to: 500 },
      { range: { start: 0, end: 0 }, from: 0, to: 0 },
      { range: { start: 1000 }, from: 1000, to: 1000 },
      { range: { start: 1000, end: 1000 }, from: 1000, to: 1000 },
    ])('gives the range $range of 1000 bytes', async ({ range, from, to }) => {
      await using place = await open()
      const bytes = bytesOf(1000)
      await plant(place, 'ranged', bytes)

      const body = await place.store.get('ranged', { range })

      expect(body).toMatchObject({ sizeBytes: 1000, lengthBytes: to - from })
      expect(sameBytes(await bytesFrom(body), bytes.subarray(from, to))).toBe(true)
    })

    test('gives a range that crosses chunks of a large object', async () => {
      await using place = await open()
      const bytes = bytesOf(SEVERAL_PARTS)
      await plant(place, 'large', bytes)

      const body = await place.store.get('large', { range: { start: MIB - 3, end: 3 * MIB + 7 } })

      expect(sameBytes(await bytesFrom(body), bytes.subarray(MIB - 3, 3 * MIB + 7))).toBe(true)
    })

    test('gives the same bytes to whoever lets it use memory again', async () => {
      await using place = await open()
      const bytes = bytesOf(SEVERAL_PARTS)
      await plant(place, 'large', bytes)

      const whole = await place.store.get('large', { reuse: true })
      const part = await place.store.get('large', { reuse: true, range: { start: MIB - 3, end: 7 * MIB + 7 } })

      expect(sameBytes(await bytesFrom(whole, true), bytes)).toBe(true)
      expect(sameBytes(await bytesFrom(part, true), bytes.subarray(MIB - 3, 7 * MIB + 7))).toBe(true)
    })

    test.each([{ start: 0 }, { start: MIB - 3, end: 7 * MIB + 7 }, { start: 5, end: 5 }])(
      'gives the range %o to whoever has memory for it, each chunk in its place there or elsewhere',
      async (range) => {
        await using place = await open()
        const bytes = bytesOf(SEVERAL_PARTS)
        await plant(place, 'large', bytes)
        const wanted = bytes.subarray(range.start, range.end)
        const memory = new Uint8Array(wanted.length)
        const asked: number[] = []
        const into = (sizeBytes: number) => {
          asked.push(sizeBytes)
          return memory
        }

        const body = await place.store.get('large', { range, into })
        let position = 0
        for await (const chunk of body!.chunks) {
          if (chunk.buffer === memory.buffer) expect(chunk.byteOffset).toBe(position)
          else memory.set(chunk, position)
          position += chunk.length
        }

        expect(sameBytes(memory, wanted)).toBe(true)
        expect([[], [wanted.length]]).toContainEqual(asked)
      },
    )

    test.each([
      { range: { start: 1001 } },
      { range: { start: 1001, end: 1001 } },
      { range: { start: 0, end: 1001 } },
      { range: { start: 1000, end: 1001 } },
      { range: { start: 5000, end: 6000 } },
    ])('refuses the range $range of 1000 bytes as storage.corrupt', async ({ range }) => {
      await using place = await open()
      await plant(place, 'ranged', bytesOf(1000))
      expect(await codeOf(place.store.get('ranged', { range }))).toBe('storage.corrupt')
    })

    test('gives the empty range of an empty object, and refuses any other', async () => {
      await using place = await open()
      await plant(place, 'empty', new Uint8Array())
      expect(await bytesFrom(await place.store.get('empty', { range: { start: 0 } }))).toHaveLength(0)
      expect(await codeOf(place.store.get('empty', { range: { start: 0, end: 1 } }))).toBe('storage.corrupt')
    })

    test.each([{ start: -1 }, { start: 2, end: 1 }, { start: 0.5 }, { start: 0, end: Number.NaN }, { start: Number.MAX_VALUE }])(
      'takes the range %o for a programming error',
      async (range) => {
        await using place = await open()
        await plant(place, 'ranged', bytesOf(10))
        expect(await rejection(place.store.get('ranged', { range }))).toBeInstanceOf(TypeError)
      },
    )

    test('tells size and mark of an object, the same by head and get', async () => {
      await using place = await open()
      await plant(place, 'known', bytesOf(77))

      const head = await place.store.head('known')
      const body = await place.store.get('known')
      await bytesFrom(body)

      expect(head).toMatchObject({ key: 'known', sizeBytes: 77 })
      expect(head?.etag).toBeTypeOf('string')
      expect(body?.etag).toBe(head?.etag)
      expect(Math.abs((head?.modifiedAtMs ?? 0) - Date.now())).toBeLessThan(60_000)
    })

    test('answers undefined for what is not there', async () => {
      await using place = await open()
      await plant(place, 'here/object', bytesOf(1))
      for (const key of ['nowhere', 'here', 'here/object/below', 'here/other', 'here/object2']) {
        expect(await place.store.head(key), key).toBeUndefined()
        expect(await place.store.get(key), key).toBeUndefined()
        expect(await place.store.get(key, { range: { start: 0, end: 5 } }), key).toBeUndefined()
        expect(await place.store.get(key, { range: { start: 5, end: 5 } }), key).toBeUndefined()
      }
    })

    test.each(ODD_KEYS)('reads the key %s', async (key) => {
      await using place = await open()
      const bytes = Buffer.from(key)
      await plant(place, key, bytes)
      expect(await place.store.head(key)).toMatchObject({ key, sizeBytes: bytes.length })
      expect(await bytesFrom(await place.store.get(key))).toEqual(bytes)
    })

    test('reads many objects at once', async () => {
      await using place = await open()
      const keys = Array.from({ length: 20 }, (_, i) => `many/${i}`)
      for (const [i, key] of keys.entries()) await plant(place, key, bytesOf(100_000 + i, i))

      const read = await Promise.all(keys.map(async (key) => bytesFrom(await place.store.get(key))))

      for (const [i, bytes] of read.entries()) expect(sameBytes(bytes, bytesOf(100_000 + i, i))).toBe(true)
    })

    test('can be stopped after the first chunk, again and again', async () => {
      await using place = await open()
      await plant(place, 'large', bytesOf(SEVERAL_PARTS))
      for (let round = 0; round < 60; round++) {
        const body = await place.store.get('large')
        for await (const chunk of body!.chunks) {
          expect(chunk.length).toBeGreaterThan(0)
          break
        }
      }
    })

    test('ends with the reason of an abort, before and in the middle', async () => {
      await using place = await open()
      await plant(place, 'large', bytesOf(SEVERAL_PARTS))
      const reason = new Error('enough')
      expect(await rejection(place.store.head('large', { signal: AbortSignal.abort(reason) }))).toBe(reason)
      expect(await rejection(place.store.get('large', { signal: AbortSignal.abort(reason) }))).toBe(reason)

      const stop = new AbortController()
      const body = await place.store.get('large', { signal: stop.signal })
      let readBytes = 0
      const error = await rejection(
        (async () => {
          for await (const chunk of body!.chunks) {
            readBytes += chunk.length
            stop.abort(reason)
          }
        })(),
      )

      expect(error).toBe(reason)
      expect(readBytes).toBeLessThan(SEVERAL_PARTS)
    })
  })
}
