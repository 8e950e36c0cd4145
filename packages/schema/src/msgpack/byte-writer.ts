/**
 * A byte buffer that grows and is used again and again. What was written is `bytes.subarray(0, length)`; the view is valid until
 * the next write, which may move everything into a larger buffer. Growing doubles the buffer, so appending costs amortised
 * constant time, and a writer keeps the size of the largest thing it ever held.
 */
export class ByteWriter {
  bytes: Uint8Array<ArrayBuffer>
  length = 0
  #view: DataView

  constructor(initialBytes = 1024) {
    this.bytes = new Uint8Array(initialBytes)
    this.#view = new DataView(this.bytes.buffer)
  }

  /** Forget the content, keep the memory. */
  reset(): void {
    this.length = 0
  }

  /** Make room for `count` bytes after `length`, and return `length`: the caller writes there, then moves `length`. */
  reserve(count: number): number {
    if (this.length + count > this.bytes.length) this.#grow(this.length + count)
    return this.length
  }

  writeByte(byte: number): void {
    const at = this.reserve(1)
    this.bytes[at] = byte
    this.length = at + 1
  }

  write(source: Uint8Array): void {
    const at = this.reserve(source.length)
    const bytes = this.bytes
    // A call into the engine costs more than a short loop.
    if (source.length > 24) bytes.set(source, at)
    else for (let i = 0; i < source.length; i++) bytes[at + i] = source[i] as number
    this.length = at + source.length
  }

  writeUint16(value: number): void {
    const at = this.#advance(2)
    this.#view.setUint16(at, value)
  }

  /** Big-endian, like every number of this class; negative values wrap to two's complement. */
  writeUint32(value: number): void {
    const at = this.#advance(4)
    this.#view.setUint32(at, value)
  }

  writeUint64(value: bigint): void {
    const at = this.#advance(8)
    this.#view.setBigUint64(at, value)
  }

  writeFloat64(value: number): void {
    const at = this.#advance(8)
    this.#view.setFloat64(at, value)
  }

  /** A copy of what was written; the writer can be reused at once. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length)
  }

  /** May replace the view: call it before the view is read. */
  #advance(count: number): number {
    const at = this.reserve(count)
    this.length = at + count
    return at
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}
