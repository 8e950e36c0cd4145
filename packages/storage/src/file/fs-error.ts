import { ShardexError } from '@shardex/errors'

/** The error code that Node gives to a failed system call, if it is one. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Nothing is there: the name, or a directory on the way to it, does not exist. */
export function isMissing(error: unknown): boolean {
  const errno = errnoOf(error)
  return errno === 'ENOENT' || errno === 'ENOTDIR'
}

/** For `.catch`: `undefined` if nothing is there; what else went wrong is thrown on. */
export function nothingIfMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}

/** What a failed system call means for the object at `url`; what means nothing special passes as it is. */
export function storageErrorOf(error: unknown, url: string): unknown {
  switch (errnoOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new ShardexError(
        'storage.full',
        { url },
        { message: `no space left to write ${url}; free some and try again`, cause: error },
      )
    case 'EACCES':
    case 'EPERM':
      return new ShardexError(
        'storage.denied',
        { url },
        { message: `no permission for ${url}; check its owner and mode`, cause: error },
      )
    case 'EROFS':
      return new ShardexError(
        'storage.read_only',
        { url },
        { message: `${url} is on a read-only file system; mount it writable or choose another place`, cause: error },
      )
    case 'EIO':
      return new ShardexError(
        'storage.unavailable',
        { url },
        {
          message: `the disk of ${url} reports an error; the system's log (dmesg) says which. Mend that, and do it again`,
          cause: error,
        },
      )
    case 'ENOENT':
    case 'ELOOP':
      return new ShardexError(
        'storage.unavailable',
        { url },
        { message: `the way to ${url} leads nowhere, perhaps through a symbolic link; is the disk mounted?`, cause: error },
      )
    case 'EISDIR':
    case 'EEXIST':
    case 'ENOTDIR':
    case 'ENOTEMPTY':
      return keyClash(error, url)
    case 'ENAMETOOLONG':
      return new ShardexError(
        'key.invalid',
        { key: url, found: 'a name that is too long', wanted: 'at most 255 bytes between two /' },
        { message: `${url} has a part that is too long for the file system; keep each under 255 bytes`, cause: error },
      )
    default:
      return error
  }
}

function keyClash(cause: unknown, url: string): ShardexError {
  const found = 'a directory and a file of one name'
  return new ShardexError(
    'key.invalid',
    { key: url, found, wanted: 'a key that is not the beginning of another' },
    { message: `${url} cannot be written: on a file system one name is not both an object and a folder of objects`, cause },
  )
}

/** Bytes that are not those of the file that was found. @returns `storage.corrupt` */
export function changed(url: string, found: string, wanted: string): ShardexError {
  return new ShardexError(
    'storage.corrupt',
    { url, found, wanted },
    { message: `${url} changed while it was being read: found ${found}, wanted ${wanted}; read it again from the start` },
  )
}
