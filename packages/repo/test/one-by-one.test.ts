import fc from 'fast-check'
import { expect, test } from 'vitest'
import { oneByOne } from '../src/read/one-by-one.ts'
import { collect } from './outcomes.ts'

const BLOCKS = [[], [1, 2, 3], [], [4], [5, 6]]

async function* given<T>(blocks: readonly (readonly T[])[], events: string[] = []): AsyncGenerator<readonly T[]> {
  try {
    yield* blocks
  } finally {
    events.push('closed')
  }
}

test('items of blocks come one by one, in order, and each is told with its place', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(fc.integer())), async (blocks) => {
      const places: number[] = []
      const items = await collect(oneByOne(given(blocks), (place) => places.push(place)))
      expect(items).toEqual(blocks.flat())
      expect(places).toEqual(blocks.flatMap((block) => [...block.keys()]))
    }),
  )
})

test('items that are asked for before others have come, come after them', async () => {
  const items = oneByOne(given(BLOCKS))
  const asked = await Promise.all(Array.from({ length: 8 }, () => items.next()))
  expect(asked.map(({ value }) => value)).toEqual([1, 2, 3, 4, 5, 6, undefined, undefined])
  expect(asked.map(({ done }) => done)).toEqual([false, false, false, false, false, false, true, true])
})

test('who stops in the middle of a block closes its source and is given no more', async () => {
  const events: string[] = []
  const items = oneByOne(given(BLOCKS, events))
  for await (const item of items) if (item === 2) break
  expect(events).toEqual(['closed'])
  expect(await items.next()).toEqual({ value: undefined, done: true })
  const [first, stopped] = await Promise.all([oneByOne(given(BLOCKS)), oneByOne(given(BLOCKS))].map((some) => some.return?.()))
  expect([first, stopped]).toEqual(Array(2).fill({ value: undefined, done: true }))
})

test('who stops while an item is on its way gets that item first', async () => {
  const items = oneByOne(given(BLOCKS))
  const [first, end, after] = await Promise.all([items.next(), items.return?.(), items.next()])
  expect([first?.value, end?.done, after?.done]).toEqual([1, true, true])
})

test('an error comes in the place of the items that it kept away, once', async () => {
  const items = oneByOne(
    (async function* () {
      yield [1]
      throw new Error('enough')
    })(),
  )
  expect((await items.next()).value).toBe(1)
  await expect(items.next()).rejects.toThrow('enough')
  expect(await items.next()).toEqual({ value: undefined, done: true })
})
