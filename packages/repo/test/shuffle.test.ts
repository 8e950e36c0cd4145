import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom, shuffledArray, shuffledBlocks } from '../src/read/shuffle.ts'

async function* blocksOf(count: number, size: number): AsyncGenerator<number[]> {
  for (let at = 0; at < count; at += size) yield Array.from({ length: Math.min(size, count - at) }, (_, i) => at + i)
}

async function flat(blocks: AsyncIterable<number[]>): Promise<number[]> {
  const all: number[] = []
  for await (const block of blocks) all.push(...block)
  return all
}

test('a shuffle through a buffer loses and repeats nothing, whatever the buffer', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(300),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 400 }),
      fc.nat(),
      async (count, size, buffer, seed) => {
        const order = await flat(shuffledBlocks(blocksOf(count, size), buffer, seededRandom(seed)))
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i))
      },
    ),
  )
})

test('the order of a seed is fixed for ever', async () => {
  expect(shuffledArray([0, 1, 2, 3, 4, 5, 6, 7], seededRandom(7))).toMatchInlineSnapshot(`
    [
      4,
      3,
      1,
      6,
      0,
      5,
      2,
      7,
    ]
  `)
  expect(await flat(shuffledBlocks(blocksOf(12, 5), 4, seededRandom(2 ** 40 + 1)))).toMatchInlineSnapshot(`
    [
      0,
      4,
      2,
      1,
      6,
      8,
      9,
      3,
      7,
      11,
      5,
      10,
    ]
  `)
})

test('every position is as likely as any other', () => {
  const counts = Array.from({ length: 8 }, () => 0)
  for (let seed = 0; seed < 8000; seed++) counts[shuffledArray([0, 1, 2, 3, 4, 5, 6, 7], seededRandom(seed)).indexOf(0)]! += 1
  const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
  expect(chiSquare).toBeLessThan(24.3) // 7 degrees of freedom, p = 0.001; the seeds are fixed, so this cannot flicker
})

test.each([-1, 1.5, Number.NaN, 2 ** 53])('%d is no seed', (seed) => {
  expect(() => seededRandom(seed)).toThrow(TypeError)
})
