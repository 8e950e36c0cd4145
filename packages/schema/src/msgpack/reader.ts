import { ShardexError } from '@shardex/errors'
import { decodeText } from './text.ts'

/**
 * Reads msgpack of unknown origin. Every length is compared with what is left before anything is allocated or skipped, so
 * neither time nor memory is ever more than a small multiple of the input. Every refusal is `msgpack.invalid` with the offset.
 */
export class MsgpackReader {
  readonly bytes: Uint8Array
  at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Step over a nil if there is one. */
  takeNil(): boolean {
    if (this.bytes[this.at] !== 0xc0) return false
    this.at++
    return true
  }

  /** Step over `expected` if exactly these bytes come next. */
  takeBytes(expected: Uint8Array): boolean {
    const { bytes, at } = this
    for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false
    this.at = at + expected.length
    return true
  }

  readBool(): boolean {
    const byte = this.bytes[this.at]
    if (byte !== 0xc2 && byte !== 0xc3) throw this.unexpected('a boolean')
    this.at++
    return byte === 0xc3
  }

  /** A number if that is exact, else a bigint. */
  readInt(): number | bigint {
    const byte = this.peek()
    if (byte < 0x80) {
      this.at++
      return byte
    }
    if (byte >= 0xe0) {
      this.at++
      return byte - 0x100
    }
    switch (byte) {
      case 0xcc:
        return this.#unsigned(1)
      case 0xcd:
        return this.#unsigned(2)
      case 0xce:
        return this.#unsigned(4)
      case 0xcf:
        return this.#wide(false)
      case 0xd0:
        return (this.#unsigned(1) << 24) >> 24
      case 0xd1:
        return (this.#unsigned(2) << 16) >> 16
      case 0xd2:
        return this.#unsigned(4) | 0
      case 0xd3:
        return this.#wide(true)
      default:
        throw this.unexpected('an integer')
    }
  }

  /** Any number: integers too, rounded to the nearest float64. */
  readFloat(): number {
    const byte = this.peek()
    if (byte === 0xcb) {
      const at = this.#payload(8)
      for (let i = 0; i < 8; i++) floatBytes[i] = this.bytes[at + i] as number
      return floatView.getFloat64(0)
    }
    if (byte === 0xca) {
      const at = this.#payload(4)
      for (let i = 0; i < 4; i++) floatBytes[i] = this.bytes[at + i] as number
      return floatView.getFloat32(0)
    }
    if (byte < 0x80 || byte >= 0xe0 || (byte >= 0xcc && byte <= 0xd3)) return Number(this.readInt())
    throw this.unexpected('a number')
  }

  readString(): string {
    const byte = this.peek()
    const start = this.at
    let length: number
    if ((byte & 0xe0) === 0xa0) {
      this.at++
      length = byte & 0x1f
    } else if (byte === 0xd9) {
      length = this.#unsigned(1)
    } else if (byte === 0xda) {
      length = this.#unsigned(2)
    } else if (byte === 0xdb) {
      length = this.#unsigned(4)
    } else {
      throw this.unexpected('a string')
    }
    const from = this.#take(length)
    const text = decodeText(this.bytes, from, from + length)
    if (text === undefined) throw invalid(start, 'a string that is not valid UTF-8', 'valid UTF-8')
    return text
  }

  /** A view of the input, not a copy. */
  readBinary(): Uint8Array {
    const byte = this.peek()
    if (byte < 0xc4 || byte > 0xc6) throw this.unexpected('bytes')
    const length = this.#unsigned(1 << (byte - 0xc4))
    const from = this.#take(length)
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + from, length)
  }

  /** At most as many as there are bytes left. */
  readArrayLength(): number {
    const byte = this.peek()
    if ((byte & 0xf0) === 0x90) return this.#count(byte & 0x0f, 1)
    if (byte === 0xdc || byte === 0xdd) return this.#count(undefined, 1)
    throw this.unexpected('a list')
  }

  /** At most as many entries as there are pairs of bytes left. */
  readMapLength(): number {
    const byte = this.peek()
    if ((byte & 0xf0) === 0x80) return this.#count(byte & 0x0f, 2)
    if (byte === 0xde || byte === 0xdf) return this.#count(undefined, 2)
    throw this.unexpected('a map')
  }

  /** The next byte. */
  peek(): number {
    const byte = this.bytes[this.at]
    if (byte === undefined) throw invalid(this.at, 'the end of the bytes', 'another value')
    return byte
  }

  expectEnd(): void {
    const left = this.bytes.length - this.at
    if (left > 0) throw invalid(this.at, `${left} bytes after the value`, 'the end of the bytes')
  }

  unexpected(wanted: string): ShardexError<'msgpack.invalid'> {
    return invalid(this.at, this.at < this.bytes.length ? nameOf(this.peek()) : 'the end of the bytes', wanted)
  }

  #count(short: number | undefined, bytesEach: number): number {
    const start = this.at
    if (short !== undefined) this.at++
    const count = short ?? this.#unsigned((this.peek() & 1) === 0 ? 2 : 4)
    const left = this.bytes.length - this.at
    if (count * bytesEach > left) throw invalid(start, `${count} items in ${left} bytes`, 'a count that can be true')
    return count
  }

  /** The big-endian integer of `size` bytes after the format byte. */
  #unsigned(size: number): number {
    const at = this.#payload(size)
    let value = 0
    for (let i = 0; i < size; i++) value = value * 0x100 + (this.bytes[at + i] as number)
    return value
  }

  #wide(signed: boolean): number | bigint {
    const at = this.#payload(8)
    let high = 0
    let low = 0
    for (let i = 0; i < 4; i++) {
      high = high * 0x100 + (this.bytes[at + i] as number)
      low = low * 0x100 + (this.bytes[at + 4 + i] as number)
    }
    if (signed) high |= 0
    const value = high * 0x1_0000_0000 + low
    return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low)
  }

  #payload(size: number): number {
    this.at++
    return this.#take(size)
  }

  #take(length: number): number {
    const from = this.at
    const left = this.bytes.length - from
    if (length > left) throw invalid(from, `${left} bytes`, `${length} bytes`)
    this.at = from + length
    return from
  }
}

const floatBytes = new Uint8Array(8)
const floatView = new DataView(floatBytes.buffer)

export function invalid(offset: number, found: string, wanted: string): ShardexError<'msgpack.invalid'> {
  return new ShardexError(
    'msgpack.invalid',
    { offset, found, wanted },
    {
      message: `not the msgpack we read: ${found} at byte ${offset}, wanted ${wanted}; the bytes are damaged or of another kind`,
    },
  )
}

function nameOf(byte: number): string {
  if (byte < 0x80 || byte >= 0xe0 || (byte >= 0xcc && byte <= 0xd3)) return 'an integer'
  if (byte < 0x90 || byte === 0xde || byte === 0xdf) return 'a map'
  if (byte < 0xa0 || byte === 0xdc || byte === 0xdd) return 'a list'
  if (byte < 0xc0 || (byte >= 0xd9 && byte <= 0xdb)) return 'a string'
  if (byte === 0xc0) return 'nil'
  if (byte === 0xc2 || byte === 0xc3) return 'a boolean'
  if (byte >= 0xc4 && byte <= 0xc6) return 'bytes'
  if (byte === 0xca || byte === 0xcb) return 'a float'
  return byte === 0xc1 ? 'the reserved byte 0xc1' : 'an extension type'
}
