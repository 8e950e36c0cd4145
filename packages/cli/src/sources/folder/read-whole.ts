import { open } from 'node:fs/promises'
import { isShardexError } from '@shardex/errors'
import { fileFailure } from '../file-failure.ts'
import { sourceInvalid } from '../source-error.ts'

const MAX_FILE_BYTES = 1024 ** 3

/** All bytes of one file of a folder. @throws {ShardexError} `source.invalid` if it is gone, or too big to be one sample; `storage.denied` */
export async function readWhole(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  signal?.throwIfAborted()
  try {
    await using handle = await open(path)
    const { size } = await handle.stat()
    if (size <= MAX_FILE_BYTES) return await handle.readFile()
  } catch (cause) {
    const error = fileFailure(path, cause)
    if (!isShardexError(error, 'storage.not_found')) throw error
    throw sourceInvalid(path, {
      found: 'no file',
      wanted: 'what the folder held when it was listed',
      advice: 'start again',
      cause,
    })
  }
  throw sourceInvalid(path, { found: `a file of more than ${MAX_FILE_BYTES} bytes`, wanted: 'samples that fit into memory' })
}
