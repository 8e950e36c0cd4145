import { describe, ShardexError } from '@shardex/errors'

/** S3's limit, kept by every store so that what one accepts the others accept. */
export const MAX_KEY_BYTES: number = 1024

/**
 * Refuse what is not an object key. One rule for all stores: 1 to 1024 bytes of well-formed UTF-8 without control characters or
 * backslashes, cut by `/` into segments none of which is empty, `.` or `..`; so a key never starts or ends with `/`.
 * @throws {ShardexError} `key.invalid`
 */
export function assertObjectKey(key: string): void {
  const flaw = keyFlaw(key)
  if (flaw === undefined) return
  throw new ShardexError(
    'key.invalid',
    { key: describe(key), ...flaw },
    { message: `object key ${describe(key)} has ${flaw.found}; wanted ${flaw.wanted}` },
  )
}

/** Whether {@link assertObjectKey} accepts it. Lists leave out what it does not. */
export function isObjectKey(key: string): boolean {
  return keyFlaw(key) === undefined
}

/** The rule for the prefix of a list: the beginning of some key, or nothing. */
export function assertKeyPrefix(prefix: string): void {
  assertObjectKey(`${prefix}x`)
}

function keyFlaw(key: string): { found: string; wanted: string } | undefined {
  const sizeBytes = new TextEncoder().encode(key).length
  if (sizeBytes === 0 || sizeBytes > MAX_KEY_BYTES) return { found: `${sizeBytes} bytes`, wanted: `1 to ${MAX_KEY_BYTES} bytes` }
  if (!key.isWellFormed()) return { found: 'a lone surrogate', wanted: 'well-formed Unicode' }
  if (/\p{Cc}/u.test(key)) return { found: 'a control character', wanted: 'no control characters' }
  if (key.includes('\\')) return { found: 'a backslash', wanted: 'segments separated by /' }
  for (const segment of key.split('/')) {
    if (segment === '') return { found: 'an empty segment', wanted: 'no / at either end and no //' }
    if (segment === '.' || segment === '..') return { found: `the segment ${segment}`, wanted: 'a key that stays below its root' }
  }
  return undefined
}
