import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { ShardexError } from '@shardex/errors'
import type { Span } from '../byte-range.ts'
import type { ObjectHead } from '../object-store.ts'
import type { FileRoot } from './file-root.ts'
import { isMissing, storageErrorOf } from './fs-error.ts'

/** A regular file inside the root, with symbolic links followed. */
export interface FoundFile {
  readonly realPath: string
  readonly head: ObjectHead
}

export async function findFile(root: FileRoot, key: string): Promise<FoundFile | undefined> {
  const path = root.pathOf(key)
  try {
    const realPath = await root.resolve(path)
    if (realPath === undefined) return undefined
    const stats = await stat(realPath, { bigint: true })
    return stats.isFile() ? { realPath, head: headOf(key, stats) } : undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw storageErrorOf(error, path)
  }
}

export function headOf(key: string, stats: BigIntStats): ObjectHead {
  return {
    key,
    sizeBytes: Number(stats.size),
    modifiedAtMs: Number(stats.mtimeMs),
    etag: `${stats.ino.toString(36)}-${stats.size.toString(36)}-${stats.mtimeNs.toString(36)}`,
  }
}

/** The bytes of a span, opened at the first and closed after the last; the file must still be the one that was found. */
export async function* chunksOf(
  { realPath, head }: FoundFile,
  span: Span,
  chunkBytes: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  signal?.throwIfAborted()
  const handle = await openFound(realPath, head)
  try {
    for (let position = span.start; position < span.end; ) {
      signal?.throwIfAborted()
      const chunk = Buffer.allocUnsafeSlow(Math.min(chunkBytes, span.end - position))
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, position)
      if (bytesRead === 0) throw changed(realPath, `the end at byte ${position}`, `bytes up to ${span.end}`)
      position += bytesRead
      yield chunk.subarray(0, bytesRead)
    }
  } catch (error) {
    throw storageErrorOf(error, realPath)
  } finally {
    await handle.close()
  }
}

async function openFound(realPath: string, head: ObjectHead): Promise<FileHandle> {
  let handle: FileHandle
  try {
    handle = await open(realPath, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    if (isMissing(error)) throw changed(realPath, 'no file', 'the file that was there before')
    throw storageErrorOf(error, realPath)
  }
  const now = headOf(head.key, await handle.stat({ bigint: true }))
  if (now.etag === head.etag) return handle
  await handle.close()
  throw changed(realPath, `${now.sizeBytes} bytes, replaced or rewritten`, `${head.sizeBytes} bytes, unchanged`)
}

function changed(url: string, found: string, wanted: string): ShardexError {
  return new ShardexError(
    'storage.corrupt',
    { url, found, wanted },
    { message: `${url} changed while it was being read: found ${found}, wanted ${wanted}; read it again from the start` },
  )
}
