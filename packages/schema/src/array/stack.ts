import { invalidArray } from './invalid-array.ts'
import { NDArray } from './ndarray.ts'
import { formatShape } from './shape.ts'

/**
 * One array of shape `[n, ...shape]` from `n` arrays of the same dtype and shape; the elements are copied.
 * @throws {ShardexError} `array.invalid` for no arrays, or if dtypes or shapes differ
 */
export function stackArrays<D extends string>(arrays: readonly NDArray<D>[]): NDArray<D> {
  const [first] = arrays
  if (first === undefined) throw invalidArray('no arrays', 'at least one array to stack')
  const bytes = new Uint8Array(first.bytes.length * arrays.length)
  arrays.forEach((array, i) => {
    if (array.dtype !== first.dtype || array.descr !== first.descr || !isSameShape(array.shape, first.shape)) {
      throw invalidArray(
        `${array.dtype} ${formatShape(array.shape)} at position ${i}`,
        `${first.dtype} ${formatShape(first.shape)} like the first`,
      )
    }
    bytes.set(array.bytes, i * first.bytes.length)
  })
  return new NDArray(first.dtype as D, [arrays.length, ...first.shape], bytes, first.descr)
}

function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis])
}
