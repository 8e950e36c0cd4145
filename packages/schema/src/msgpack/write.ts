import { Misfit, misfit } from '../misfit.ts'
import type { ByteWriter } from './byte-writer.ts'

// Format bytes: https://github.com/msgpack/msgpack/blob/master/spec.md. Always the smallest form, as Python's msgpack writes.

export const NIL = 0xc0

const INT = 'an integer from -2^63 to 2^64-1'
const MAX_LENGTH = 2 ** 32 - 1
const utf8 = new TextEncoder()
/** In UTF-8. A browser has no way to count without encoding. */
const byteLength: (text: string) => number =
  typeof Buffer === 'undefined' ? (text) => utf8.encode(text).length : (text) => Buffer.byteLength(text)

export function writeInt(writer: ByteWriter, value: unknown): void {
  if (typeof value === 'number') {
    if (value >= 0 && value < 0x80 && Number.isInteger(value)) writer.writeByte(value)
    else writeNumber(writer, value)
  } else if (typeof value === 'bigint') {
    writeBigint(writer, value)
  } else {
    throw misfit(value, INT)
  }
}

export function writeFloat(writer: ByteWriter, value: number): void {
  writer.writeByte(0xcb)
  writer.writeFloat64(value)
}

export function writeString(writer: ByteWriter, text: string): void {
  if (text.length >= 32 || !writeShortAscii(writer, text)) writeLongString(writer, text)
}

export function writeBinaryHeader(writer: ByteWriter, length: number): void {
  if (length < 0x100) {
    writer.writeByte(0xc4)
    writer.writeByte(length)
  } else {
    writeLength(writer, 0xc5, length, 'bytes')
  }
}

export function writeBinary(writer: ByteWriter, bytes: Uint8Array): void {
  writeBinaryHeader(writer, bytes.length)
  writer.write(bytes)
}

export function writeArrayHeader(writer: ByteWriter, length: number): void {
  if (length < 16) writer.writeByte(0x90 | length)
  else writeLength(writer, 0xdc, length, 'list items')
}

export function writeMapHeader(writer: ByteWriter, length: number): void {
  if (length < 16) writer.writeByte(0x80 | length)
  else writeLength(writer, 0xde, length, 'map entries')
}

function writeNumber(writer: ByteWriter, value: number): void {
  if (!Number.isSafeInteger(value)) {
    throw misfit(value, Number.isInteger(value) ? 'a bigint, because a number this large is not exact' : INT)
  }
  if (value >= 0) {
    if (value < 0x100) {
      writer.writeByte(0xcc)
      writer.writeByte(value)
    } else if (value < 0x10000) {
      writer.writeByte(0xcd)
      writer.writeUint16(value)
    } else if (value < 0x1_0000_0000) {
      writer.writeByte(0xce)
      writer.writeUint32(value)
    } else {
      writer.writeByte(0xcf)
      writeHalves(writer, value)
    }
  } else if (value >= -0x20) {
    writer.writeByte(value & 0xff)
  } else if (value >= -0x80) {
    writer.writeByte(0xd0)
    writer.writeByte(value & 0xff)
  } else if (value >= -0x8000) {
    writer.writeByte(0xd1)
    writer.writeUint16(value)
  } else if (value >= -0x8000_0000) {
    writer.writeByte(0xd2)
    writer.writeUint32(value)
  } else {
    writer.writeByte(0xd3)
    writeHalves(writer, value)
  }
}

/** Two 32-bit halves: several times faster than going through a bigint. */
function writeHalves(writer: ByteWriter, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000)
  writer.writeUint32(high)
  writer.writeUint32(value - high * 0x1_0000_0000)
}

function writeBigint(writer: ByteWriter, value: bigint): void {
  if (value < -(2n ** 63n) || value >= 2n ** 64n) throw misfit(value, INT)
  if (Number.isSafeInteger(Number(value))) {
    writeInt(writer, Number(value))
  } else {
    writer.writeByte(value < 0n ? 0xd3 : 0xcf)
    writer.writeUint64(BigInt.asUintN(64, value))
  }
}

/** A loop is several times faster than the engine's encoder here. Returns false, having written nothing, at the first non-ASCII character. */
function writeShortAscii(writer: ByteWriter, text: string): boolean {
  const { length } = text
  const start = writer.reserve(length + 1)
  const { bytes } = writer
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x80) return false
    bytes[start + 1 + i] = code
  }
  bytes[start] = 0xa0 | length
  writer.length = start + 1 + length
  return true
}

function writeLongString(writer: ByteWriter, text: string): void {
  if (!text.isWellFormed()) throw new Misfit('a string with half of a surrogate pair', 'a string of whole Unicode characters')
  const length = byteLength(text)
  if (length < 32) {
    writer.writeByte(0xa0 | length)
  } else if (length < 0x100) {
    writer.writeByte(0xd9)
    writer.writeByte(length)
  } else {
    writeLength(writer, 0xda, length, 'bytes of text')
  }
  const at = writer.reserve(length)
  utf8.encodeInto(text, writer.bytes.subarray(at, at + length))
  writer.length = at + length
}

/** A 16-bit length under `format`, or a 32-bit one under `format + 1`. */
function writeLength(writer: ByteWriter, format: number, length: number, what: string): void {
  if (length < 0x10000) {
    writer.writeByte(format)
    writer.writeUint16(length)
  } else if (length <= MAX_LENGTH) {
    writer.writeByte(format + 1)
    writer.writeUint32(length)
  } else {
    throw new Misfit(`${length} ${what}`, `at most ${MAX_LENGTH} ${what}`)
  }
}
