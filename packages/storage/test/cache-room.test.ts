import { mkdir, truncate, utimes, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { withCache } from '../src/cache/with-cache.ts'
import { bytesFrom, bytesOf, sameBytes } from '../src/testing/bytes.ts'
import { behind, held, MIB, PATIENCE, read } from './behind.ts'
import { sha256Of } from './cached-place.ts'

describe('room', () => {
  test('is made by taking away what was not used for longest', async () => {
    await using place = await behind({ maxBytes: 3.5 * MIB })
    const digests = await Promise.all(
      [0, 1, 2, 3].map(async (i) => {
        await place.origin.put(String(i), bytesOf(MIB, i))
        return sha256Of(bytesOf(MIB, i))
      }),
    )
    for (const i of [0, 1, 2]) await read(place.store, String(i), digests[i]!)
    for (const i of [0, 1, 2]) await age(place.dir.file('cache', digests[i]!), 600_000 - i * 60_000)
    await read(place.store, '0', digests[0]!, 5, 10) // it is used again
    await read(place.store, '3', digests[3]!)
    await expect.poll(() => place.files(), PATIENCE).toEqual([digests[0], digests[2], digests[3]].sort())
  })

  test('that there is not leaves what is there alone', async () => {
    await using place = await behind({ maxBytes: 2 * MIB })
    const [small, large] = [bytesOf(MIB, 1), bytesOf(2 * MIB, 2)]
    await place.origin.put('small', small)
    await place.origin.put('large', large)
    await read(place.store, 'small', sha256Of(small))
    for (let i = 0; i < 2; i++) expect(sameBytes(await read(place.store, 'large', sha256Of(large)), large)).toBe(true)
    expect(await place.files()).toEqual([sha256Of(small)])
    expect(place.problems).toEqual([])
  })

  test.each([
    ['earlier', '0'],
    ['later but was through before', 'f'],
  ])('is taken by what began %s, and given back when nobody writes it any more', async (_, digit) => {
    await using place = await behind({ maxBytes: 2 * MIB })
    const bytes = bytesOf(MIB)
    const sha256 = sha256Of(bytes)
    await place.origin.put('a', bytes)
    await place.origin.put('first', bytesOf(10))
    await read(place.store, 'first', sha256Of(bytesOf(10)))
    const others = `filling-${sha256}-${digit.repeat(12)}-${digit.repeat(16)}`
    await writeFile(place.dir.file('cache', others), '')
    await truncate(place.dir.file('cache', others), 1.5 * MIB)
    expect(sameBytes(await read(place.store, 'a', sha256), bytes)).toBe(true)
    expect(await place.files()).not.toContain(sha256)
    await age(place.dir.file('cache', others), 3_600_000)
    const fresh = withCache(place.origin, { dir: place.dir.file('cache'), maxBytes: 2 * MIB })
    expect(sameBytes(await read(fresh, 'a', sha256), bytes)).toBe(true)
    await expect.poll(() => place.files(), PATIENCE).toEqual([sha256, sha256Of(bytesOf(10))].sort())
  })

  test('is given back by files of a time that has not come', async () => {
    await using place = await behind({ maxBytes: 2 * MIB })
    const bytes = bytesOf(MIB)
    const sha256 = sha256Of(bytes)
    await place.origin.put('a', bytes)
    await mkdir(place.dir.file('cache'))
    const others = place.dir.file('cache', `filling-${sha256}-${'0'.repeat(12)}-${'0'.repeat(16)}`)
    await writeFile(others, '')
    await truncate(others, 1.5 * MIB)
    await age(others, -3_600_000)
    expect(sameBytes(await read(place.store, 'a', sha256), bytes)).toBe(true)
    expect(await place.files()).toEqual([sha256])
  })

  test.each([3, 4, 8, 16])('for three of %i that come at once is taken by three', async (count) => {
    const arrive = Promise.withResolvers<void>()
    const maxBytes = 3.5 * MIB
    await using place = await behind({ maxBytes })
    const objects = Array.from({ length: count }, (_, i) => ({ key: String(i), bytes: bytesOf(MIB, i) }))
    for (const { key, bytes } of objects) await place.origin.put(key, bytes)
    // Each with a cache of its own, as processes have; nothing is whole before all of them have asked for room.
    const late = held(place.origin, arrive.promise)
    const bodies = await Promise.all(
      objects.map(({ key, bytes }) =>
        withCache(late, { dir: place.dir.file('cache'), maxBytes }).get(key, { sha256: sha256Of(bytes) }),
      ),
    )
    expect(await place.files()).toHaveLength(3)
    arrive.resolve()
    const read = await Promise.all(bodies.map((body) => bytesFrom(body)))
    for (const [i, { bytes }] of objects.entries()) expect(sameBytes(read[i], bytes)).toBe(true)
    expect(await place.files()).toHaveLength(3)
  })

  test('is not taken from files that are not its own', async () => {
    await using place = await behind({ maxBytes: 1.5 * MIB })
    for (const i of [0, 1]) await place.origin.put(String(i), bytesOf(MIB, i))
    await read(place.store, '0', sha256Of(bytesOf(MIB, 0)))
    await writeFile(place.dir.file('cache', 'notes.txt'), bytesOf(MIB))
    await read(place.store, '1', sha256Of(bytesOf(MIB, 1)))
    await expect.poll(() => place.files(), PATIENCE).toEqual(['notes.txt', sha256Of(bytesOf(MIB, 1))].sort())
  })

  test('without which nothing can be kept does not stop anybody from reading', async () => {
    await using place = await behind()
    await writeFile(place.dir.file('cache'), 'a file where the directory should be')
    const bytes = bytesOf(MIB)
    await place.origin.put('a', bytes)
    for (let i = 0; i < 3; i++) expect(sameBytes(await read(place.store, 'a', sha256Of(bytes)), bytes)).toBe(true)
    expect(new Set(place.problems)).toEqual(new Set(['key.invalid']))
  })

  test.each([{ maxBytes: 0 }, { maxBytes: 1.5 }, { maxBytes: Number.NaN }, { fillAfter: -1 }, { fillAfter: Number.NaN }])(
    'of %o is a programming error',
    async (options) => {
      await expect(behind(options)).rejects.toThrow(TypeError)
    },
  )
})

/** Make it look as if nobody had used it for so long. */
async function age(path: string, ageMs: number): Promise<void> {
  const then = new Date(Date.now() - ageMs)
  await utimes(path, then, then)
}
