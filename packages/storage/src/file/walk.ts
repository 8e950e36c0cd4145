import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isObjectKey } from '../object-key.ts'
import { compareUtf8 } from '../utf8-order.ts'
import { isMissing } from './fs-error.ts'
import { isTempName } from './temp-file.ts'

export interface Walked {
  readonly key: string
  readonly kind: 'file' | 'link' | 'temp'
}

/**
 * The keys of all files that start with `prefix` and come after `after`, in UTF-8 byte order, temporary files among them. One
 * directory at a time is in memory; those that cannot hold such a key are not opened.
 */
export async function* walk(root: string, prefix: string, after: string): AsyncGenerator<Walked, void, void> {
  yield* walkDirectory(root, prefix.slice(0, prefix.lastIndexOf('/') + 1), prefix, after)
}

async function* walkDirectory(
  root: string,
  directory: string,
  prefix: string,
  after: string,
): AsyncGenerator<Walked, void, void> {
  for (const { key, kind } of await childrenOf(root, directory)) {
    const isPast = compareUtf8(key, after) > 0
    if (kind === 'directory') {
      const canMatch = key.startsWith(prefix) || prefix.startsWith(key)
      if (canMatch && (isPast || after.startsWith(key))) yield* walkDirectory(root, key, prefix, after)
    } else if (isPast && (kind === 'temp' || key.startsWith(prefix))) {
      yield { key, kind }
    }
  }
}

interface Child {
  readonly key: string
  readonly kind: Walked['kind'] | 'directory'
}

/** A directory sorts as the keys below it do, with its `/`: `a-`, `a/b`, `a0`. */
async function childrenOf(root: string, directory: string): Promise<Child[]> {
  const children: Child[] = []
  for (const entry of await entriesOf(join(root, directory))) {
    const kind = kindOf(entry)
    const key = directory + entry.name
    if (kind !== undefined && isObjectKey(key)) children.push({ key: kind === 'directory' ? `${key}/` : key, kind })
  }
  return children.sort((a, b) => compareUtf8(a.key, b.key))
}

function kindOf(entry: Dirent): Child['kind'] | undefined {
  if (isTempName(entry.name)) return entry.isFile() ? 'temp' : undefined
  if (entry.isDirectory()) return 'directory'
  if (entry.isFile()) return 'file'
  return entry.isSymbolicLink() ? 'link' : undefined
}

async function entriesOf(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true })
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
