import { createCipheriv } from 'node:crypto'
import type { ObjectBody } from '../object-store.ts'

/** The same bytes for the same arguments, and others for others. */
export function bytesOf(sizeBytes: number, seed = 0): Uint8Array {
  const key = Buffer.alloc(16)
  key.writeUInt32BE(seed)
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(sizeBytes))
}

/** A stream that overwrites each chunk as soon as the next one is asked for, as its receiver has to expect. */
export async function* inChunks(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array, void, void> {
  const chunk = new Uint8Array(chunkBytes)
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    const piece = bytes.subarray(start, start + chunkBytes)
    chunk.set(piece)
    yield chunk.subarray(0, piece.length)
    chunk.fill(0xee)
  }
}

/** All bytes of a body, with its promised length checked. @param copy each chunk before the next comes */
export async function bytesFrom(body: ObjectBody | undefined, copy = false): Promise<Uint8Array | undefined> {
  if (body === undefined) return undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of body.chunks) chunks.push(copy ? new Uint8Array(chunk) : chunk)
  const bytes = Buffer.concat(chunks)
  if (bytes.length !== body.lengthBytes) throw new Error(`body of ${bytes.length} bytes instead of ${body.lengthBytes}`)
  return bytes
}

/** Compares large arrays without printing them. */
export function sameBytes(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0
}
