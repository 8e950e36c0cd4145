import { constants } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ShardexError } from '@shardex/errors'
import { blocksOf } from '../blocks.ts'
import type { CallOptions, ObjectHead, PutOptions } from '../object-store.ts'
import { stoppable } from '../stoppable.ts'
import { EarlySync } from './early-sync.ts'
import type { FileRoot } from './file-root.ts'
import { findFile, headOf } from './find-file.ts'
import { errnoOf, storageErrorOf } from './fs-error.ts'
import { createTempFile, type TempFile } from './temp-file.ts'

interface Publication extends CallOptions {
  readonly ifAbsent?: boolean | undefined
}

/** Write beside the destination, make it durable, rename. */
export function putFile(
  root: FileRoot,
  key: string,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  chunkBytes: number,
  options: PutOptions,
): Promise<ObjectHead> {
  const { signal, onProgress } = options
  return publishing(root, key, options, async ({ handle }, path) => {
    let staging: Uint8Array | undefined
    const allocate = () => (staging ??= Buffer.allocUnsafeSlow(chunkBytes))
    const source = body instanceof Uint8Array ? body : stoppable(body, signal)
    const sync = new EarlySync(handle)
    let sentBytes = 0
    for await (const block of blocksOf(source, { sizeOf: () => chunkBytes, allocate, inPlace: true })) {
      signal?.throwIfAborted()
      await translating(path, writeWhole(handle, block, sync, path))
      sentBytes += block.length
      onProgress?.(sentBytes)
    }
    await translating(path, sync.end())
  })
}

export async function copyWithin(root: FileRoot, from: string, to: string, options: Publication): Promise<ObjectHead> {
  root.pathOf(to)
  const source = await findFile(root, from)
  if (source === undefined) throw notFound(root.pathOf(from))
  return publishing(root, to, options, (temp, path) =>
    translating(path, copyFile(source.realPath, temp.path, constants.COPYFILE_FICLONE)),
  )
}

async function publishing(
  root: FileRoot,
  key: string,
  { signal, ifAbsent = false }: Publication,
  fill: (temp: TempFile, path: string) => Promise<void>,
): Promise<ObjectHead> {
  const path = root.pathOf(key)
  signal?.throwIfAborted()
  const found = await findFile(root, key)
  if (ifAbsent && found !== undefined) throw exists(path)
  if (found === undefined) await translating(path, root.assertInside(dirname(path)))
  const temp = await translating(path, createTempFile(path, root.path))
  try {
    // Once more, because the directories were made after the first look.
    await root.assertInside(dirname(path))
    await fill(temp, path)
    signal?.throwIfAborted()
    return headOf(key, await translating(path, temp.publish(ifAbsent), ifAbsent))
  } catch (error) {
    // What cannot be removed now is left for `sweep`; the first error is the one to tell.
    await temp.discard().catch(() => {})
    throw error
  }
}

/** Only for our own calls: an error of the body's source keeps its face, even if a file system gave it. */
async function translating<T>(path: string, call: Promise<T>, ifAbsent = false): Promise<T> {
  try {
    return await call
  } catch (error) {
    throw ifAbsent && errnoOf(error) === 'EEXIST' ? exists(path, error) : storageErrorOf(error, path)
  }
}

async function writeWhole(handle: TempFile['handle'], block: Uint8Array, sync: EarlySync, url: string): Promise<void> {
  for (let written = 0; written < block.length; ) {
    const { bytesWritten } = await handle.write(block, written, block.length - written)
    if (bytesWritten === 0) throw new ShardexError('storage.full', { url }, { message: `${url} takes no more bytes` })
    written += bytesWritten
    sync.wrote(bytesWritten)
  }
}

function exists(url: string, cause?: unknown): ShardexError {
  return new ShardexError('storage.exists', { url }, { message: `${url} exists already and was left as it is`, cause })
}

function notFound(url: string): ShardexError {
  return new ShardexError('storage.not_found', { url }, { message: `there is no object ${url} to copy` })
}
