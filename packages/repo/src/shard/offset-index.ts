import { ShardexError } from '@shardex/errors'
import { crc32, textIn } from '#platform'
import type { HashedRows } from '../hash/hasher.ts'
import { toHex } from '../hex.ts'
import { HASH_BYTES } from '../proof/merkle.ts'

/**
 * The offset index of a shard: where each sample's payload lies, and its CRC-32. It is stored beside the shard as `{shard}.idx`
 * and addressed by its SHA-256 in the entry. Layout in docs/formats/offset-index.md; all numbers are little-endian:
 *
 *     0    8   magic "SHXIDX", 0x00, version 0x01
 *     8    8   u64   size of the shard in bytes
 *     16   4   u32   samples, n
 *     20   4   u32   bytes of all keys, k
 *     24   8n  u64   payload offsets, ascending
 *          4n  u32   payload sizes
 *          4n  u32   CRC-32 (ISO-HDLC, as in zlib) of each payload
 *          4n  u32   where each key ends among the keys
 *          32n       leaf hashes: SHA-256 of 0x00, u32 size of the key, key, payload
 *          k         keys, UTF-8, one after another
 *          4    u32   CRC-32 of all bytes before, for indexes that are found without an entry that names their digest
 */
export interface OffsetIndex {
  /** Of the index itself. */
  readonly sizeBytes: number
  readonly shardSizeBytes: number
  readonly sampleCount: number
  readonly offsets: Float64Array
  readonly sizes: Uint32Array
  readonly crcs: Uint32Array
  /** A view of 32 bytes. */
  leafAt(sample: number): Uint8Array
  keyAt(sample: number): string
  /** The same in UTF-8: a view. */
  keyBytesAt(sample: number): Uint8Array
  /** The position of a key in the shard, or `undefined`. */
  find(key: string): number | undefined
}

export const INDEX_SUFFIX = '.idx'

/** `SHXIDX`, 0, 1 */
const MAGIC = Uint8Array.of(0x53, 0x48, 0x58, 0x49, 0x44, 0x58, 0, 1)
const HEADER_BYTES = 24
const CRC_BYTES = 4
const LEAVES_AT = 20
const ROW_BYTES = LEAVES_AT + HASH_BYTES

/** Collects the rows of one shard while it is written. */
export class OffsetIndexBuilder {
  #offsets = new Float64Array(1024)
  #sizes = new Uint32Array(1024)
  #crcs = new Uint32Array(1024)
  #keyEnds = new Uint32Array(1024)
  #keys = new Uint8Array(16_384)
  #keyBytes = 0
  #taken = 0
  sampleCount = 0

