import { invalidArray } from './invalid-array.ts'

/** As many as numpy 2 allows. */
export const MAX_DIMENSIONS = 64

/**
 * How many elements an array of this shape has.
 * @throws {ShardexError} `array.invalid` if a dimension is negative, not an integer, or the product is beyond 2^53-1
 */
export function countElements(shape: readonly number[]): number {
  if (shape.length > MAX_DIMENSIONS) throw invalidArray(`${shape.length} dimensions`, `at most ${MAX_DIMENSIONS}`)
  // An empty array must not hide dimensions that could never be.
  let product = 1
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) throw invalidArray(`dimension ${size}`, 'an integer of 0 or more')
    product *= Math.max(size, 1)
    if (product > Number.MAX_SAFE_INTEGER) throw invalidArray(`shape ${formatShape(shape)}`, 'fewer than 2^53 elements')
  }
  return shape.includes(0) ? 0 : product
}

/** `[2, 3]`; a free dimension is `*`. */
export function formatShape(shape: readonly (number | null)[]): string {
  return `[${shape
    .slice(0, MAX_DIMENSIONS)
    .map((size) => size ?? '*')
    .join(', ')}]`
}

/** Reorder elements stored column by column (Fortran) to row by row (C). */
export function toRowMajor(bytes: Uint8Array, shape: readonly number[], sizeBytes: number): Uint8Array {
  const count = countElements(shape)
  const result = new Uint8Array(count * sizeBytes)
  const strides = columnMajorStrides(shape)
  const index = shape.map(() => 0)
  let source = 0
  for (let target = 0; target < count; target++) {
    const from = source * sizeBytes
    for (let i = 0; i < sizeBytes; i++) result[target * sizeBytes + i] = bytes[from + i] as number
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] as number) + 1
      const stride = strides[axis] as number
      if (next < (shape[axis] as number)) {
        index[axis] = next
        source += stride
        break
      }
      source -= stride * (next - 1)
      index[axis] = 0
    }
  }
  return result
}

function columnMajorStrides(shape: readonly number[]): number[] {
  let stride = 1
  return shape.map((size) => {
    const own = stride
    stride *= size
    return own
  })
}
