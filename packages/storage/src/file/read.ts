import type { FileHandle } from 'node:fs/promises'
import type { Span } from '../byte-range.ts'
import { givenMemory } from '../given-memory.ts'
import type { ChunkOptions } from '../object-store.ts'
import type { FoundFile } from './find-file.ts'
import { changed, storageErrorOf } from './fs-error.ts'
import type { OpenFiles } from './open-files.ts'
import { readFull } from './read-full.ts'

/** So many chunks are read while one is worked on: two, so that a pause of the reader, to collect garbage say, is none of the disk. */
const AHEAD = 2

export interface ReadOptions extends ChunkOptions {
  readonly chunkBytes: number
}

/** The bytes of a span of the file that was found, in chunks that are read ahead. */
export async function* chunksOf(
  files: OpenFiles,
  found: FoundFile,
  span: Span,
  { chunkBytes, reuse = false, into, signal }: ReadOptions,
): AsyncGenerator<Uint8Array, void, void> {
  signal?.throwIfAborted()
  const whole = givenMemory(into, span.end - span.start)
  const file = await files.borrow(found)
  const coming: Promise<Uint8Array>[] = []
  const spare: Uint8Array[] = []
  let next = span.start
  const readOn = (count: number): void => {
    while (coming.length < count && next < span.end) {
      const end = Math.min(next + chunkBytes, span.end)
      const memory =
        whole?.subarray(next - span.start) ??
        spare.pop() ??
        Buffer.allocUnsafeSlow(reuse ? Math.min(chunkBytes, span.end - next) : end - next)
      const chunk = readWhole(file.handle, found, memory.subarray(0, end - next), next)
      chunk.catch(() => {}) // it is told when the turn of the chunk comes
      coming.push(chunk)
      next = end
    }
  }
  try {
    for (readOn(1); coming.length > 0; ) {
      const chunk = await coming.shift()!
      signal?.throwIfAborted()
      readOn(AHEAD)
      yield chunk
      if (reuse) spare.push(chunk)
    }
  } catch (error) {
    throw storageErrorOf(error, found.realPath)
  } finally {
    await Promise.allSettled(coming)
    files.giveBack(file)
  }
}

/** @param chunk filled with what the file has from `start` on */
async function readWhole(handle: FileHandle, { realPath }: FoundFile, chunk: Uint8Array, start: number): Promise<Uint8Array> {
  const filled = await readFull(handle, chunk, start)
  if (filled < chunk.length) throw changed(realPath, `the end at byte ${start + filled}`, `bytes up to ${start + chunk.length}`)
  return chunk
}
