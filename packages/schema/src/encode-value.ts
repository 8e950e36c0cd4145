import { encodedArrayLength, writeArray } from './array/compact.ts'
import { NDArray } from './array/ndarray.ts'
import { arrayCheck } from './array-check.ts'
import { describeArray, describeKind, type FieldKind } from './field-kind.ts'
import { misfit, within } from './misfit.ts'
import type { ByteWriter } from './msgpack/byte-writer.ts'
import { writeArrayHeader, writeBinary, writeBinaryHeader, writeFloat, writeInt, writeString } from './msgpack/write.ts'

/** Appends one value, or throws a {@link Misfit}. */
export type EncodeValue = (writer: ByteWriter, value: unknown) => void

/** The encoder of a kind; everything that depends on the kind only is done here, once. */
export function encoderOf(kind: FieldKind): EncodeValue {
  switch (kind.kind) {
    case 'str':
      return encodeString
    case 'int':
      return writeInt
    case 'float':
      return encodeFloat
    case 'bool':
      return encodeBool
    case 'ndarray':
      return encodeNdarray(describeArray(kind), arrayCheck(kind))
    case 'array':
      return encodeList(describeKind(kind), encoderOf(kind.items))
    default:
      return encodeBytes
  }
}

function encodeString(writer: ByteWriter, value: unknown): void {
  if (typeof value !== 'string') throw misfit(value, 'a string')
  writeString(writer, value)
}

function encodeFloat(writer: ByteWriter, value: unknown): void {
  if (typeof value !== 'number') throw misfit(value, 'a number')
  writeFloat(writer, value)
}

function encodeBool(writer: ByteWriter, value: unknown): void {
  if (typeof value !== 'boolean') throw misfit(value, 'a boolean')
  writer.writeByte(value ? 0xc3 : 0xc2)
}

function encodeBytes(writer: ByteWriter, value: unknown): void {
  if (!(value instanceof Uint8Array)) throw misfit(value, 'a Uint8Array')
  writeBinary(writer, value)
}

function encodeNdarray(wanted: string, check: (array: NDArray) => void): EncodeValue {
  return (writer, value) => {
    if (!(value instanceof NDArray)) throw misfit(value, `an NDArray ${wanted}`)
    check(value)
    writeBinaryHeader(writer, encodedArrayLength(value))
    writeArray(writer, value)
  }
}

function encodeList(wanted: string, encodeItem: EncodeValue): EncodeValue {
  return (writer, value) => {
    if (!Array.isArray(value)) throw misfit(value, `a ${wanted}`)
    const list: readonly unknown[] = value
    writeArrayHeader(writer, list.length)
    for (let i = 0; i < list.length; i++) {
      try {
        encodeItem(writer, list[i])
      } catch (error) {
        throw within(`[${i}]`, error)
      }
    }
  }
}
