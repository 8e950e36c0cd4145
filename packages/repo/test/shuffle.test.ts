import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyedRandom, shuffle } from '../src/order/keyed-random.ts'
import { shuffledBlocks } from '../src/read/shuffle.ts'

const randomOf = (seed: number) => keyedRandom(seed, 0, 'buffer', 0)

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
        const order = await flat(shuffledBlocks(blocksOf(count, size), buffer, randomOf(seed)))
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i))
      },
    ),
  )
})

test('the order of a seed is fixed for ever', async () => {
  expect(shuffle([0, 1, 2, 3, 4, 5, 6, 7], randomOf(7))).toMatchInlineSnapshot(`
    [
      2,
      4,
      5,
      7,
      1,
      3,
      6,
      0,
    ]
  `)
  expect(await flat(shuffledBlocks(blocksOf(12, 5), 4, randomOf(2 ** 40 + 1)))).toMatchInlineSnapshot(`
    [
      1,
      0,
      2,
      6,
      7,
      5,
      8,
      10,
      4,
      9,
      3,
      11,
    ]
  `)
})

test('every position is as likely as any other', () => {
  const counts = Array.from({ length: 8 }, () => 0)
  for (let seed = 0; seed < 8000; seed++) counts[shuffle([0, 1, 2, 3, 4, 5, 6, 7], randomOf(seed)).indexOf(0)]! += 1
  const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
  expect(chiSquare).toBeLessThan(24.3) // 7 degrees of freedom, p = 0.001; the seeds are fixed, so this cannot flicker
})
