import { expect, test } from 'vitest'
import { NDArray, stackArrays } from '../src/index.ts'
import { refusalOf } from './refusals.ts'

test('arrays of one dtype and shape stack along a new first dimension', () => {
  const stacked = stackArrays([NDArray.from(new Int16Array([1, 2])), NDArray.from(new Int16Array([3, 4]))])
  expect(stacked).toMatchObject({ dtype: '<i2', shape: [2, 2] })
  expect(stacked.values).toEqual(new Int16Array([1, 2, 3, 4]))
})

test('another shape, another dtype and no arrays at all are refused', () => {
  const pair = NDArray.from(new Float32Array(2)) as NDArray
  expect(refusalOf('array.invalid', () => stackArrays([pair, NDArray.from(new Float32Array(3))])).message).toContain(
    '<f4 [3] at position 1',
  )
  refusalOf('array.invalid', () => stackArrays([pair, NDArray.from([1, 2], undefined, '>f4') as NDArray]))
  refusalOf('array.invalid', () => stackArrays([]))
})
