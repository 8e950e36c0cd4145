import { ShardexError } from '@shardex/errors'
import { Misfit, misfit, within } from '../misfit.ts'
import { ByteWriter } from './byte-writer.ts'
import { invalid, MsgpackReader } from './reader.ts'
import { NIL, writeArrayHeader, writeBinary, writeFloat, writeInt, writeMapHeader, writeString } from './write.ts'

/** Everything msgpack can say without a schema. Reading gives bigints only beyond ±(2^53-1). */
export type MsgpackValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly MsgpackValue[]
  | { readonly [key: string]: MsgpackValue | undefined }

/** A list or map may be this deep, written or read. Also what ends a value that contains itself. */
const MAX_DEPTH = 128

/**
 * The bytes Python's `msgpack.packb` writes for the same value: smallest integers, 64-bit floats, map entries in insertion order.
 * A number without a fraction is an integer, except `-0` and beyond ±(2^53-1), which are floats. A property that is `undefined` is
 * left out.
 * @throws {ShardexError} `msgpack.invalid` for anything else than a {@link MsgpackValue}
 */
export function encodeMsgpack(value: MsgpackValue): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(256)
  encodeMsgpackInto(writer, value)
  return writer.toBytes()
}

/** {@link encodeMsgpack}, appended to `writer`. A refused value leaves the writer as it was. */
export function encodeMsgpackInto(writer: ByteWriter, value: MsgpackValue): void {
  const start = writer.length
  try {
    writeValue(writer, value, 0)
  } catch (error) {
    const offset = writer.length - start
    writer.length = start
    if (!(error instanceof Misfit)) throw error
    const { found, wanted, path } = error
    const where = path === '' ? '' : ` at ${path}`
    const message = `cannot write this as msgpack${where}: found ${found}, wanted ${wanted}`
    throw new ShardexError('msgpack.invalid', { offset, found, wanted }, { message, cause: error })
  }
}

/**
 * One value, the whole of `bytes`. Byte strings are views of the input, not copies.
 * @throws {ShardexError} `msgpack.invalid` for truncated, malformed, trailing or too deep input, text that is not UTF-8, map keys that are no
 * strings or come twice, extension types, and a map key `__proto__`
 */
export function decodeMsgpack(bytes: Uint8Array): MsgpackValue {
  const reader = new MsgpackReader(bytes)
  const value = readValue(reader, 0)
  reader.expectEnd()
  return value
}

/** {@link decodeMsgpack} of something that must be a map. */
export function decodeMsgpackMap(bytes: Uint8Array): { [key: string]: MsgpackValue } {
  const reader = new MsgpackReader(bytes)
  const map = readMap(reader, 0)
  reader.expectEnd()
  return map
}

export function readValue(reader: MsgpackReader, depth: number): MsgpackValue {
  const byte = reader.peek()
  if (byte < 0x80 || byte >= 0xe0 || (byte >= 0xcc && byte <= 0xd3)) return reader.readInt()
  if (byte < 0x90 || byte === 0xde || byte === 0xdf) return readMap(reader, depth)
  if (byte < 0xa0 || byte === 0xdc || byte === 0xdd) return readList(reader, depth)
  if (byte < 0xc0 || (byte >= 0xd9 && byte <= 0xdb)) return reader.readString()
  if (byte === 0xca || byte === 0xcb) return reader.readFloat()
  if (byte >= 0xc4 && byte <= 0xc6) return reader.readBinary()
  if (byte === 0xc2 || byte === 0xc3) return reader.readBool()
  if (reader.takeNil()) return null
  throw reader.unexpected('nil, a boolean, a number, a string, bytes, a list or a map')
}

function readList(reader: MsgpackReader, depth: number): MsgpackValue[] {
  const at = deeper(reader, depth)
  const list: MsgpackValue[] = []
  for (let left = reader.readArrayLength(); left > 0; left--) list.push(readValue(reader, at))
  return list
}

function readMap(reader: MsgpackReader, depth: number): { [key: string]: MsgpackValue } {
  const at = deeper(reader, depth)
  const map: { [key: string]: MsgpackValue } = {}
  for (let left = reader.readMapLength(); left > 0; left--) {
    const offset = reader.at
    const key = reader.readString()
    if (key === '__proto__') throw invalid(offset, 'the map key "__proto__"', 'another key')
    if (Object.hasOwn(map, key)) throw invalid(offset, `the map key ${JSON.stringify(key.slice(0, 60))} twice`, 'every key once')
    map[key] = readValue(reader, at)
  }
  return map
}

function deeper(reader: MsgpackReader, depth: number): number {
  if (depth >= MAX_DEPTH) throw invalid(reader.at, `more than ${MAX_DEPTH} levels`, `at most ${MAX_DEPTH} levels`)
  return depth + 1
}

function writeValue(writer: ByteWriter, value: unknown, depth: number): void {
  switch (typeof value) {
    case 'string':
      writeString(writer, value)
      break
    case 'number':
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) writeInt(writer, value)
      else writeFloat(writer, value)
      break
    case 'bigint':
      writeInt(writer, value)
      break
    case 'boolean':
      writer.writeByte(value ? 0xc3 : 0xc2)
      break
    case 'object':
      if (value === null) writer.writeByte(NIL)
      else if (value instanceof Uint8Array) writeBinary(writer, value)
      else if (depth === MAX_DEPTH) throw new Misfit(`more than ${MAX_DEPTH} levels`, `at most ${MAX_DEPTH} levels`)
      else if (Array.isArray(value)) writeList(writer, value, depth + 1)
      else writeMap(writer, value, depth + 1)
      break
    default:
      throw misfit(value, 'null, a boolean, number, bigint, string, Uint8Array, array or plain object')
  }
}

function writeMap(writer: ByteWriter, value: object, depth: number): void {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw misfit(value, 'a plain object, an array or a Uint8Array')
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  writeMapHeader(writer, entries.length)
  for (const [key, item] of entries) {
    try {
      writeString(writer, key)
      writeValue(writer, item, depth)
    } catch (error) {
      throw within(`.${key.slice(0, 60)}`, error)
    }
  }
}

function writeList(writer: ByteWriter, list: readonly unknown[], depth: number): void {
  writeArrayHeader(writer, list.length)
  for (let i = 0; i < list.length; i++) {
    try {
      writeValue(writer, list[i], depth)
    } catch (error) {
      throw within(`[${i}]`, error)
    }
  }
}
