import { realpath } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { ShardexError } from '@shardex/errors'
import { assertObjectKey } from '../object-key.ts'
import { isMissing } from './fs-error.ts'
import { hasTempSegment } from './temp-file.ts'

/** A directory that keys are mapped into and never out of. */
export interface FileRoot {
  /** Absolute, ends with `/`. */
  readonly path: string
  /** Where the object of a key is or would be, as text. @throws {ShardexError} `key.invalid` */
  readonly pathOf: (key: string) => string
  /** The path with symbolic links followed, if anything is there. @throws {ShardexError} `path.outside_root` */
  resolve(path: string): Promise<string | undefined>
  /** As `resolve`, for a path that need not exist: as much of it as does exist must be inside. */
  assertInside(path: string): Promise<void>
}

/** @param path absolute; the directory need not exist yet */
export function fileRootAt(path: string): FileRoot {
  const root = path.endsWith(sep) ? path : path + sep

  async function resolve(target: string): Promise<string | undefined> {
    const [real, realRoot] = await Promise.all([realpathOf(target), realpathOf(root)])
    if (real === undefined || realRoot === undefined) return undefined
    const inside = real === realRoot || real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep)
    if (!inside) throw outside(target, root)
    return real
  }

  async function assertInside(target: string): Promise<void> {
    for (let current = target; current.length >= root.length; current = dirname(current)) {
      if ((await resolve(current)) !== undefined) return
    }
  }

  function pathOf(key: string): string {
    assertObjectKey(key)
    if (hasTempSegment(key)) throw reserved(key)
    return join(root, key)
  }

  return { path: root, pathOf, resolve, assertInside }
}

async function realpathOf(path: string): Promise<string | undefined> {
  try {
    return await realpath(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function outside(path: string, root: string): ShardexError {
  return new ShardexError(
    'path.outside_root',
    { path, root },
    { message: `${path} leads out of ${root} through a symbolic link; open the store at the place it leads to` },
  )
}

function reserved(key: string): ShardexError {
  return new ShardexError(
    'key.invalid',
    { key, found: 'a name of a temporary file', wanted: 'another name' },
    { message: `${key} is named like the store's own temporary files; choose another name` },
  )
}
