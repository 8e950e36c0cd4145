import { isShardexError } from '@shardex/errors'
import { NDArray } from '@shardex/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeBatch } from '../src/read/batch.ts'
import { BatchColumns } from '../src/read/batch-columns.ts'

type Sample = Record<string, unknown>

/** Few kinds of arrays, so that whole batches can be stacked, and some cannot. */
const values = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 255 }).map((seed) => NDArray.from(new Uint8Array(6).fill(seed), [2, 3])) },
  { weight: 1, arbitrary: fc.constantFrom(NDArray.from(new Uint8Array(6), [3, 2]), NDArray.from(new Float32Array(2))) },
  { weight: 1, arbitrary: fc.constantFrom(undefined, 5, 'text', new Uint8Array([1, 2]), [new Uint8Array([3])]) },
)
const batches = fc.array(fc.array(fc.record({ a: values, b: values }), { minLength: 1, maxLength: 5 }), { maxLength: 6 })

/** A column, or the code of the error. */
function column(batch: Sample, field: string): unknown {
  try {
    const found = batch[field]
    return found instanceof NDArray ? [found.dtype, found.shape, [...found.bytes]] : found
  } catch (error) {
    return isShardexError(error) ? [error.code, error.details] : error
  }
}

test('batches in memory that is used again are those that are made without it', () => {
  fc.assert(
    fc.property(batches, (given) => {
      const columns = new BatchColumns(['a', 'b'])
      for (const samples of given) {
        const wanted = makeBatch(samples, ['a', 'b']) as unknown as Sample
        const own = samples.map((sample) => ({ ...sample }))
        for (const sample of own) columns.add(sample)
        const batch = makeBatch(own, ['a', 'b'], columns.take()) as unknown as Sample
        for (const field of ['a', 'b']) expect(column(batch, field)).toEqual(column(wanted, field))
        expect(own).toEqual(samples)
      }
    }),
    { numRuns: 500 },
  )
})

test('a batch takes the memory of the one before it, and no view of what came', () => {
  const columns = new BatchColumns(['a', 'list'])
  const fill = (seed: number) => {
    const source = new Uint8Array(3_000_000).fill(seed)
    const samples: Sample[] = [0, 1].map(() => ({ a: NDArray.from(source), list: [source.subarray(0, 2)] }))
    for (const sample of samples) columns.add(sample)
    const stacked = columns.take().get('a')!
    source.fill(0xee)
    expect(samples.map(({ a, list }) => [(a as NDArray).bytes[9], list])).toEqual([
      [seed, [new Uint8Array([seed, seed])]],
      [seed, [new Uint8Array([seed, seed])]],
    ])
    return stacked
  }
  fill(1)
  const second = fill(2)
  const third = fill(3)
  expect(third.bytes.buffer).toBe(second.bytes.buffer)
  expect(third.shape).toEqual([2, 3_000_000])
})
