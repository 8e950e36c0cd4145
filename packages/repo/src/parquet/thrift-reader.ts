/** What the compact protocol of Apache Thrift can say, as far as Parquet needs it; a struct is a map by field id. */
export type Read = boolean | number | Uint8Array | readonly Read[] | Struct
export type Struct = ReadonlyMap<number, Read>

const MAX_DEPTH = 8
const TYPE = { yes: 1, no: 2, i8: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8, list: 9, struct: 12 } as const

/** Reads structs, and never beyond the end of its bytes. Nothing is allocated for what is only announced. */
export class ThriftReader {
  readonly #bytes: Uint8Array
  /** Where the next thing begins. */
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes
    this.at = at
  }

  /** @throws {RangeError} for what is no struct */
  struct(depth = 0): Struct {
    if (depth > MAX_DEPTH) throw new RangeError(`structs more than ${MAX_DEPTH} deep`)
    const fields = new Map<number, Read>()
    let id = 0
    for (let head = this.byte(); head !== 0; head = this.byte()) {
      id = head >> 4 === 0 ? this.zigzag() : id + (head >> 4)
      // Readers of 32 bits would take it for another field.
      if (Math.abs(id) > 2 ** 15) throw new RangeError(`a field ${id}`)
      fields.set(id, this.#value(head & 15, depth))
    }
    return fields
  }

  varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (byte < 128) return value
      if (scale > 2 ** 56) throw new RangeError('a number of too many bytes')
    }
  }

  zigzag(): number {
    const value = this.varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  byte(): number {
    const byte = this.#bytes[this.at]
    if (byte === undefined) throw new RangeError('the end of the bytes')
    this.at += 1
    return byte
  }

  #value(type: number, depth: number): Read {
    switch (type) {
      case TYPE.yes:
      case TYPE.no:
        return type === TYPE.yes
      case TYPE.i8:
        return this.byte()
      case TYPE.i16:
      case TYPE.i32:
      case TYPE.i64:
        return this.zigzag()
      case TYPE.double:
        return viewOf(this.#take(8)).getFloat64(0, true)
      case TYPE.binary:
        return this.#take(this.varint())
      case TYPE.list:
        return this.#list(depth)
      case TYPE.struct:
        return this.struct(depth + 1)
      default:
        throw new RangeError(`the type ${type}`)
    }
  }

  #list(depth: number): readonly Read[] {
    if (depth > MAX_DEPTH) throw new RangeError(`lists more than ${MAX_DEPTH} deep`)
    const head = this.byte()
    const count = head >> 4 === 15 ? this.varint() : head >> 4
    // Each item takes a byte at least.
    if (count > this.#bytes.length - this.at) throw new RangeError(`a list of ${count}`)
    const type = head & 15
    // A yes or no of a list is a byte, that of a struct is its type.
    const item = type === TYPE.yes || type === TYPE.no ? TYPE.i8 : type
    return Array.from({ length: count }, () => this.#value(item, depth + 1))
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.at) throw new RangeError(`${length} bytes`)
    this.at += length
    return this.#bytes.subarray(this.at - length, this.at)
  }
}

/** What a struct holds in a field, which hyparquet reads as the same. @throws {TypeError} */
export function structAt(struct: Struct, field: number): Struct {
  const value = struct.get(field)
  if (value instanceof Map) return value as Struct
  throw new TypeError(`no struct in field ${field}`)
}

/** A length, or how many of something there are: no more than fit into 31 bits. @throws {RangeError} */
export function countAt(struct: Struct, field: number): number {
  const value = struct.get(field)
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31) return value
  throw new RangeError(`no count in field ${field}`)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
