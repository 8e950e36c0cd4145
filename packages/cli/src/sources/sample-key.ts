import { ShardexError } from '@shardex/errors'

/** Keys become member names of a tar: webdataset cuts them at the first dot of the last segment, and tools unpack them as paths. */
const MAX_KEY_BYTES = 1024

/**
 * The key of a file: its path without extension, every character that tars, shells or webdataset could trip over replaced by `_`.
 * Different paths can become the same key; whoever collects keys has to look.
 */
export function keyOfPath(path: string): string {
  const stem = path.replace(/(?<=[^/])\.[^./]*$/, '')
  return (
    stem
      .split('/')
      .map((segment) => segment.normalize('NFC').replace(/[^\p{L}\p{M}\p{N}_-]/gu, '_'))
      // webdataset skips members below a folder whose name ends in "__…__".
      .map((segment, index, all) => (index < all.length - 1 ? segment.replace(/_{2,}$/, '_') : segment))
      .join('/')
  )
}

/**
 * A key that came from outside, unchanged if it is safe as the path of a tar member.
 * @throws {ShardexError} `key.invalid`
 */
export function assertSampleKey(key: string, where: string): string {
  const found = faultOf(key)
  if (found === undefined) return key
  const wanted = 'a relative path without "..", without control characters and without a dot in its last segment'
  throw new ShardexError(
    'key.invalid',
    { key, found, wanted },
    { message: `${where}: the key ${JSON.stringify(key)} has ${found}, wanted ${wanted}` },
  )
}

function faultOf(key: string): string | undefined {
  if (key === '') return 'no character at all'
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `more than ${MAX_KEY_BYTES} bytes`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f]/.test(key) || !key.isWellFormed()) return 'control characters'
  if (key.startsWith('/') || /^[A-Za-z]:[\\/]/.test(key)) return 'an absolute path'
  if (key.includes('\\')) return 'a backslash'
  const segments = key.split('/')
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) return 'an empty, "." or ".." segment'
  return segments.at(-1)?.includes('.') ? 'a dot in its last segment' : undefined
}
