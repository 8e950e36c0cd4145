import type { ThriftReader } from './thrift-reader.ts'

/**
 * Both ways in which Parquet makes many numbers of few bytes, walked as hyparquet reads them. https://parquet.apache.org/docs/file-format/data-pages/encodings/
 */

/** DuckDB fills its last group up to so many. */
const MOST_PADDING = 32

/**
 * Walk `count` numbers of `width` bits, run by run, as far as their last one.
 * @returns how many of them are `wanted`, which has less than nine bits
 * @throws {RangeError} for what announces more numbers than are left
 */
export function walkRuns(bytes: Uint8Array, reader: ThriftReader, width: number, count: number, wanted?: number): number {
  let found = 0
  for (let seen = 0; seen < count; ) {
    const head = reader.varint()
    const left = count - seen
    const length = Math.floor(head / 2)
    if (head % 2 === 0) {
      if (length > left) throw new RangeError(`a run of ${length} for ${left} values`)
      if (bytes[reader.at] === wanted) found += length
      reader.at += Math.ceil(width / 8)
      seen += length
    } else {
      // Groups of eight numbers, each of `width` bytes.
      const most = width > 0 ? (bytes.length - reader.at) / width : Math.ceil(left / 8) + MOST_PADDING
      if (length > most) throw new RangeError(`a run of ${length * 8} for ${left} values`)
      if (wanted !== undefined) found += countPacked(bytes.subarray(reader.at), width, Math.min(length * 8, left), wanted)
      // hyparquet takes a byte for none, too.
      reader.at += Math.max(1, length * width)
      seen += length * 8
    }
  }
  return found
}

function countPacked(bytes: Uint8Array, width: number, count: number, wanted: number): number {
  const mask = 2 ** width - 1
  let found = 0
  for (let i = 0, bit = 0; i < count; i++, bit += width)
    if ((((bytes[bit >>> 3]! | (bytes[(bit >>> 3) + 1]! << 8)) >> (bit & 7)) & mask) === wanted) found += 1
  return found
}

/**
 * Walk `count` numbers that are given by what each is more than the one before it.
 * @param each is given them, if they have 32 bits
 * @throws {RangeError} for blocks of no size, which nobody could leave
 */
export function walkDeltas(bytes: Uint8Array, reader: ThriftReader, count: number, each?: (value: number) => void): void {
  const [blockSize, parts] = [reader.varint(), reader.varint()]
  const size = blockSize / parts
  if (!(size > 0 && size % 32 === 0 && blockSize < 2 ** 31 && parts <= bytes.length))
    throw new RangeError(`${parts} parts of a block of ${blockSize}`)
  reader.varint() // how many there are, which hyparquet does not read
  let value = narrow(reader.zigzag(), each)
  if (count > 0) each?.(value)
  for (let seen = 1; seen < count; ) {
    const least = narrow(reader.zigzag(), each)
    const widths = reader.at
    reader.at += parts
    for (let part = 0; part < parts && seen < count; part++) {
      const width = bytes[widths + part]
      if (width === undefined || width > 64) throw new RangeError(`numbers of ${width} bits`)
      const end = Math.min(count, seen + size)
      if (each === undefined) seen = end
      else
        for (let bit = reader.at * 8; seen < end; seen++, bit += width) {
          value = (value + least + bitsAt(bytes, bit, width)) | 0
          each(value)
        }
      reader.at += (size * width) / 8
    }
  }
}

/** Lengths are never so far apart that more than 32 bits would be needed. */
function narrow(delta: number, each: unknown): number {
  if (each !== undefined && Math.abs(delta) > 2 ** 31) throw new RangeError(`a length that is ${delta} more`)
  return delta
}

function bitsAt(bytes: Uint8Array, bit: number, width: number): number {
  let value = 0
  // Bits of above 2^32 would not count.
  for (let done = 0; done < Math.min(width, 32); ) {
    const byte = bytes[Math.floor((bit + done) / 8)]
    if (byte === undefined) throw new RangeError('the end of the bytes')
    const from = (bit + done) % 8
    const taken = Math.min(8 - from, width - done)
    value += ((byte >> from) & (2 ** taken - 1)) * 2 ** done
    done += taken
  }
  return value
}
