import { ShardexError } from '@shardex/errors'
import { messageOf, sourceInvalid } from './source-error.ts'

/** What a failed call of the file system means for somebody who named the path. Other errors pass untouched. */
export function fileFailure(path: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !('syscall' in cause) || !('code' in cause)) return cause
  switch (cause.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new ShardexError('storage.not_found', { url: path }, { message: `there is no ${path}; check the path`, cause })
    case 'EACCES':
    case 'EPERM':
      return new ShardexError(
        'storage.denied',
        { url: path },
        { message: `${path} may not be read; check its permissions`, cause },
      )
    case 'EISDIR':
      return sourceInvalid(path, { found: 'a folder', wanted: 'a file', cause })
    case 'EMFILE':
    case 'ENFILE':
      return away(path, 'too many files are open; allow more with `ulimit -n`, or try again when less is running', cause)
    default:
      return away(path, messageOf(cause), cause)
  }
}

/** The same for all that `use` does. */
export async function reading<T>(path: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use()
  } catch (error) {
    throw fileFailure(path, error)
  }
}

function away(path: string, why: string, cause: Error): ShardexError {
  return new ShardexError('storage.unavailable', { url: path }, { message: `${path} cannot be read: ${why}`, cause })
}
