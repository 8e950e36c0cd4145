import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { reading } from '../file-failure.ts'

export interface FolderListing {
  /** Paths below the folder with `/`, in UTF-8 byte order: the same on every machine. */
  readonly files: readonly string[]
  /** What is there but was left out, by reason. */
  readonly skipped: ReadonlyMap<string, number>
}

/**
 * Every regular file below a folder. Hidden files, links that lead out of the folder, links to folders (they can form circles) and devices
 * are left out and counted. Memory holds the paths, not the files.
 */
export async function listFiles(root: string, signal?: AbortSignal): Promise<FolderListing> {
  const files: string[] = []
  const skipped = new Map<string, number>()
  const skip = (reason: string): void => void skipped.set(reason, (skipped.get(reason) ?? 0) + 1)
  const realRoot = await reading(root, () => realpath(root))
  const pending = ['']
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    signal?.throwIfAborted()
    for (const item of await readFolder(join(root, folder))) {
      const path = folder === '' ? item.name : `${folder}/${item.name}`
      if (item.name.startsWith('.')) skip('hidden files')
      else if (item.isDirectory()) pending.push(path)
      else if (item.isFile()) files.push(path)
      else if (item.isSymbolicLink()) {
        const fault = await faultOfLink(join(root, path), realRoot)
        if (fault === undefined) files.push(path)
        else skip(fault)
      } else skip('devices, pipes or sockets')
    }
  }
  return { files: sortByBytes(files), skipped }
}

function readFolder(path: string): Promise<Dirent[]> {
  return reading(path, () => readdir(path, { withFileTypes: true }))
}

async function faultOfLink(path: string, realRoot: string): Promise<string | undefined> {
  const target = await realpath(path).catch(() => undefined)
  if (target === undefined) return 'links that lead nowhere'
  if (!`${target}${sep}`.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep))
    return 'links that lead out of the folder'
  return (await reading(path, () => stat(target))).isFile() ? undefined : 'links to folders'
}

/** JavaScript compares UTF-16, which puts characters beyond U+FFFF before some below. */
function sortByBytes(paths: readonly string[]): string[] {
  return paths
    .map((path) => ({ path, bytes: Buffer.from(path) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ path }) => path)
}
