import { decodeArray } from './array/compact.ts'
import type { NDArray } from './array/ndarray.ts'
import { arrayCheck } from './array-check.ts'
import type { FieldKind } from './field-kind.ts'
import type { MsgpackReader } from './msgpack/reader.ts'

/** Reads one value; throws `msgpack.invalid`, `array.invalid` or a {@link Misfit}. */
export type DecodeValue = (reader: MsgpackReader) => unknown

/** The decoder of a kind; everything that depends on the kind only is done here, once. */
export function decoderOf(kind: FieldKind): DecodeValue {
  switch (kind.kind) {
    case 'str':
      return (reader) => reader.readString()
    case 'int':
      return (reader) => reader.readInt()
    case 'float':
      return (reader) => reader.readFloat()
    case 'bool':
      return (reader) => reader.readBool()
    case 'ndarray':
      return decodeNdarray(arrayCheck(kind))
    case 'array':
      return decodeList(decoderOf(kind.items))
    default:
      return (reader) => reader.readBinary()
  }
}

function decodeNdarray(check: (array: NDArray) => void): DecodeValue {
  return (reader) => {
    const array = decodeArray(reader.readBinary())
    check(array)
    return array
  }
}

function decodeList(decodeItem: DecodeValue): DecodeValue {
  return (reader) => {
    const list: unknown[] = []
    for (let left = reader.readArrayLength(); left > 0; left--) list.push(decodeItem(reader))
    return list
  }
}
