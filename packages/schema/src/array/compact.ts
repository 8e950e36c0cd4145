import { ByteWriter } from '../msgpack/byte-writer.ts'
import { invalidArray } from './invalid-array.ts'
import { NDArray } from './ndarray.ts'
import { decodeNpy, encodeNpy, isNpy } from './npy.ts'

// The compact form, as atdata writes it since 0.3: u8 length of the dtype, the dtype in ASCII, u8 number of dimensions, each dimension as a
// little-endian i64, then the elements in C order. Arrays of records have no compact form; they stay `.npy` files.

/** The bytes of an array as they stand in a sample. */
export function encodeArray(array: NDArray): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(encodedArrayLength(array))
  writeArray(writer, array)
  return writer.toBytes()
}

/**
 * Read an array in compact form or as a `.npy` file (1.0, 2.0, 3.0). Elements are a view of `bytes`, unless a `.npy` file stores them
 * column by column.
 * @throws {ShardexError} `array.invalid` if anything does not add up, and for pickled objects
 */
export function decodeArray(bytes: Uint8Array): NDArray {
  if (isNpy(bytes)) return decodeNpy(bytes)
  const dtypeEnd = 1 + (bytes[0] ?? 0)
  const dimensions = bytes[dtypeEnd]
  if (dimensions === undefined) throw invalidArray(`${bytes.length} bytes`, `at least ${dtypeEnd + 1} for the header`)
  const elements = dtypeEnd + 1 + dimensions * 8
  if (elements > bytes.length) throw invalidArray(`${bytes.length} bytes`, `at least ${elements} for the shape`)
  let dtype = ''
  for (let at = 1; at < dtypeEnd; at++) dtype += String.fromCharCode(bytes[at] as number)
  const shape: number[] = []
  for (let at = dtypeEnd + 1; at < elements; at += 8) shape.push(readDimension(bytes, at))
  return new NDArray(dtype, shape, new Uint8Array(bytes.buffer, bytes.byteOffset + elements, bytes.length - elements))
}

export function encodedArrayLength(array: NDArray): number {
  if (array.descr !== undefined) return encodeNpy(array).length
  return 2 + array.dtype.length + array.shape.length * 8 + array.bytes.length
}

export function writeArray(writer: ByteWriter, array: NDArray): void {
  if (array.descr === undefined) writeCompact(writer, array)
  else writer.write(encodeNpy(array))
}

function writeCompact(writer: ByteWriter, { dtype, shape, bytes }: NDArray): void {
  writer.writeByte(dtype.length)
  for (let i = 0; i < dtype.length; i++) writer.writeByte(dtype.charCodeAt(i))
  writer.writeByte(shape.length)
  for (const size of shape) writeDimension(writer, size)
  writer.write(bytes)
}

function writeDimension(writer: ByteWriter, size: number): void {
  const at = writer.reserve(8)
  let rest = size
  for (let i = 0; i < 8; i++) {
    writer.bytes[at + i] = rest % 0x100
    rest = Math.floor(rest / 0x100)
  }
  writer.length = at + 8
}

function readDimension(bytes: Uint8Array, at: number): number {
  let size = 0
  for (let i = 7; i >= 0; i--) size = size * 0x100 + (bytes[at + i] as number)
  // A negative one shows as a number beyond 2^63, and is refused with all others beyond 2^53.
  return size
}
