import { type Dtype, dtypeMatcher, parseDtype } from './array/dtype.ts'
import type { NDArray } from './array/ndarray.ts'
import { formatShape } from './array/shape.ts'
import { describeArray, type NdarrayKind } from './field-kind.ts'
import { Misfit } from './misfit.ts'

/** A function that throws a {@link Misfit} for arrays of another dtype or shape than the field declares. */
export function arrayCheck(kind: NdarrayKind): (array: NDArray) => void {
  const { dtype, shape } = kind
  const matchesDtype = dtype === undefined ? anyDtype : dtypeMatcher(dtype)
  const wanted = describeArray(kind)
  return (array) => {
    if (!matchesDtype(parseDtype(array.dtype)) || (shape !== undefined && !fits(array.shape, shape))) {
      throw new Misfit(`an array ${array.dtype} ${formatShape(array.shape)}`, `an array ${wanted}`)
    }
  }
}

function anyDtype(_dtype: Dtype): boolean {
  return true
}

function fits(shape: readonly number[], wanted: readonly (number | null)[]): boolean {
  if (shape.length !== wanted.length) return false
  for (let axis = 0; axis < shape.length; axis++) {
    const size = wanted[axis]
    if (size !== null && size !== shape[axis]) return false
  }
  return true
}
