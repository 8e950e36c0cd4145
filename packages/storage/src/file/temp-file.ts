import { randomBytes } from 'node:crypto'
import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, link, mkdir, open, rename, rmdir, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { errnoOf, isMissing } from './fs-error.ts'
import { syncDirectories } from './sync.ts'

const PREFIX = '.shardex-tmp-'
const RANDOM_BYTES = 9
/** Base64url of the random bytes, and a dash. */
const RANDOM_CHARACTERS = 13
/** At most 210 bytes of UTF-8: with what stands before, it fits into a file name. */
const NAME_CHARACTERS = 70

export function isTempName(name: string): boolean {
  return name.startsWith(PREFIX)
}

export function hasTempSegment(key: string): boolean {
  return key.split('/').some(isTempName)
}

/** How the name of the file starts that a temporary file is to become; empty if that is not known. */
export function destinationStart(name: string): string {
  return name.slice(PREFIX.length + RANDOM_CHARACTERS)
}

/** A file that is being written beside its destination, on the same file system and out of sight. */
export interface TempFile {
  readonly path: string
  readonly handle: FileHandle
  /**
   * Make it durable under its final name, in one step.
   * @param ifAbsent by link(2), which never replaces and has one winner; fails with EEXIST
   * @returns what is known of it, which the new name does not change
   */
  publish(ifAbsent: boolean): Promise<BigIntStats>
  /** Remove it and the directories that were made for it. */
  discard(): Promise<void>
}

/** @param root where the removal of emptied directories ends */
export async function createTempFile(destination: string, root: string): Promise<TempFile> {
  const directory = dirname(destination)
  const { path, handle, made } = await createIn(directory, basename(destination), root)
  return {
    path,
    handle,
    async publish(ifAbsent) {
      await handle.sync()
      const stats = await handle.stat({ bigint: true })
      await handle.close()
      await (ifAbsent ? linkAndUnlink(path, destination) : rename(path, destination))
      await syncDirectories(directory, made === undefined ? directory : dirname(made))
      return stats
    },
    async discard() {
      await handle.close()
      await unlink(path).catch(ignoreMissing)
      await pruneDirectories(directory, root)
    },
  }
}

/** Remove directories that have become empty, from `directory` upwards; `root` itself stays. */
export async function pruneDirectories(directory: string, root: string): Promise<void> {
  for (let current = directory; current.length >= root.length; current = dirname(current)) {
    try {
      await rmdir(current)
    } catch {
      return // Not empty, or not ours to remove: whatever is above is not empty either.
    }
  }
}

function tempName(destination: string): string {
  const start = destination.slice(0, NAME_CHARACTERS)
  return `${PREFIX}${randomBytes(RANDOM_BYTES).toString('base64url')}-${start.isWellFormed() ? start : start.slice(0, -1)}`
}

async function createIn(
  directory: string,
  name: string,
  root: string,
): Promise<{ path: string; handle: FileHandle; made: string | undefined }> {
  for (let tries = 0; ; tries++) {
    const path = join(directory, tempName(name))
    try {
      const made = await makeDirectory(directory)
      const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o666)
      return { path, handle, made }
    } catch (error) {
      // Another writer may prune the empty directory between two steps.
      if (errnoOf(error) === 'ENOENT' && tries < 20) continue
      await pruneDirectories(directory, root)
      throw error
    }
  }
}

/**
 * With all directories above it. Node's own recursive one reports a read-only file system as a missing directory, and never ends
 * where none can be made (/proc).
 * @returns the topmost directory that was made, if any
 */
async function makeDirectory(path: string, parentIsThere = false): Promise<string | undefined> {
  try {
    await mkdir(path)
    return path
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return undefined
    // A parent that exists and yet takes nothing is a link to nowhere, or of /proc: making it again would go on for ever.
    if (errnoOf(error) !== 'ENOENT' || parentIsThere) throw error
  }
  const above = await makeDirectory(dirname(path))
  const made = await makeDirectory(path, true)
  return above ?? made
}

async function linkAndUnlink(path: string, destination: string): Promise<void> {
  await link(path, destination)
  await unlink(path)
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error
}
