import type { FileHandle } from 'node:fs/promises'
import type { Span } from '../byte-range.ts'
import type { FoundFile } from './find-file.ts'
import { changed, storageErrorOf } from './fs-error.ts'
import type { OpenFiles } from './open-files.ts'

/** The bytes of a span of the file that was found, each chunk read while the one before is worked on. */
export async function* chunksOf(
  files: OpenFiles,
  found: FoundFile,
  span: Span,
  chunkBytes: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  signal?.throwIfAborted()
  const file = await files.borrow(found)
  let coming: Promise<Uint8Array> | undefined
  const readOn = (position: number): void => {
    coming = position < span.end ? readChunk(file.handle, found, position, span.end, chunkBytes) : undefined
    coming?.catch(() => {}) // it is told when the turn of the chunk comes
  }
  try {
    readOn(span.start)
    for (let position = span.start; coming !== undefined; ) {
      const chunk: Uint8Array = await coming
      signal?.throwIfAborted()
      position += chunk.length
      readOn(position)
      yield chunk
    }
  } catch (error) {
    throw storageErrorOf(error, found.realPath)
  } finally {
    await coming?.catch(() => {})
    files.giveBack(file)
  }
}

async function readChunk(
  handle: FileHandle,
  { realPath }: FoundFile,
  position: number,
  end: number,
  chunkBytes: number,
): Promise<Uint8Array> {
  const chunk = Buffer.allocUnsafeSlow(Math.min(chunkBytes, end - position))
  const { bytesRead } = await handle.read(chunk, 0, chunk.length, position)
  if (bytesRead === 0) throw changed(realPath, `the end at byte ${position}`, `bytes up to ${end}`)
  return chunk.subarray(0, bytesRead)
}
