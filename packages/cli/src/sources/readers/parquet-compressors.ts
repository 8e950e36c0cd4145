import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { Compressors } from 'hyparquet'
import { compressors, decompressLz4Raw } from 'hyparquet-compressors'

const MAX_PAGE_BYTES = 1024 ** 3
/** How many bytes one byte of a format that allocates what is announced may stand for. */
const MOST_INFLATED = { SNAPPY: 22, LZ4: 255 } as const

/** Decompressors that allocate no more for a page than what is in it. */
export const boundedCompressors: Compressors = bounded({
  SNAPPY: (input, size) => {
    assertDense(input, size, MOST_INFLATED.SNAPPY)
    return compressors.SNAPPY?.(input, size) ?? new Uint8Array()
  },
  LZ4_RAW: inflateLz4,
  LZ4: (input, size) => inflateFrames(input, size) ?? inflateLz4(input, size),
  GZIP: (input, size) => gunzipSync(input, { maxOutputLength: size }),
  BROTLI: (input, size) => brotliDecompressSync(input, { maxOutputLength: size }),
  ZSTD: (input, size) => zstdDecompressSync(input, { maxOutputLength: size }),
})

function bounded(all: Compressors): Compressors {
  return Object.fromEntries(
    Object.entries(all).map(([codec, decompress]) => [
      codec,
      (input: Uint8Array, size: number) => {
        if (!(size >= 0 && size <= MAX_PAGE_BYTES)) throw new RangeError(`a page of ${size} bytes`)
        return size === 0 ? new Uint8Array() : decompress(input, size)
      },
    ]),
  )
}

function inflateLz4(input: Uint8Array, size: number): Uint8Array {
  assertDense(input, size, MOST_INFLATED.LZ4)
  return decompressLz4Raw(input, size)
}

/** As Hadoop writes LZ4: blocks with both their lengths before them. `undefined` if it is one block without. */
function inflateFrames(input: Uint8Array, size: number): Uint8Array | undefined {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  const blocks: { readonly start: number; readonly end: number; readonly size: number }[] = []
  let left = size
  for (let at = 0; at < input.length; ) {
    if (input.length - at < 8) return undefined
    const block = { start: at + 8, end: at + 8 + view.getUint32(at + 4), size: view.getUint32(at) }
    left -= block.size
    at = block.end
    if (at > input.length || left < 0) return undefined
    blocks.push(block)
  }
  return left === 0 ? Buffer.concat(blocks.map((it) => inflateLz4(input.subarray(it.start, it.end), it.size))) : undefined
}

function assertDense(input: Uint8Array, size: number, most: number): void {
  if (size > most * input.length) throw new RangeError(`a page of ${size} bytes in ${input.length}`)
}
