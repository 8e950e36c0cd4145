import { describe, ShardexError } from '@shardex/errors'

/** Every shard that we write holds one member per sample, `{key}.msgpack`, as atdata does. */
export const MEMBER_SUFFIX = '.msgpack'

const MAX_KEY_BYTES = 1024
const POSITION_DIGITS = 9

/** The key of the sample at a position of the dataset, for samples that bring none: nine digits, so that they sort. */
export function positionKey(position: number): string {
  return String(position).padStart(POSITION_DIGITS, '0')
}

/** A sample's member in the tar. */
export interface Member {
  readonly key: string
  /** UTF-8 of `{key}.msgpack`. */
  readonly name: Uint8Array
  readonly ascii: boolean
}

/** @throws `key.invalid` */
export function memberOf(key: unknown): Member {
  assertKey(key)
  const name = Buffer.from(key + MEMBER_SUFFIX)
  return { key, name, ascii: name.length === key.length + MEMBER_SUFFIX.length }
}

/** Order of UTF-8 bytes, which is the order of code points. JavaScript compares UTF-16 units: the same but for surrogates. */
export function utf8Before(a: string, b: string): boolean {
  if (!surrogate.test(a) && !surrogate.test(b)) return a < b
  const [first, second] = [utf8.encode(a), utf8.encode(b)]
  const apart = first.findIndex((byte, i) => byte !== second[i])
  return apart < 0 ? first.length < second.length : apart < second.length && first[apart]! < second[apart]!
}

const utf8 = new TextEncoder()

const surrogate = /[\ud800-\udfff]/

/**
 * A key becomes a path in a tar and is cut at the first dot of its last part by WebDataset readers, so it must be a relative
 * path without dots in the last part, control characters, backslashes, `.`/`..` or empty parts, at most 1024 bytes of UTF-8.
 * @throws `key.invalid`
 */
export function assertKey(key: unknown): asserts key is string {
  const wrong = typeof key === 'string' ? faultOfKey(key) : 'not a string'
  if (wrong === undefined) return
  const shown = describe(key)
  throw new ShardexError(
    'key.invalid',
    { key: shown, found: wrong, wanted: 'a relative path of at most 1024 bytes without dots in its last part' },
    { message: `the sample key ${shown} cannot be used: ${wrong}. Choose keys like "train/000017".` },
  )
}

/** What is wrong with a key, if anything is. */
export function faultOfKey(key: string): string | undefined {
  if (plain.test(key) && key.length <= 256) return undefined
  if (key === '') return 'it is empty'
  if (!key.isWellFormed()) return 'it has a lone surrogate'
  const sizeBytes = utf8.encode(key).length
  if (sizeBytes > MAX_KEY_BYTES) return `it is ${sizeBytes} bytes long`
  if (/[\p{Cc}\\]/u.test(key)) return 'it has a control character or a backslash'
  const parts = key.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'it has an empty, "." or ".." part'
  if (parts.at(-1)!.includes('.')) return 'its last part has a dot, where WebDataset readers would cut it'
  if (/__[^/]*__\//.test(key)) return 'a folder in it ends in __x__, which WebDataset readers skip'
  return undefined
}

const plain = /^[A-Za-z0-9][A-Za-z0-9-]*$/
