import { createHash } from 'node:crypto'
import type { Task } from '../measure/measure.ts'

const CHUNK = new Uint8Array(1 << 20)

/** What no reader or writer that takes a SHA-256 of all bytes in one thread can be faster than. */
export const sha256: Task<{ readonly bytes: number }> = async ({ bytes }) => {
  return async () => {
    const hash = createHash('sha256')
    for (let left = bytes; left > 0; left -= CHUNK.length) hash.update(CHUNK.subarray(0, left))
    hash.digest()
    return undefined
  }
}
