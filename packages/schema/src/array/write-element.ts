import { describe } from '@shardex/errors'
import type { Dtype } from './dtype.ts'
import { invalidArray } from './invalid-array.ts'

/** Write one value as an element of `dtype`; of complex dtypes, one half of an element. */
export function writeElement(view: DataView, at: number, value: number | bigint | boolean | string, dtype: Dtype): void {
  switch (dtype.code) {
    case 'b':
      if (value !== true && value !== false && value !== 0 && value !== 1) throw misplaced(value, dtype)
      view.setUint8(at, Number(value))
      break
    case 'f':
      writeFloat(view, at, value, dtype, dtype.sizeBytes)
      break
    case 'c':
      writeFloat(view, at, value, dtype, dtype.sizeBytes / 2)
      break
    case 'i':
    case 'u':
    case 'M':
    case 'm':
      writeInteger(view, at, value, dtype)
      break
    case 'U':
      writeText(view, at, value, dtype)
      break
    default:
      throw misplaced(value, dtype)
  }
}

function writeFloat(view: DataView, at: number, value: unknown, dtype: Dtype, sizeBytes: number): void {
  if (typeof value !== 'number') throw misplaced(value, dtype)
  const little = dtype.order === '<'
  if (sizeBytes === 2) view.setFloat16(at, value, little)
  else if (sizeBytes === 4) view.setFloat32(at, value, little)
  else view.setFloat64(at, value, little)
}

function writeInteger(view: DataView, at: number, value: unknown, dtype: Dtype): void {
  if (typeof value !== 'bigint' && !(typeof value === 'number' && Number.isSafeInteger(value))) throw misplaced(value, dtype)
  const little = dtype.order === '<'
  const bits = dtype.sizeBytes * 8
  const exact = BigInt(value)
  if (exact !== (dtype.code === 'u' ? BigInt.asUintN(bits, exact) : BigInt.asIntN(bits, exact))) throw misplaced(value, dtype)
  if (bits === 64) view.setBigInt64(at, exact, little)
  else if (bits === 32) view.setInt32(at, Number(exact), little)
  else if (bits === 16) view.setInt16(at, Number(exact), little)
  else view.setInt8(at, Number(exact))
}

function writeText(view: DataView, at: number, value: unknown, dtype: Dtype): void {
  if (typeof value !== 'string' || !value.isWellFormed()) throw misplaced(value, dtype)
  const characters = Array.from(value)
  if (characters.length * 4 > dtype.sizeBytes) throw misplaced(value, dtype)
  characters.forEach((character, i) => {
    view.setUint32(at + i * 4, character.codePointAt(0) as number, dtype.order === '<')
  })
}

function misplaced(value: unknown, dtype: Dtype): Error {
  return invalidArray(describe(value), `a value of dtype ${dtype.text}`)
}
