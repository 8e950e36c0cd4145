import { stat, unlink } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { isShardexError } from '@shardex/errors'
import { assertRange, spanOf } from '../byte-range.ts'
import { lifetimeOf } from '../lifetime.ts'
import { assertKeyPrefix } from '../object-key.ts'
import type { ListOptions, ListPage, ObjectHead, ObjectStore, SweepOptions } from '../object-store.ts'
import { pageLimit } from '../page-limit.ts'
import { type FileRoot, fileRootAt } from './file-root.ts'
import { type FoundFile, findFile, headOf } from './find-file.ts'
import { errnoOf, isMissing, storageErrorOf } from './fs-error.ts'
import { OpenFiles } from './open-files.ts'
import { chunksOf } from './read.ts'
import { syncFound } from './sync.ts'
import { destinationStart, pruneDirectories } from './temp-file.ts'
import { walk } from './walk.ts'
import { copyWithin, putFile } from './write.ts'

export interface FileStoreOptions {
  /** Size of one read or write, in bytes. Default: reads of 2 MiB, and writes of 1 MiB. */
  readonly chunkBytes?: number | undefined
}

const READ_BYTES = 2 ** 21
const WRITE_BYTES = 2 ** 20

/**
 * Objects as files below a directory, one file each, keys as relative paths. Writes go to a hidden temporary file beside the
 * destination, are synced and renamed. Symbolic links are followed as long as they stay inside. A file that was read stays open for
 * about a second, because who reads parts comes back for more.
 * @param root a directory; made by the first `put` if it is not there
 */
export async function openFileStore(root: string, { chunkBytes }: FileStoreOptions = {}): Promise<ObjectStore> {
  if (chunkBytes !== undefined && !(Number.isSafeInteger(chunkBytes) && chunkBytes > 0))
    throw new TypeError(`chunkBytes is a positive integer, found ${chunkBytes}`)
  const files = fileRootAt(resolve(root))
  const lifetime = lifetimeOf(files.path)
  const openFiles = new OpenFiles()
  return {
    rootUrl: files.path,
    supports: { write: true, list: true, putIfAbsent: true },
    urlOf: files.pathOf,
    async head(key, { durable = false, signal } = {}) {
      lifetime.assertOpen()
      signal?.throwIfAborted()
      const found = await findFile(files, key)
      if (durable && found !== undefined) await settle(files, found)
      return found?.head
    },
    async get(key, { range, reuse = false, into, signal } = {}) {
      lifetime.assertOpen()
      signal?.throwIfAborted()
      if (range !== undefined) assertRange(range)
      const found = await findFile(files, key, (path) => openFiles.known(path))
      if (found === undefined) return undefined
      const span = spanOf(range, found.head.sizeBytes, files.pathOf(key))
      return {
        ...found.head,
        lengthBytes: span.end - span.start,
        chunks: chunksOf(openFiles, found, span, { chunkBytes: chunkBytes ?? READ_BYTES, reuse, into, signal }),
      }
    },
    async put(key, body, options = {}) {
      lifetime.assertOpen()
      return putFile(files, key, body, chunkBytes ?? WRITE_BYTES, options)
    },
    async list(prefix, options = {}) {
      lifetime.assertOpen()
      return listFiles(files, prefix, options)
    },
    async copy(from, to, options = {}) {
      lifetime.assertOpen()
      return copyWithin(files, from, to, options)
    },
    async delete(key, options = {}) {
      lifetime.assertOpen()
      options.signal?.throwIfAborted()
      openFiles.forget(files.pathOf(key))
      await deleteFile(files, key)
    },
    async sweep(prefix, options) {
      lifetime.assertOpen()
      return sweepTempFiles(files, prefix, options)
    },
    async [Symbol.asyncDispose]() {
      lifetime.end()
      await openFiles[Symbol.asyncDispose]()
    },
  }
}

async function settle(root: FileRoot, { path, realPath }: FoundFile): Promise<void> {
  try {
    await syncFound(path, realPath, resolve(root.path))
  } catch (error) {
    throw storageErrorOf(error, path)
  }
}

async function listFiles(root: FileRoot, prefix: string, options: ListOptions): Promise<ListPage> {
  assertKeyPrefix(prefix)
  const limit = pageLimit(options)
  const objects: ObjectHead[] = []
  for await (const { key, kind } of walk(root.path, prefix, options.cursor ?? '')) {
    options.signal?.throwIfAborted()
    if (kind === 'temp') continue
    const head = kind === 'link' ? await headOfLink(root, key) : await headOfFile(root, key)
    if (head === undefined) continue
    if (objects.length === limit) return { objects, cursor: objects[limit - 1]!.key }
    objects.push(head)
  }
  return { objects }
}

/** A file may be deleted between the look at its directory and the look at itself. */
async function headOfFile(root: FileRoot, key: string): Promise<ObjectHead | undefined> {
  const path = root.pathOf(key)
  try {
    return headOf(key, await stat(path, { bigint: true }))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw storageErrorOf(error, path)
  }
}

/** A list shows what can be read: links to files inside the root. */
async function headOfLink(root: FileRoot, key: string): Promise<ObjectHead | undefined> {
  try {
    return (await findFile(root, key))?.head
  } catch (error) {
    if (isShardexError(error, 'path.outside_root')) return undefined
    throw error
  }
}

async function deleteFile(root: FileRoot, key: string): Promise<void> {
  const path = root.pathOf(key)
  try {
    await root.assertInside(dirname(path))
    await unlink(path)
    await pruneDirectories(dirname(path), root.path)
  } catch (error) {
    // A directory is not an object.
    if (!isMissing(error) && errnoOf(error) !== 'EISDIR') throw storageErrorOf(error, path)
  }
}

async function sweepTempFiles(root: FileRoot, prefix: string, options: SweepOptions): Promise<number> {
  const { olderThanMs, only = () => true, signal } = options
  assertKeyPrefix(prefix)
  const oldestMs = Date.now() - olderThanMs
  let removed = 0
  for await (const { key, kind } of walk(root.path, prefix, '')) {
    signal?.throwIfAborted()
    if (kind !== 'temp') continue
    const start = destinationKey(key)
    // A name that was cut is all that is known of a long key.
    const isMeant = (start.startsWith(prefix) || prefix.startsWith(start)) && only(start)
    if (isMeant && (await removeIfOlder(join(root.path, key), oldestMs))) removed++
  }
  return removed
}

/** The key that a temporary file is to become, or how it starts. */
function destinationKey(tempKey: string): string {
  const name = basename(tempKey)
  return tempKey.slice(0, tempKey.length - name.length) + destinationStart(name)
}

/** Its writer may publish or discard it at any moment. */
async function removeIfOlder(path: string, oldestMs: number): Promise<boolean> {
  try {
    if ((await stat(path)).mtimeMs > oldestMs) return false
    await unlink(path)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw storageErrorOf(error, path)
  }
}
