import { open, readFile, truncate, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { withCache } from '../src/cache/with-cache.ts'
import { bytesFrom, bytesOf, sameBytes } from '../src/testing/bytes.ts'
import { rejection } from '../src/testing/store-under-test.ts'
import { behind, held, MIB, PATIENCE, read } from './behind.ts'
import { sha256Of } from './cached-place.ts'

describe('a cache', () => {
  test('gives what was read whole once without asking the store again, by any key and in any part', async () => {
    await using place = await behind()
    const { store, origin, asked } = place
    const bytes = bytesOf(3 * MIB + 17)
    const sha256 = sha256Of(bytes)
    await origin.put('a', bytes)
    expect(sameBytes(await read(store, 'a', sha256), bytes)).toBe(true)
    await origin.delete('a')
    expect(sameBytes(await read(store, 'a', sha256), bytes)).toBe(true)
    expect(sameBytes(await read(store, 'moved/elsewhere', sha256), bytes)).toBe(true)
    for (const [start, end] of [
      [0, 1],
      [65_535, 65_537],
      [MIB - 1, 2 * MIB + 1],
      [3 * MIB + 16, 3 * MIB + 17],
    ] as const)
      expect(sameBytes(await read(store, 'a', sha256, start, end), bytes.subarray(start, end))).toBe(true)
    expect(sameBytes(await read(store, 'a', sha256, 70_000), bytes.subarray(70_000))).toBe(true)
    expect(asked).toEqual(['a'])
    expect(await place.files()).toEqual([sha256])
    expect(place.problems).toEqual([])
  })

  test.each([
    [undefined, 5],
    [true, 1],
  ])('takes memory for each chunk that it holds, or with reuse: %s for %i', async (reuse, pieces) => {
    await using place = await behind()
    const bytes = bytesOf(5 * MIB)
    const sha256 = sha256Of(bytes)
    await place.origin.put('a', bytes)
    await read(place.store, 'a', sha256)
    const body = await place.store.get('a', { sha256, reuse })
    const memory = new Set<ArrayBufferLike>()
    const copies: Uint8Array[] = []
    for await (const chunk of body!.chunks) {
      memory.add(chunk.buffer)
      copies.push(new Uint8Array(chunk))
    }
    expect(sameBytes(Buffer.concat(copies), bytes)).toBe(true)
    expect(memory.size).toBe(pieces)
    expect(place.asked).toEqual(['a'])
  })

  test('gives readers side by side memory of their own', async () => {
    await using place = await behind()
    const objects = [1, 2, 3].map((seed) => bytesOf(3 * MIB, seed))
    for (const [i, bytes] of objects.entries()) {
      await place.origin.put(`${i}`, bytes)
      await read(place.store, `${i}`, sha256Of(bytes))
    }
    for (let round = 0; round < 2; round++) {
      const bodies = await Promise.all(
        objects.map((bytes, i) => place.store.get(`${i}`, { sha256: sha256Of(bytes), reuse: true })),
      )
      const readers = bodies.map((body) => body!.chunks[Symbol.asyncIterator]())
      for (let start = 0; start < 3 * MIB; start += MIB) {
        const chunks = await Promise.all(readers.map((reader) => reader.next()))
        for (const [i, { value }] of chunks.entries())
          expect(sameBytes(value!, objects[i]!.subarray(start, start + MIB))).toBe(true)
      }
      for (const reader of readers) expect((await reader.next()).done).toBe(true)
    }
  })

  test('leaves the last chunk as it is when nobody reads on', async () => {
    await using place = await behind()
    const objects = [1, 2].map((seed) => bytesOf(3 * MIB, seed))
    for (const bytes of objects) {
      await place.origin.put(sha256Of(bytes), bytes)
      await read(place.store, sha256Of(bytes), sha256Of(bytes))
    }
    const [first, second] = await Promise.all(
      objects.map((bytes) => place.store.get(sha256Of(bytes), { sha256: sha256Of(bytes), reuse: true })),
    )
    const reader = first!.chunks[Symbol.asyncIterator]()
    const { value: kept } = await reader.next()
    await reader.return?.()
    expect(sameBytes(await bytesFrom(second, true), objects[1]!)).toBe(true)
    expect(sameBytes(kept!, objects[0]!.subarray(0, MIB))).toBe(true)
  })

  test('takes little memory for little, and keeps little of it', async () => {
    await using place = await behind()
    const bytes = bytesOf(4 * MIB)
    const sha256 = sha256Of(bytes)
    await place.origin.put('a', bytes)
    await read(place.store, 'a', sha256)
    const memory = new Uint8Array(20_000)
    const before = process.memoryUsage().arrayBuffers
    const readers = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const range = { start: i * 20_000, end: (i + 1) * 20_000 }
        const reader = (await place.store.get('a', { sha256, range, into: () => memory }))!.chunks[Symbol.asyncIterator]()
        await reader.next()
        return reader
      }),
    )
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * 3 * 65_536)
    for (const reader of readers) expect((await reader.next()).done).toBe(true)
    const short = await place.store.get('a', { sha256, into: () => memory })
    expect(await rejection(bytesFrom(short))).toBeInstanceOf(TypeError)
  })

  test('is found again by the next process', async () => {
    await using place = await behind()
    const bytes = bytesOf(100_000)
    const sha256 = sha256Of(bytes)
    await place.origin.put('a', bytes)
    await read(place.store, 'a', sha256)
    const fresh = withCache(place.origin, { dir: place.dir.file('cache'), maxBytes: MIB })
    await place.origin.delete('a')
    const body = await fresh.get('a', { sha256 })
    expect(body).toMatchObject({ sizeBytes: 100_000, lengthBytes: 100_000, etag: expect.any(String) })
    expect(sameBytes(await bytesFrom(body), bytes)).toBe(true)
  })

  test('keeps nothing of which no digest is known, or one that is none', async () => {
    await using place = await behind()
    await place.origin.put('a', bytesOf(10))
    for (const sha256 of [undefined, '', '../a', 'f'.repeat(63), 'F'.repeat(64), `${'f'.repeat(64)}\n`])
      expect(await bytesFrom(await place.store.get('a', { sha256 }))).toHaveLength(10)
    expect(await place.files()).toEqual([])
  })

  test('gives bytes that have another digest as they are, and keeps none of them', async () => {
    await using place = await behind()
    const bytes = bytesOf(MIB, 1)
    await place.origin.put('a', bytes)
    expect(sameBytes(await read(place.store, 'a', sha256Of(bytesOf(MIB, 2))), bytes)).toBe(true)
    await expect.poll(() => place.files(), PATIENCE).toEqual([])
    expect(place.problems).toEqual(['storage.corrupt'])
    expect(sameBytes(await read(place.store, 'a', sha256Of(bytesOf(MIB, 2))), bytes)).toBe(true)
    expect(place.problems).toEqual(['storage.corrupt'])
  })

  test('fetches once what many read at once', async () => {
    await using place = await behind()
    const bytes = bytesOf(20 * MIB)
    const sha256 = sha256Of(bytes)
    await place.origin.put('a', bytes)
    const all = await Promise.all(Array.from({ length: 8 }, () => read(place.store, 'a', sha256)))
    for (const one of all) expect(sameBytes(one, bytes)).toBe(true)
    expect(place.asked).toEqual(['a'])
  })

  test('goes on for others when one of them stops, and leaves nothing when all have', async () => {
    await using place = await behind()
    const bytes = bytesOf(20 * MIB)
    const sha256 = sha256Of(bytes)
    await place.origin.put('a', bytes)
    const [stopped, other] = [await place.store.get('a', { sha256 }), await place.store.get('a', { sha256 })]
    for await (const _ of stopped!.chunks) break
    expect(sameBytes(await bytesFrom(other), bytes)).toBe(true)
    expect(await place.files()).toEqual([sha256])
    const second = bytesOf(40 * MIB, 1)
    await place.origin.put('b', second)
    const rest = Promise.withResolvers<void>()
    await using slow = withCache(held(place.origin, rest.promise), { dir: place.dir.file('cache'), maxBytes: 2 ** 30 })
    for await (const _ of (await slow.get('b', { sha256: sha256Of(second) }))!.chunks) break
    rest.resolve()
    await expect.poll(() => place.files(), PATIENCE).toEqual([sha256])
  })

  test('leaves nothing half when it is disposed of', async () => {
    await using place = await behind({ fillAfter: 0 })
    const bytes = bytesOf(40 * MIB)
    await place.origin.put('a', bytes)
    await read(place.store, 'a', sha256Of(bytes), 0, 10)
    await place.store[Symbol.asyncDispose]()
    const files = await place.files()
    expect(files.filter((name) => name !== sha256Of(bytes))).toEqual([])
  })
})

