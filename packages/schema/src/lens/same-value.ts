import { NDArray } from '../array/ndarray.ts'

/** Whether two values of a field are the same: they become the same bytes. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a === 'bigint' || typeof b === 'bigint') return isNumber(a) && isNumber(b) && BigInt(a) === BigInt(b)
  if (a instanceof Uint8Array && b instanceof Uint8Array) return a.length === b.length && a.every((byte, i) => byte === b[i])
  if (a instanceof NDArray && b instanceof NDArray)
    return a.dtype === b.dtype && a.descr === b.descr && sameValue(a.shape, b.shape) && sameValue(a.bytes, b.bytes)
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => sameValue(item, b[i]))
  return (a ?? undefined) === undefined && (b ?? undefined) === undefined
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isInteger(value)
}
