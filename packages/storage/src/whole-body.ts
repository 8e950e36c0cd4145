import type { ObjectBody } from './object-store.ts'

/** All bytes of a body in one piece. It takes `lengthBytes` of memory: look at that before. */
export async function wholeBody({ lengthBytes, chunks }: ObjectBody): Promise<Uint8Array> {
  const bytes = new Uint8Array(lengthBytes)
  let filled = 0
  for await (const chunk of chunks) {
    bytes.set(chunk, filled)
    filled += chunk.length
  }
  return bytes
}