describe('ranges', () => {
  test('are fetched as they are, until so much was asked for that all of it is fetched', async () => {
    await using place = await behind({ fillAfter: 1 / 4 })
    const bytes = bytesOf(8 * MIB)
    const sha256 = sha256Of(bytes)
    await place.origin.put('a', bytes)
    const part = (i: number) => read(place.store, 'a', sha256, i * MIB, (i + 1) * MIB)
    expect(sameBytes(await part(5), bytes.subarray(5 * MIB, 6 * MIB))).toBe(true)
    expect(place.asked).toEqual([`a ${5 * MIB}-${6 * MIB}`])
    await part(2)
    await expect.poll(() => place.files(), PATIENCE).toEqual([sha256])
    expect(place.asked).toEqual([`a ${5 * MIB}-${6 * MIB}`, `a ${2 * MIB}-${3 * MIB}`, 'a'])
    for (let i = 0; i < 8; i++) expect(sameBytes(await part(i), bytes.subarray(i * MIB, (i + 1) * MIB))).toBe(true)
    expect(place.asked).toHaveLength(3)
  })

  test('never make all of it be fetched if that is not wanted', async () => {
    await using place = await behind({ fillAfter: Number.POSITIVE_INFINITY })
    const bytes = bytesOf(MIB)
    await place.origin.put('a', bytes)
    for (let i = 0; i < 20; i++) await read(place.store, 'a', sha256Of(bytes), 1, MIB)
    expect(place.asked).toHaveLength(20)
    expect(await place.files()).toEqual([])
  })
})

