import { createReadStream } from 'node:fs'
import { fileFailure } from '../file-failure.ts'
import type { ReadOptions } from '../row-reader.ts'

const CHUNK_BYTES = 256 * 1024

/** The bytes of a file from its start, counted for progress. Leaving the loop closes the file. @throws {ShardexError} `storage.denied` */
export async function* readChunks(path: string, options: ReadOptions = {}): AsyncGenerator<Buffer> {
  options.signal?.throwIfAborted()
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
      options.signal?.throwIfAborted()
      yield chunk as Buffer
      options.onBytes?.((chunk as Buffer).byteLength)
    }
  } catch (error) {
    throw fileFailure(path, error)
  }
}
