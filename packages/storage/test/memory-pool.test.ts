import { afterEach, expect, test, vi } from 'vitest'
import { MemoryPool } from '../src/index.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('what was given back is taken again, the smallest that will do', () => {
  const pool = new MemoryPool()
  const [large, small] = [pool.take(1000), pool.take(100)] // nothing here is too large for anything
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

test('what is much too large is left alone, and the largest that is free makes way for what is allocated', () => {
  const pool = new MemoryPool()
  const [small, medium, large] = [pool.take(1_000_000), pool.take(3_000_000), pool.take(20_000_000)]
  for (const memory of [small, medium, large]) pool.giveBack(memory)
  const tiny = pool.take(10)
  expect(tiny.buffer.byteLength).toBeLessThan(100)
  expect(pool.take(3_000_000).buffer).toBe(medium.buffer)
  expect(pool.take(20_000_000).buffer).not.toBe(large.buffer)
  expect(pool.take(1_000_000).buffer).not.toBe(small.buffer)
})

test('memory of runs of all sizes is little more than what is in use', () => {
  const pool = new MemoryPool()
  const live: Uint8Array<ArrayBuffer>[] = []
  let inUse = 0
  let capacity = 0
  for (let i = 0; i < 3000; i++) {
    const memory = pool.take(i % 50 === 0 ? 1_000_000 : 1000 + ((i * 7919) % 5000))
    live.push(memory)
    if (i < 2000) continue
    inUse = Math.max(
      inUse,
      live.reduce((sum, { length }) => sum + length, 0),
    )
    capacity = Math.max(
      capacity,
      live.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
    )
    pool.giveBack(live.splice((i * 31) % live.length, 1)[0]!)
    pool.giveBack(live.splice((i * 17) % live.length, 1)[0]!)
  }
  expect(capacity).toBeLessThan(1.5 * inUse)
})

test('no more than was said is kept', () => {
  const pool = new MemoryPool({ maxFreeBytes: 2000 })
  const taken = [pool.take(1000), pool.take(1000)]
  for (const memory of taken) pool.giveBack(memory)
  const again = new Set([pool.take(1000), pool.take(1000)].map(({ buffer }) => buffer))
  expect(taken.filter(({ buffer }) => again.has(buffer))).toHaveLength(1)
})

test('what is free is let go when nothing was given back for a while', () => {
  vi.useFakeTimers()
  const pool = new MemoryPool({ maxFreeBytes: 2000, idleMs: 1000 })
  const memory = pool.take(1000)
  for (let i = 0; i < 5; i++) {
    pool.giveBack(memory)
    vi.advanceTimersByTime(900)
    expect(pool.take(1000).buffer).toBe(memory.buffer)
  }
  pool.giveBack(memory)
  vi.advanceTimersByTime(1100)
  const fresh = pool.take(1000)
  expect(fresh.buffer).not.toBe(memory.buffer)
  pool.giveBack(fresh) // there is room again
  expect(pool.take(1000).buffer).toBe(fresh.buffer)
})

test('a pool that is cleared has nothing, and no timer', () => {
  vi.useFakeTimers()
  const pool = new MemoryPool({ idleMs: 1000 })
  const memory = pool.take(1000)
  pool.giveBack(memory)
  pool.clear()
  expect(vi.getTimerCount()).toBe(0)
  const fresh = pool.take(1000)
  expect(fresh.buffer).not.toBe(memory.buffer)
  pool.giveBack(fresh)
  vi.advanceTimersByTime(1100)
  expect(pool.take(1000).buffer).not.toBe(fresh.buffer)
})
