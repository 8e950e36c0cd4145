import { ShardexError } from '@shardex/errors'
import { faultOfKey } from '@shardex/repo'

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
      .map((segment, index, all) => (index < all.length - 1 ? segment.replace(/(?<!_)_{2,}$/, '_') : segment))
      .join('/')
  )
}

/**
 * A key that came from outside, unchanged if it is safe as the path of a tar member.
 * @throws {ShardexError} `key.invalid`
 */
export function assertSampleKey(key: string, where: string): string {
  const found = faultOfKey(key)
  if (found === undefined) return key
  const wanted = 'a relative path without "..", without control characters and without a dot in its last segment'
  throw new ShardexError(
    'key.invalid',
    { key, found, wanted },
    { message: `${where}: the key ${JSON.stringify(key)} cannot be used: ${found}; wanted ${wanted}` },
  )
}
