import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf, isMissing } from './fs-error.ts'

/**
 * Make durable what another writer has made, who may not have come to that: the file, and its name in each directory on the way to it.
 * @param root the last directory, above which it is not ours to look
 */
export async function syncFound(path: string, realPath: string, root: string): Promise<void> {
  await syncPath(realPath)
  const directory = dirname(path)
  for (const each of directories(directory, root)) {
    // Those above are perhaps of others, who made them long ago and let nobody open them, or lie where nothing can be synced.
    await (each === directory ? syncPath(each) : syncPath(each).catch(ignoreRefusal))
  }
}

/**
 * A new name is durable once the directory that holds it is; so is a new directory. What was deleted meanwhile needs nothing.
 * @param from the directory to begin with. @param last the one to end with, above it
 */
export async function syncDirectories(from: string, last: string): Promise<void> {
  for (const each of directories(from, last)) await syncPath(each)
}

function* directories(from: string, last: string): Generator<string> {
  for (let current = from; ; current = dirname(current)) {
    yield current
    if (current === last || current === dirname(current)) return
  }
}

function ignoreRefusal(error: unknown): void {
  if (!REFUSALS.has(errnoOf(error))) throw error
}

const REFUSALS: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'EINVAL', 'EROFS'])

async function syncPath(path: string): Promise<void> {
  try {
    await using handle = await open(path, constants.O_RDONLY)
    await handle.sync()
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}
