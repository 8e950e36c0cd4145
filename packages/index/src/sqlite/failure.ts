import { accessSync, constants } from 'node:fs'
import { dirname } from 'node:path'
import { ShardexError } from '@shardex/errors'
import { corrupt, unavailable } from '../refusals.ts'

/** Primary result codes of https://sqlite.org/rescode.html; extended ones have them in their low byte. */
const PERMISSION = 3
const BUSY = 5
const LOCKED = 6
const READ_ONLY = 8
const CORRUPT = 11
const FULL = 13
const CANNOT_OPEN = 14
const NOT_A_DATABASE = 26

/** What a failed call means. Our own errors pass untouched. */
export function sqliteFailure(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof ShardexError) return error
  // Not SQLite but the file system: the folder cannot be made.
  if ('syscall' in error) return isRefusal(error) ? denied(path, error) : unavailable(path, folderFailure(error), error)
  // A number that somebody else put there: ours are counts and milliseconds.
  if ('code' in error && error.code === 'ERR_OUT_OF_RANGE') return corrupt(path, error.message, 'integers below 2^53', error)
  if (!('errcode' in error) || typeof error.errcode !== 'number') return error
  switch (error.errcode & 0xff) {
    case BUSY:
    case LOCKED:
      return unavailable(path, `another process holds the file locked (${error.message}); try again`, error)
    case PERMISSION:
    case READ_ONLY:
      return denied(path, error)
    case CANNOT_OPEN:
      return mayWriteAt(path) ? unavailable(path, error.message, error) : denied(path, error)
    case FULL:
      return new ShardexError(
        'storage.full',
        { url: path },
        { message: `no space left for the index at ${path}, which is as it was; free some and try again`, cause: error },
      )
    case CORRUPT:
    case NOT_A_DATABASE:
      return corrupt(path, error.message, 'an SQLite database', error)
    default:
      // "no such column" and its like: the file has a table of ours or atdata's with another shape.
      if (/no such (table|column)|has no column|datatype mismatch|constraint/i.test(error.message)) {
        return corrupt(path, error.message, 'the tables of an index', error)
      }
      return unavailable(path, error.message, error)
  }
}

function folderFailure(error: Error): string {
  const isNowhere = 'code' in error && (error.code === 'ENOENT' || error.code === 'ELOOP')
  return isNowhere ? `the way there leads nowhere; is the disk mounted? (${error.message})` : error.message
}

/** SQLite keeps its log beside the file, and every reader takes part in it. */
function denied(path: string, cause: Error): ShardexError {
  const message = `this user may not write the registry ${path}, which takes write permission for the file and its folder, even to read it (${cause.message}). Have it granted, or copy the whole folder and name the copy.`
  return new ShardexError('storage.denied', { url: path }, { message, cause })
}

function mayWriteAt(path: string): boolean {
  try {
    // With "/.", a file in place of the folder is no refusal.
    accessSync(`${dirname(path)}/.`, constants.W_OK | constants.X_OK)
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch (error) {
    return !isRefusal(error)
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && REFUSALS.has(error.code)
}

const REFUSALS: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EROFS'])
