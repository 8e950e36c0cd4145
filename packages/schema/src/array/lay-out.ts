import { describe } from '@shardex/errors'
import { concreteDtype, type Dtype, NATIVE_ORDER, parseDtype } from './dtype.ts'
import { invalidArray } from './invalid-array.ts'
import { constructorOf } from './read-values.ts'
import { countElements, formatShape } from './shape.ts'
import type { NumericArray } from './values-of.ts'
import { writeElement } from './write-element.ts'

export type ArraySource = NumericArray | Uint8ClampedArray | NestedValues
export type NestedValues = number | bigint | boolean | string | readonly NestedValues[]

export interface ArrayParts {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

/** Find dtype and shape of a source and put its elements into one run of bytes. */
export function layOut(source: ArraySource, shape: readonly number[] | undefined, spec: string | undefined): ArrayParts {
  const typed = ArrayBuffer.isView(source) ? source : undefined
  const nesting = typed === undefined ? shapeOf(source as NestedValues) : [typed.length]
  const values = typed ?? flatten(source as NestedValues, nesting)
  const dtype = (spec === undefined ? undefined : concreteDtype(spec)) ?? guessDtype(values, spec)
  const isComplex = dtype.code === 'c'
  const reshaped = shape ?? (isComplex ? halveLast(nesting) : nesting)
  if (countElements(reshaped) * (isComplex ? 2 : 1) !== values.length) {
    throw invalidArray(`${values.length} values`, `as many as shape ${formatShape(reshaped)} has${isComplex ? ', twice' : ''}`)
  }
  return { dtype: dtype.text, shape: reshaped, bytes: toBytes(values, dtype) }
}

type Flat = NumericArray | Uint8ClampedArray | readonly Scalar[]
type Scalar = number | bigint | boolean | string

function toBytes(values: Flat, dtype: Dtype): Uint8Array {
  if (ArrayBuffer.isView(values) && isStoredAs(values, dtype)) {
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  }
  const unit = dtype.code === 'c' ? dtype.sizeBytes / 2 : dtype.sizeBytes
  const bytes = new Uint8Array(values.length * unit)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < values.length; i++) writeElement(view, i * unit, values[i] as Scalar, dtype)
  return bytes
}

function isStoredAs(values: NumericArray | Uint8ClampedArray, dtype: Dtype): boolean {
  if (dtype.order !== '|' && dtype.order !== NATIVE_ORDER) return false
  if (dtype.code === 'b') return values instanceof Uint8Array && values.every((value) => value <= 1)
  if (values instanceof Uint8ClampedArray) return dtype.text === '|u1'
  return values.constructor === constructorOf(dtype) || (values instanceof Uint8Array && dtype.text === '|u1')
}

function guessDtype(values: Flat, spec: string | undefined): Dtype {
  if (ArrayBuffer.isView(values)) return dtypeOfTyped(values, spec)
  const first = values[0]
  if (spec === 'str' || (spec === undefined && typeof first === 'string')) {
    const lengths = values.map((value) => (typeof value === 'string' ? Array.from(value).length : 0))
    return parseDtype(`${NATIVE_ORDER}U${lengths.reduce((longest, length) => Math.max(longest, length), 1)}`)
  }
  if (spec !== undefined) throw invalidArray(`dtype ${spec}`, 'a dtype with its length or unit, like |S5 or datetime64[ns]')
  if (typeof first === 'boolean') return parseDtype('|b1')
  return parseDtype(`${NATIVE_ORDER}${typeof first === 'bigint' ? 'i8' : 'f8'}`)
}

function dtypeOfTyped(values: NumericArray | Uint8ClampedArray, spec: string | undefined): Dtype {
  const text = TYPED.find(([type]) => values instanceof type)?.[1]
  if (text === undefined || spec !== undefined) {
    throw invalidArray(
      `a ${values.constructor.name} as ${spec ?? 'an array'}`,
      'a typed array of numbers, and a dtype with its length or unit',
    )
  }
  return parseDtype(text.replace('<', NATIVE_ORDER))
}

const TYPED: readonly (readonly [abstract new () => object, string])[] = [
  [Uint8Array, '|u1'],
  [Uint8ClampedArray, '|u1'],
  [Int8Array, '|i1'],
  [Int16Array, '<i2'],
  [Uint16Array, '<u2'],
  [Int32Array, '<i4'],
  [Uint32Array, '<u4'],
  [BigInt64Array, '<i8'],
  [BigUint64Array, '<u8'],
  [Float16Array, '<f2'],
  [Float32Array, '<f4'],
  [Float64Array, '<f8'],
]

function halveLast(shape: readonly number[]): readonly number[] {
  return shape.length === 1 ? [(shape[0] as number) / 2] : shape
}

/** Lengths of the first list at every level; {@link flatten} then insists that all lists of a level are as long. */
function shapeOf(value: NestedValues): readonly number[] {
  const shape: number[] = []
  for (let level: NestedValues | undefined = value; Array.isArray(level); level = level[0]) shape.push(level.length)
  countElements(shape)
  return shape
}

function flatten(value: NestedValues, shape: readonly number[]): readonly Scalar[] {
  const flat: Scalar[] = []
  const visit = (item: NestedValues, depth: number): void => {
    const wanted = shape[depth]
    if (wanted === undefined && !Array.isArray(item)) {
      flat.push(item as Scalar)
    } else if (Array.isArray(item) && item.length === wanted) {
      for (const inner of item) visit(inner, depth + 1)
    } else {
      throw invalidArray(`${describe(item)} at level ${depth}`, wanted === undefined ? 'a single value' : `a list of ${wanted}`)
    }
  }
  visit(value, 0)
  return flat
}
