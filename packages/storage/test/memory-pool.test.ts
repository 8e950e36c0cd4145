import { expect, test } from 'vitest'
import { MemoryPool } from '../src/index.ts'

test('what was given back is taken again, the smallest that will do', () => {
  const pool = new MemoryPool()
  const [large, small] = [pool.take(1000), pool.take(100)]
  pool.giveBack(large)
  pool.giveBack(small)
  expect(pool.take(90)).toHaveLength(90)
  const again = pool.take(101) // there is some room to spare
  expect(again.buffer).not.toBe(small.buffer)
  expect(again.buffer).toBe(large.buffer)
  expect(again).toHaveLength(101)
})

test('what is in use is given to nobody else', () => {
  const pool = new MemoryPool()
  const taken = Array.from({ length: 10 }, (_, i) => pool.take(i * 100))
  expect(new Set(taken.map(({ buffer }) => buffer)).size).toBe(10)
  for (const memory of taken.slice(0, 5)) pool.giveBack(memory)
  const more = Array.from({ length: 10 }, () => pool.take(300))
  expect(new Set([...taken.slice(5), ...more].map(({ buffer }) => buffer)).size).toBe(15)
})

test('what is too small makes way, so that there is never more than was in use at one time', () => {
  const pool = new MemoryPool()
  const first = Array.from({ length: 4 }, () => pool.take(100))
  for (const memory of first) pool.giveBack(memory)
  const second = Array.from({ length: 4 }, () => pool.take(1000))
  expect(second.every(({ buffer }) => first.every((memory) => memory.buffer !== buffer))).toBe(true)
  const third = Array.from({ length: 4 }, () => pool.take(10))
  expect(third.every(({ buffer }) => first.every((memory) => memory.buffer !== buffer))).toBe(true)
})
