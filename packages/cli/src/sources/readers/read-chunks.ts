import { createReadStream } from 'node:fs'
import type { ReadOptions } from '../row-reader.ts'

const CHUNK_BYTES = 256 * 1024

/** The bytes of a file from its start, counted for progress. Leaving the loop closes the file. */
export async function* readChunks(path: string, options: ReadOptions = {}): AsyncGenerator<Buffer> {
  options.signal?.throwIfAborted()
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    options.signal?.throwIfAborted()
    yield chunk as Buffer
    options.onBytes?.((chunk as Buffer).byteLength)
  }
}
