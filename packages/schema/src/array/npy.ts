import { parseDtype } from './dtype.ts'
import { invalidArray } from './invalid-array.ts'
import { NDArray } from './ndarray.ts'
import { type PythonLiteral, PythonLiteralParser } from './python-literal.ts'
import { countElements, MAX_DIMENSIONS, toRowMajor } from './shape.ts'

// The `.npy` format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59)
/** numpy pads the header so that elements start at a multiple of this. */
const ALIGNMENT = 64
/** Leaves room in the header for the first dimension to grow to any 64-bit number, as numpy does. */
const GROWTH_DIGITS = 21
const MAX_HEADER_BYTES = 65_535
const utf8 = new TextDecoder()
/** What browsers call so differs from latin-1 in control characters only. */
const latin1 = new TextDecoder('latin1')

export function isNpy(bytes: Uint8Array): boolean {
  return bytes.length >= MAGIC.length && MAGIC.every((byte, i) => bytes[i] === byte)
}

/** The file that `numpy.save` writes for a C-ordered array. */
export function encodeNpy(array: NDArray): Uint8Array<ArrayBuffer> {
  const { shape } = array
  const descr = array.descr ?? `'${array.dtype}'`
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`
  const spare = shape.length === 0 ? 0 : GROWTH_DIGITS - String(shape[0]).length
  const header = `{'descr': ${descr}, 'fortran_order': False, 'shape': ${tuple}, }${' '.repeat(spare)}`
  // Version 1 is latin-1 with a 16-bit length; field names beyond latin-1 need the UTF-8 of version 3.
  const version = Array.from(header).every((char) => char <= '\xff') ? 1 : 3
  const lengthBytes = version === 1 ? 2 : 4
  const text = version === 1 ? Uint8Array.from(header, (char) => char.charCodeAt(0)) : new TextEncoder().encode(header)
  const start = MAGIC.length + 2 + lengthBytes
  const end = Math.ceil((start + text.length + 1) / ALIGNMENT) * ALIGNMENT
  if (end - start > MAX_HEADER_BYTES) throw invalidArray(`a header of ${text.length} bytes`, `at most ${MAX_HEADER_BYTES}`)
  const file = new Uint8Array(end + array.bytes.length)
  file.set(MAGIC)
  file[6] = version
  new DataView(file.buffer).setUint16(8, end - start, true)
  file.set(text, start)
  file.fill(0x20, start + text.length, end - 1)
  file[end - 1] = 0x0a
  file.set(array.bytes, end)
  return file
}

export function decodeNpy(bytes: Uint8Array): NDArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const version = bytes[6] ?? 0
  if (version < 1 || version > 3 || bytes[7] !== 0) throw invalidArray(`.npy version ${version}.${bytes[7]}`, '1.0, 2.0 or 3.0')
  const start = version === 1 ? 10 : 12
  if (bytes.length < start) throw invalidArray(`${bytes.length} bytes`, `at least ${start} for the .npy header`)
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  const end = start + length
  if (length > MAX_HEADER_BYTES || end > bytes.length) {
    throw invalidArray(`a .npy header of ${length} bytes`, `at most ${Math.min(MAX_HEADER_BYTES, bytes.length - start)}`)
  }
  const text = bytes.subarray(start, end)
  const header = parseHeader((version === 3 ? utf8 : latin1).decode(text))
  const elements = new Uint8Array(bytes.buffer, bytes.byteOffset + end, bytes.length - end)
  // Checks the length, so that reordering below stays inside.
  const array = new NDArray(header.dtype, header.shape, elements, header.descr)
  if (!header.isColumnMajor || header.shape.length < 2) return array
  const sizeBytes = parseDtype(header.dtype).sizeBytes
  return new NDArray(header.dtype, header.shape, toRowMajor(elements, header.shape, sizeBytes), header.descr)
}

interface Header {
  readonly dtype: string
  /** Set for records only. */
  readonly descr: string | undefined
  readonly isColumnMajor: boolean
  readonly shape: readonly number[]
}

/** `{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }`, keys in any order. */
function parseHeader(text: string): Header {
  const parser = new PythonLiteralParser(text)
  const found = new Map<string, { value: PythonLiteral; text: string }>()
  parser.expect('{')
  while (!parser.take('}')) {
    const key = parser.string()
    if (found.has(key)) throw invalidArray(`the header key '${key}' twice`, 'every key once')
    parser.expect(':')
    parser.peek()
    const start = parser.at
    const value = parser.value()
    found.set(key, { value, text: text.slice(start, parser.at) })
    if (!parser.take(',') && parser.peek() !== '}') throw parser.refuse('"," or "}"')
  }
  if (parser.peek() !== '') throw parser.refuse('the end of the header')
  const descr = found.get('descr')
  const order = found.get('fortran_order')?.value
  const shape = found.get('shape')?.value
  if (found.size !== 3 || descr === undefined || typeof order !== 'boolean' || !isShape(shape)) {
    throw invalidArray('another .npy header', "'descr', 'fortran_order' and 'shape', nothing else")
  }
  const isRecord = Array.isArray(descr.value)
  const dtype = typeof descr.value === 'string' ? parseDtype(descr.value).text : `|V${itemSize(descr.value)}`
  return { dtype, descr: isRecord ? descr.text : undefined, isColumnMajor: order, shape }
}

function isShape(value: PythonLiteral | undefined): value is readonly number[] {
  return Array.isArray(value) && value.length <= MAX_DIMENSIONS && value.every((size) => typeof size === 'number')
}

/** Bytes of one element: of a dtype string, or of a list of fields `(name, dtype)` or `(name, dtype, shape)`. */
function itemSize(descr: PythonLiteral): number {
  if (typeof descr === 'string') return parseDtype(descr).sizeBytes
  if (!Array.isArray(descr)) throw invalidArray('a .npy dtype of another kind', 'a dtype string or a list of fields')
  let size = 0
  for (const field of descr as readonly PythonLiteral[]) {
    if (!Array.isArray(field) || field.length < 2 || field.length > 3)
      throw invalidArray('a field without name and dtype', "('name', 'dtype')")
    const [, type, shape = []] = field as readonly PythonLiteral[]
    if (!isShape(shape)) throw invalidArray('a field with another shape', 'a tuple of integers')
    size += itemSize(type as PythonLiteral) * countElements(shape)
  }
  if (!(size > 0 && size <= 999_999_999)) throw invalidArray(`records of ${size} bytes`, 'records of 1 to 999999999 bytes')
  return size
}
