import { invalidArray } from './invalid-array.ts'

/** What one element of an array is, as numpy's array protocol writes it: https://numpy.org/doc/stable/reference/arrays.interface.html */
export interface Dtype {
  /** The canonical protocol string: `<f4`, `>i2`, `|u1`, `<U5`, `<M8[ns]`. */
  readonly text: string
  /** b bool, i/u integer, f float, c complex, M/m datetime/timedelta, U text, S bytes, V opaque. */
  readonly code: 'b' | 'i' | 'u' | 'f' | 'c' | 'M' | 'm' | 'U' | 'S' | 'V'
  /** Of one element, at least 1. */
  readonly sizeBytes: number
  readonly order: '<' | '>' | '|'
  /** Of M and m: `ns`, `25s`; empty if generic. */
  readonly unit: string
}

export const NATIVE_ORDER: '<' | '>' = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? '<' : '>'

/** @throws {ShardexError} `array.invalid` for dtypes without a plain byte layout (objects, long doubles) and for nonsense */
export function parseDtype(text: string): Dtype {
  const known = parsed.get(text)
  if (known !== undefined) return known
  const dtype = parseUncached(text)
  // Bounded, because the text may come from strangers.
  if (parsed.size < 512) parsed.set(text, dtype)
  return dtype
}

/**
 * Whether arrays of a dtype belong to a field declared as `spec`: a numpy name (`float32`, `datetime64[ns]`, `str`) takes either
 * byte order and, for text and bytes, any length; a protocol string (`>f4`) takes only itself.
 */
export function dtypeMatcher(spec: string): (dtype: Dtype) => boolean {
  const family = FAMILIES.get(spec)
  if (family !== undefined) return (dtype) => dtype.code === family
  const { text, code, sizeBytes, unit } = parseDtype(protocolOf(spec))
  if (isProtocol(spec)) return (dtype) => dtype.text === text
  return (dtype) => dtype.code === code && dtype.sizeBytes === sizeBytes && dtype.unit === unit
}

/** The dtype that values are written as for a `spec`, a name in this machine's byte order; `undefined` where it leaves length or unit open. */
export function concreteDtype(spec: string): Dtype | undefined {
  if (FAMILIES.has(spec)) return undefined
  const protocol = protocolOf(spec)
  return parseDtype(isProtocol(spec) ? protocol : protocol.replace('<', NATIVE_ORDER))
}

function isProtocol(spec: string): boolean {
  return /^[<>|=]/.test(spec)
}

function protocolOf(spec: string): string {
  if (isProtocol(spec)) return spec
  const [, family, unit] = /^(datetime|timedelta)64(\[.*\])$/.exec(spec) ?? []
  const protocol = family === undefined ? NAMES.get(spec) : `<${family === 'datetime' ? 'M' : 'm'}8${unit}`
  if (protocol === undefined) throw invalidArray(`dtype ${JSON.stringify(spec.slice(0, 60))}`, WANTED)
  return protocol
}

const WANTED = 'a numpy name like float32, int64, bool, str, datetime64[ns], or a protocol string like <f4'

const NAMES: ReadonlyMap<string, string> = new Map([
  ['bool', '|b1'],
  ['int8', '|i1'],
  ['int16', '<i2'],
  ['int32', '<i4'],
  ['int64', '<i8'],
  ['uint8', '|u1'],
  ['uint16', '<u2'],
  ['uint32', '<u4'],
  ['uint64', '<u8'],
  ['float16', '<f2'],
  ['float32', '<f4'],
  ['float64', '<f8'],
  ['complex64', '<c8'],
  ['complex128', '<c16'],
])

/** Names that leave the length or the unit open. */
const FAMILIES: ReadonlyMap<string, Dtype['code']> = new Map([
  ['str', 'U'],
  ['bytes', 'S'],
  ['void', 'V'],
  ['datetime64', 'M'],
  ['timedelta64', 'm'],
])

const SIZES: Readonly<Record<string, readonly number[]>> = {
  b: [1],
  i: [1, 2, 4, 8],
  u: [1, 2, 4, 8],
  f: [2, 4, 8],
  c: [8, 16],
  M: [8],
  m: [8],
}

const parsed = new Map<string, Dtype>()

function parseUncached(text: string): Dtype {
  const match = /^([<>|=])([biufcMmUSV])([1-9]\d{0,8})(?:\[([1-9]\d{0,8})?(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?$/.exec(text)
  if (match === null) throw invalidArray(`dtype ${JSON.stringify(text.slice(0, 60))}`, WANTED)
  const [, mark = '', letter = '', digits = '', multiple = '', base = ''] = match
  const code = letter as Dtype['code']
  const count = Number(digits)
  const sizes = SIZES[code]
  if (sizes !== undefined && !sizes.includes(count)) throw invalidArray(`dtype ${text}`, WANTED)
  if (base !== '' && code !== 'M' && code !== 'm') throw invalidArray(`dtype ${text}`, WANTED)
  const unordered = code === 'S' || code === 'V' || (count === 1 && code !== 'U')
  // `|` promises that byte order does not matter; for these it does.
  if (mark === '|' && !unordered) throw invalidArray(`dtype ${text}`, `dtype <${text.slice(1)} or >${text.slice(1)}`)
  const order = unordered ? '|' : mark === '=' ? NATIVE_ORDER : (mark as '<' | '>')
  const unit = base === '' ? '' : `${multiple === '1' ? '' : multiple}${base}`
  return {
    text: `${order}${code}${count}${unit === '' ? '' : `[${unit}]`}`,
    code,
    sizeBytes: code === 'U' ? count * 4 : count,
    order,
    unit,
  }
}
