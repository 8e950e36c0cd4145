import { sha256 as portableSha256 } from '@noble/hashes/sha2.js'
import type { CallOptions } from '@shardex/storage'
import type { Aside, RunningSha256 } from './platform.ts'

export { crc32 } from './crc32.ts'

export function sha256(bytes: Uint8Array): Uint8Array {
  return portableSha256(bytes)
}

export function textIn(utf8: Uint8Array): (start: number, end: number) => string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  return (start, end) => decoder.decode(utf8.subarray(start, end))
}

export function runningSha256(): RunningSha256 {
  const running = portableSha256.create()
  return {
    update(bytes) {
      running.update(bytes)
    },
    digest: () => running.digest(),
  }
}

/** In a blob: a browser puts large ones on the disk. */
export async function putAside(chunks: AsyncIterable<Uint8Array>, { signal }: CallOptions): Promise<Aside> {
  let blob = new Blob([])
  for await (const chunk of chunks) {
    signal?.throwIfAborted()
    blob = new Blob([blob, chunk as Uint8Array<ArrayBuffer>])
  }
  return { chunks: readBlob(blob), async [Symbol.asyncDispose]() {} }
}

export function warn(message: string, code: string): void {
  console.warn(`${code}: ${message}`)
}

async function* readBlob(blob: Blob): AsyncGenerator<Uint8Array> {
  for await (const chunk of blob.stream()) yield chunk
}
