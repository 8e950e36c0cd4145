import { type Dtype, NATIVE_ORDER } from './dtype.ts'
import { invalidArray } from './invalid-array.ts'
import type { ArrayValues, NumericArray } from './values-of.ts'

export interface NumericArrayConstructor {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): NumericArray
}

/** The typed array that holds the elements of a dtype (two each for complex ones); `undefined` for text, bytes and opaque ones. */
export function constructorOf({ code, sizeBytes }: Dtype): NumericArrayConstructor | undefined {
  return CONSTRUCTORS[`${code}${sizeBytes}`]
}

/** The elements of `bytes`: a view where alignment and byte order allow it, else a copy. */
export function readValues(dtype: Dtype, bytes: Uint8Array): ArrayValues {
  const type = constructorOf(dtype)
  if (type !== undefined) return readNumbers(dtype, type, bytes)
  const read = dtype.code === 'U' ? readText : dtype.code === 'S' ? trimZeros : asIs
  const values: (string | Uint8Array)[] = []
  for (let at = 0; at < bytes.length; at += dtype.sizeBytes) values.push(read(bytes.subarray(at, at + dtype.sizeBytes), dtype))
  return values as readonly string[] | readonly Uint8Array[]
}

function readNumbers({ order }: Dtype, type: NumericArrayConstructor, bytes: Uint8Array): NumericArray {
  const unit = type.BYTES_PER_ELEMENT
  const native = order === '|' || order === NATIVE_ORDER
  if (native && bytes.byteOffset % unit === 0) {
    return new type(bytes.buffer, bytes.byteOffset, bytes.length / unit)
  }
  const copy = new Uint8Array(bytes)
  if (!native) swapBytes(copy, unit)
  return new type(copy.buffer, 0, copy.length / unit)
}

function swapBytes(bytes: Uint8Array, unit: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (unit === 2) for (let at = 0; at < bytes.length; at += 2) view.setUint16(at, view.getUint16(at), true)
  else if (unit === 4) for (let at = 0; at < bytes.length; at += 4) view.setUint32(at, view.getUint32(at), true)
  else if (unit === 8) for (let at = 0; at < bytes.length; at += 8) view.setBigUint64(at, view.getBigUint64(at), true)
}

/** Fixed-width UTF-32, filled up with zeros. */
function readText(cell: Uint8Array, dtype: Dtype): string {
  const view = new DataView(cell.buffer, cell.byteOffset, cell.length)
  const codes: number[] = []
  for (let at = 0; at < cell.length; at += 4) codes.push(view.getUint32(at, dtype.order === '<'))
  while (codes.at(-1) === 0) codes.pop()
  const wrong = codes.find((code) => code > 0x10ffff)
  if (wrong !== undefined) throw invalidArray(`character number ${wrong}`, 'a Unicode code point up to 1114111')
  return codes.map((code) => String.fromCodePoint(code)).join('')
}

/** numpy fills byte strings up with zeros and drops them when reading. */
function trimZeros(cell: Uint8Array): Uint8Array {
  let end = cell.length
  while (end > 0 && cell[end - 1] === 0) end--
  return cell.subarray(0, end)
}

function asIs(cell: Uint8Array): Uint8Array {
  return cell
}

const CONSTRUCTORS: Readonly<Record<string, NumericArrayConstructor>> = {
  b1: Uint8Array,
  u1: Uint8Array,
  i1: Int8Array,
  i2: Int16Array,
  u2: Uint16Array,
  i4: Int32Array,
  u4: Uint32Array,
  i8: BigInt64Array,
  u8: BigUint64Array,
  M8: BigInt64Array,
  m8: BigInt64Array,
  f2: Float16Array,
  f4: Float32Array,
  f8: Float64Array,
  c8: Float32Array,
  c16: Float64Array,
}