describe('damage', () => {
  test.each(Array.from({ length: 24 }, (_, i) => i))(
    'of any byte of a cache file is noticed, mended and told (%i)',
    async (i) => {
      await using place = await behind()
      const bytes = bytesOf(200_000)
      const sha256 = sha256Of(bytes)
      await place.origin.put('a', bytes)
      await read(place.store, 'a', sha256)
      const path = place.dir.file('cache', sha256)
      const file = await readFile(path)
      const at = i < 12 ? Math.floor((i * 200_000) / 12) : file.length - 1 - (i - 12) * 4
      file[at]! ^= 1 << (i % 8)
      await writeFile(path, file)
      // By this process, which knows the checksums, and by another one, which reads them from the file.
      const { problems } = place
      const store = i % 2 === 0 ? place.again() : place.store
      expect(sameBytes(await read(store, 'a', sha256), bytes)).toBe(true)
      expect(sameBytes(await read(store, 'a', sha256), bytes)).toBe(true)
      // Who knows the checksums needs no others.
      expect(problems).toEqual(i < 12 || i % 2 === 0 ? ['storage.corrupt'] : [])
      const mended = await readFile(path)
      expect(sha256Of(mended.subarray(0, 200_000))).toBe(sha256)
    },
  )

  test.each([0, 1, 23, 65_536, 199_999, 200_100, 250_000])('of a file of %i bytes is noticed and told too', async (length) => {
    await using place = await behind()
    const bytes = bytesOf(200_000)
    const sha256 = sha256Of(bytes)
    await place.origin.put('a', bytes)
    await read(place.store, 'a', sha256)
    await truncate(place.dir.file('cache', sha256), length)
    expect(sameBytes(await read(place.store, 'a', sha256, 1000, 150_000), bytes.subarray(1000, 150_000))).toBe(true)
    expect(sameBytes(await read(place.again(), 'a', sha256), bytes)).toBe(true)
    expect(place.problems).toEqual(['storage.corrupt'])
  })

  test.each([false, true])('in the middle of reading changes no byte that is given, into memory: %s', async (hasMemory) => {
    await using place = await behind()
    const bytes = bytesOf(8 * MIB)
    const sha256 = sha256Of(bytes)
    await place.origin.put('a', bytes)
    await read(place.store, 'a', sha256)
    const given: Uint8Array[] = []
    const memory = new Uint8Array(8 * MIB)
    let end = 0
    for await (const chunk of (await place.store.get('a', { sha256, into: hasMemory ? () => memory : undefined }))!.chunks) {
      if (hasMemory) expect([chunk.buffer, chunk.byteOffset]).toEqual([memory.buffer, end])
      end += chunk.length
      given.push(chunk)
      if (given.length > 1) continue
      await using file = await open(place.dir.file('cache', sha256), 'r+')
      await file.write(Buffer.alloc(10), 0, 10, 5 * MIB)
    }
    expect(sameBytes(Buffer.concat(given), bytes)).toBe(true)
    expect(place.problems).toEqual(['storage.corrupt'])
    expect(place.asked).toEqual(['a', `a ${5 * MIB}-${8 * MIB}`])
    expect(await place.files()).toEqual([])
  })
})
