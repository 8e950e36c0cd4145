import type { BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { ObjectHead } from '../object-store.ts'
import type { FileRoot } from './file-root.ts'
import { isMissing, storageErrorOf } from './fs-error.ts'

/** A regular file inside the root, with symbolic links followed. */
export interface FoundFile {
  /** As the key says. */
  readonly path: string
  readonly realPath: string
  readonly head: ObjectHead
  /** Equal marks mean one file, unchanged. */
  readonly mark: string
}

/** @param known what was found at this path before: as long as it is still that file, nobody asks again where the path leads */
export async function findFile(
  root: FileRoot,
  key: string,
  known?: (path: string) => FoundFile | undefined,
): Promise<FoundFile | undefined> {
  const path = root.pathOf(key)
  try {
    const before = known?.(path)
    if (before !== undefined) {
      const now = foundAs(before, await stat(path, { bigint: true }))
      if (now.mark === before.mark) return now
    }
    const realPath = await root.resolve(path)
    if (realPath === undefined) return undefined
    const stats = await stat(realPath, { bigint: true })
    return stats.isFile() ? foundAs({ path, realPath, head: { key } }, stats) : undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw storageErrorOf(error, path)
  }
}

/** The same file as it is now. */
export function foundAs(
  { path, realPath, head: { key } }: Pick<FoundFile, 'path' | 'realPath'> & { readonly head: Pick<ObjectHead, 'key'> },
  stats: BigIntStats,
): FoundFile {
  const head = headOf(key, stats)
  return { path, realPath, head, mark: `${stats.dev}-${head.etag}` }
}

export function headOf(key: string, stats: BigIntStats): ObjectHead {
  return {
    key,
    sizeBytes: Number(stats.size),
    modifiedAtMs: Number(stats.mtimeMs),
    etag: `${stats.ino.toString(36)}-${stats.size.toString(36)}-${stats.mtimeNs.toString(36)}`,
  }
}
