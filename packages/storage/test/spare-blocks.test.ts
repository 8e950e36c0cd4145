import { afterEach, expect, test, vi } from 'vitest'
import { SpareBlocks } from '../src/s3/spare-blocks.ts'

const MIB = 2 ** 20

afterEach(() => {
  vi.useRealTimers()
})

test('a block that is given back is the next to be taken, and nobody else has it', () => {
  const blocks = new SpareBlocks(MIB)
  const block = blocks.take()
  expect(block.length).toBe(MIB)
  expect(blocks.take()).not.toBe(block)
  blocks.giveBack(block)
  expect(blocks.take()).toBe(block)
  expect(blocks.take()).not.toBe(block)
  blocks.clear()
})

test('no more than 256 MiB are kept, and those not for long', () => {
  vi.useFakeTimers()
  const blocks = new SpareBlocks(100 * MIB)
  const taken = [blocks.take(), blocks.take(), blocks.take()]
  for (const block of taken) blocks.giveBack(block)
  const again = [blocks.take(), blocks.take(), blocks.take()]
  expect(again.map((block) => taken.indexOf(block))).toEqual([1, 0, -1])
  blocks.giveBack(taken[0]!)
  vi.advanceTimersByTime(5000)
  expect(blocks.take() === taken[0]).toBe(false)
})
