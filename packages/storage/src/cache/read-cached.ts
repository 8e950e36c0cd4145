import { type FileHandle, open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import type { Span } from '../byte-range.ts'
import { readFull } from '../file/read-full.ts'
import type { MemoryPool } from '../memory-pool.ts'
import type { ChunkOptions } from '../object-store.ts'
import { BLOCK_BYTES, decodeFooter, type Footer, footerStart, TAIL_BYTES } from './footer.ts'

/** Read at once; a whole number of blocks. */
const CHUNK_BYTES = 16 * BLOCK_BYTES

/** The footer of a cache file. @throws what the file system says */
export async function readFooter(path: string): Promise<Footer | 'damaged'> {
  await using file = await open(path)
  const { size } = await file.stat()
  const tail = await readAt(file, size - TAIL_BYTES, TAIL_BYTES)
  const start = tail && footerStart(size, tail)
  const footer = start === undefined ? undefined : await readAt(file, start, size - start)
  return (footer && decodeFooter(footer)) ?? 'damaged'
}

/**
 * The bytes of a span of a cache file, each block of which is held against its CRC-32 first.
 * @param pool of chunks that may be written over
 * @returns whether all of them were right; the first that are not end it
 * @throws what the file system says
 */
export async function* readCached(
  path: string,
  { sizeBytes, crcs }: Footer,
  { start, end }: Span,
  pool: MemoryPool,
  { reuse = false, into, signal }: ChunkOptions,
): AsyncGenerator<Uint8Array, boolean, void> {
  if (start === end) return true
  const place = into?.(end - start)
  const memory = reuse || place !== undefined ? pool.take(Math.min(CHUNK_BYTES, blockEnd(end) - blockStart(start))) : undefined
  // A chunk that is no copy may still be looked at when nobody reads on.
  let isDone = place !== undefined
  try {
    await using file = await open(path)
    for (let position = start; position < end; ) {
      signal?.throwIfAborted()
      const from = blockStart(position)
      const to = Math.min(from + CHUNK_BYTES, blockEnd(end), sizeBytes)
      const bytes = await filled(memory?.subarray(0, to - from) ?? Buffer.allocUnsafeSlow(to - from), file, from)
      if (bytes === undefined || !isWhole(bytes, crcs, from / BLOCK_BYTES)) return false
      const chunk = bytes.subarray(position - from, Math.min(end, to) - from)
      const placed = place?.subarray(position - start, position - start + chunk.length)
      placed?.set(chunk)
      position += chunk.length
      yield placed ?? chunk
    }
    isDone = true
    return true
  } finally {
    if (isDone && memory !== undefined) pool.giveBack(memory)
  }
}

function blockStart(position: number): number {
  return position - (position % BLOCK_BYTES)
}

function blockEnd(position: number): number {
  return Math.ceil(position / BLOCK_BYTES) * BLOCK_BYTES
}

function isWhole(bytes: Uint8Array, crcs: Uint32Array, firstBlock: number): boolean {
  for (let block = 0; block * BLOCK_BYTES < bytes.length; block++) {
    const piece = bytes.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES)
    if (crc32(piece) !== crcs[firstBlock + block]) return false
  }
  return true
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array | undefined> {
  return position < 0 ? undefined : filled(Buffer.allocUnsafeSlow(length), file, position)
}

/** All of it with the bytes of the file, or `undefined` if that has not as many. */
async function filled(bytes: Uint8Array, file: FileHandle, position: number): Promise<Uint8Array | undefined> {
  return (await readFull(file, bytes, position)) < bytes.length ? undefined : bytes
}
