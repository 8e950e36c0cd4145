import { resolve, sep } from 'node:path'
import { ShardexError } from '@shardex/errors'
import type { ObjectStore } from '../object-store.ts'
import { openFileStore } from './open.ts'

/** The files of this machine, as far as they may be reached. */
export interface LocalFiles {
  open(): Promise<ObjectStore>
  /** The key of an absolute path in that store. @throws {ShardexError} `path.outside_root` */
  keyOf(path: string): string
}

/** @param root default: every path */
export function localFiles(root = '/'): LocalFiles {
  const directory = resolve(root)
  return { open: () => openFileStore(directory), keyOf: (path) => keyBelow(directory, path) }
}

function keyBelow(root: string, path: string): string {
  const start = root.endsWith(sep) ? root : root + sep
  if (path.startsWith(start) && path !== start) return path.slice(start.length)
  throw new ShardexError(
    'path.outside_root',
    { path, root },
    { message: `${path} is not a file below ${root}; only files below it are allowed here` },
  )
}