  add(key: Uint8Array, offset: number, sizeBytes: number, crc: number): void {
    const row = this.sampleCount
    if (row === this.#offsets.length) this.#growRows()
    if (this.#keyBytes + key.length > this.#keys.length) this.#growKeys(key.length)
    this.#keys.set(key, this.#keyBytes)
    this.#keyBytes += key.length
    this.#offsets[row] = offset
    this.#sizes[row] = sizeBytes
    this.#crcs[row] = crc
    this.#keyEnds[row] = this.#keyBytes
    this.sampleCount = row + 1
  }

  /** Keys of all rows so far. */
  *keys(): Iterable<string> {
    const text = textIn(this.#keys)
    for (let row = 0; row < this.sampleCount; row++) yield text(row === 0 ? 0 : this.#keyEnds[row - 1]!, this.#keyEnds[row]!)
  }

  /** The rows from the last call on whose payload begins before the byte `end`. */
  take(end: number): HashedRows {
    const first = this.#taken
    while (this.#taken < this.sampleCount && this.#offsets[this.#taken]! < end) this.#taken += 1
    const keysStart = first === 0 ? 0 : this.#keyEnds[first - 1]!
    const keysEnd = this.#taken === 0 ? 0 : this.#keyEnds[this.#taken - 1]!
    return {
      offsets: this.#offsets.slice(first, this.#taken),
      sizes: this.#sizes.slice(first, this.#taken),
      keys: this.#keys.slice(keysStart, keysEnd),
      keyEnds: this.#keyEnds.slice(first, this.#taken).map((keyEnd) => keyEnd - keysStart),
    }
  }

  /** @param leaves the leaf hash of each sample, one after another */
  encode(shardSizeBytes: number, leaves: Uint8Array): Uint8Array<ArrayBuffer> {
    const n = this.sampleCount
    const bytes = new Uint8Array(HEADER_BYTES + ROW_BYTES * n + this.#keyBytes + CRC_BYTES)
    const view = new DataView(bytes.buffer)
    bytes.set(MAGIC)
    view.setBigUint64(8, BigInt(shardSizeBytes), true)
    view.setUint32(16, n, true)
    view.setUint32(20, this.#keyBytes, true)
    for (let i = 0; i < n; i++) {
      view.setUint32(HEADER_BYTES + 8 * i, this.#offsets[i]! % 2 ** 32, true)
      view.setUint32(HEADER_BYTES + 8 * i + 4, this.#offsets[i]! / 2 ** 32, true)
      view.setUint32(HEADER_BYTES + 8 * n + 4 * i, this.#sizes[i]!, true)
      view.setUint32(HEADER_BYTES + 12 * n + 4 * i, this.#crcs[i]!, true)
      view.setUint32(HEADER_BYTES + 16 * n + 4 * i, this.#keyEnds[i]!, true)
    }
    bytes.set(leaves, HEADER_BYTES + LEAVES_AT * n)
    bytes.set(this.#keys.subarray(0, this.#keyBytes), HEADER_BYTES + ROW_BYTES * n)
    view.setUint32(bytes.length - CRC_BYTES, crc32(bytes.subarray(0, -CRC_BYTES)), true)
    return bytes
  }

  #growRows(): void {
    const size = this.#offsets.length * 2
    this.#offsets = grown(this.#offsets, new Float64Array(size))
    this.#sizes = grown(this.#sizes, new Uint32Array(size))
    this.#crcs = grown(this.#crcs, new Uint32Array(size))
    this.#keyEnds = grown(this.#keyEnds, new Uint32Array(size))
  }

  #growKeys(more: number): void {
    this.#keys = grown(this.#keys, new Uint8Array(Math.max(this.#keys.length * 2, this.#keyBytes + more)))
  }
}

export function isOffsetIndex(bytes: Uint8Array): boolean {
  return bytes.length >= HEADER_BYTES && MAGIC.every((byte, i) => bytes[i] === byte)
}

/**
 * Check an offset index completely and open it: after this every offset, size and key end lies where it must.
 * @param source named in errors, usually the URL of the index
 * @throws `index.corrupt`
 */
export function decodeOffsetIndex(bytes: Uint8Array, source: string): OffsetIndex {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!isOffsetIndex(bytes)) {
    throw corrupt(
      source,
      `${bytes.length} bytes that begin with ${toHex(bytes.subarray(0, 8)) || 'nothing'}`,
      'an offset index of version 1',
    )
  }
  const shardSizeBytes = Number(view.getBigUint64(8, true))
  const n = view.getUint32(16, true)
  const keyBytes = view.getUint32(20, true)
  const wantedBytes = HEADER_BYTES + ROW_BYTES * n + keyBytes + CRC_BYTES
  if (bytes.length !== wantedBytes || shardSizeBytes > Number.MAX_SAFE_INTEGER)
    throw corrupt(source, `${bytes.length} bytes`, `${wantedBytes} bytes for ${n} samples`)
  const crc = view.getUint32(bytes.length - CRC_BYTES, true)
  if (crc32(bytes.subarray(0, -CRC_BYTES)) !== crc)
    throw corrupt(source, 'bytes of another CRC-32', 'the bytes that were written')

  const offsets = new Float64Array(n)
  const sizes = new Uint32Array(n)
  const crcs = new Uint32Array(n)
  const keyEnds = new Uint32Array(n)
  let payloadEnd = 0
  let keyEnd = 0
  for (let i = 0; i < n; i++) {
    const offset = Number(view.getBigUint64(HEADER_BYTES + 8 * i, true))
    const size = view.getUint32(HEADER_BYTES + 8 * n + 4 * i, true)
    const end = view.getUint32(HEADER_BYTES + 16 * n + 4 * i, true)
    if (offset < payloadEnd || offset + size > shardSizeBytes)
      throw corrupt(source, `sample ${i} at [${offset}, ${offset + size})`, `ascending ranges within ${shardSizeBytes} bytes`)
    if (end <= keyEnd || end > keyBytes)
      throw corrupt(source, `key ${i} ending at ${end}`, `ascending ends within ${keyBytes} bytes`)
    offsets[i] = offset
    sizes[i] = size
    crcs[i] = view.getUint32(HEADER_BYTES + 12 * n + 4 * i, true)
    keyEnds[i] = end
    payloadEnd = offset + size
    keyEnd = end
  }
  if (keyEnd !== keyBytes) throw corrupt(source, `keys ending at ${keyEnd}`, `keys ending at ${keyBytes}`)

  const keys = bytes.subarray(HEADER_BYTES + ROW_BYTES * n, bytes.length - CRC_BYTES)
  const keyText = textIn(keys)
  const keyAt = (sample: number): string => keyText(sample === 0 ? 0 : keyEnds[sample - 1]!, keyEnds[sample]!)
  const keyBytesAt = (sample: number): Uint8Array => keys.subarray(sample === 0 ? 0 : keyEnds[sample - 1]!, keyEnds[sample]!)
  let positions: Map<string, number> | undefined
  const find = (key: string): number | undefined => {
    positions ??= new Map(Array.from({ length: n }, (_, sample) => [keyAt(sample), sample]))
    return positions.get(key)
  }
  const leaves = bytes.subarray(HEADER_BYTES + LEAVES_AT * n, HEADER_BYTES + ROW_BYTES * n)
  const leafAt = (sample: number): Uint8Array => leaves.subarray(sample * HASH_BYTES, (sample + 1) * HASH_BYTES)
  return { sizeBytes: bytes.length, shardSizeBytes, sampleCount: n, offsets, sizes, crcs, leafAt, keyAt, keyBytesAt, find }
}

function corrupt(source: string, found: string, wanted: string): ShardexError {
  const message = `the offset index ${source} is damaged: found ${found}, wanted ${wanted}. Insert the dataset again, or restore the file.`
  return new ShardexError('index.corrupt', { where: source, found, wanted }, { message })
}

function grown<A extends Float64Array | Uint32Array | Uint8Array>(from: A, to: A): A {
  to.set(from as never)
  return to
}
