import { crc32 } from 'node:zlib'

/** Of the object that a cache file was filled from. */
export interface Marks {
  readonly etag?: string | undefined
  readonly modifiedAtMs?: number | undefined
}

/** What lies behind the bytes of an object in its cache file: all that is needed to give it out again, and to notice damage. */
export interface Footer extends Marks {
  readonly sizeBytes: number
  /** CRC-32 of each block of {@link BLOCK_BYTES}. */
  readonly crcs: Uint32Array
}

export const BLOCK_BYTES: number = 64 * 1024
/** Magic, size of the object, bytes of the JSON, CRC-32 of everything before itself in the footer. */
export const TAIL_BYTES: number = 24
const MAGIC = 0x3145_4843_4158_4853n // SHXACHE1
const MAX_JSON_BYTES = 4096

/** CRC-32s in little-endian, JSON, tail. */
export function encodeFooter({ sizeBytes, crcs, etag, modifiedAtMs }: Footer): Uint8Array {
  const json = jsonOf({ etag, modifiedAtMs })
  const bytes = new Uint8Array(crcs.length * 4 + json.length + TAIL_BYTES)
  const view = new DataView(bytes.buffer)
  for (const [i, crc] of crcs.entries()) view.setUint32(i * 4, crc, true)
  bytes.set(json, crcs.length * 4)
  const tail = bytes.length - TAIL_BYTES
  view.setBigUint64(tail, MAGIC, true)
  view.setBigUint64(tail + 8, BigInt(sizeBytes), true)
  view.setUint32(tail + 16, json.length, true)
  view.setUint32(tail + 20, crc32(bytes.subarray(0, tail + 20)), true)
  return bytes
}

/** How many bytes {@link encodeFooter} will give. */
export function footerBytes(sizeBytes: number, marks: Marks): number {
  return Math.ceil(sizeBytes / BLOCK_BYTES) * 4 + jsonOf(marks).length + TAIL_BYTES
}

/** Where the footer of a file begins by its tail; `undefined` if the file is not whole. */
export function footerStart(fileBytes: number, tail: Uint8Array): number | undefined {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.length)
  if (view.getBigUint64(0, true) !== MAGIC) return undefined
  const sizeBytes = Number(view.getBigUint64(8, true))
  const jsonBytes = view.getUint32(16, true)
  const wanted = sizeBytes + Math.ceil(sizeBytes / BLOCK_BYTES) * 4 + jsonBytes + TAIL_BYTES
  return jsonBytes <= MAX_JSON_BYTES && wanted === fileBytes ? sizeBytes : undefined
}

/** @param bytes the whole footer, of which `footerStart` has seen the tail; `undefined` if it is damaged */
export function decodeFooter(bytes: Uint8Array): Footer | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const tail = bytes.length - TAIL_BYTES
  if (crc32(bytes.subarray(0, tail + 20)) !== view.getUint32(tail + 20, true)) return undefined
  const crcs = new Uint32Array((tail - view.getUint32(tail + 16, true)) / 4)
  for (let i = 0; i < crcs.length; i++) crcs[i] = view.getUint32(i * 4, true)
  return { sizeBytes: Number(view.getBigUint64(tail + 8, true)), crcs, ...marksOf(bytes.subarray(crcs.length * 4, tail)) }
}

/** The CRC-32s of the blocks of a stream. */
export class BlockCrcs {
  readonly #crcs: number[] = []
  #filled = 0

  add(chunk: Uint8Array): void {
    for (let taken = 0; taken < chunk.length; ) {
      const within = this.#filled % BLOCK_BYTES
      const piece = chunk.subarray(taken, taken + BLOCK_BYTES - within)
      if (within === 0) this.#crcs.push(crc32(piece))
      else this.#crcs.push(crc32(piece, this.#crcs.pop()))
      taken += piece.length
      this.#filled += piece.length
    }
  }

  end(): Uint32Array {
    return Uint32Array.from(this.#crcs)
  }
}

/** Whoever forged the CRC-32 may have written anything. */
function marksOf(json: Uint8Array): Marks {
  try {
    const { etag, modifiedAtMs } = JSON.parse(Buffer.from(json).toString()) as Record<string, unknown>
    return {
      ...(typeof etag === 'string' && { etag }),
      ...(typeof modifiedAtMs === 'number' && { modifiedAtMs }),
    }
  } catch {
    return {}
  }
}

function jsonOf({ etag, modifiedAtMs }: Marks): Uint8Array {
  const json = Buffer.from(JSON.stringify({ etag, modifiedAtMs }))
  return json.length <= MAX_JSON_BYTES ? json : Buffer.from('{}')
}
