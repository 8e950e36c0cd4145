/**
 * The places that Node reaches, and how. `web.ts` says the same of a browser: package.json says under `imports` which of the two `#platform` is.
 */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hasControl, invalidUrl } from '../invalid-url.ts'
import type { ParsedUrl } from '../url.ts'

export { openCache, withCache } from '../cache/with-cache.ts'
export { localFiles } from '../file/local-files.ts'
export { openFileStore } from '../file/open.ts'
export { readS3Credentials } from '../s3/credentials.ts'
export { openS3Store } from '../s3/open.ts'

/** Redirects are looked at before they are followed. */
export const REDIRECTS: 'manual' | 'follow' = 'manual'

/** The header with which all of an object is asked for, if it needs one. */
export const RANGE_OF_ALL: string | undefined = undefined

/** What has no scheme is a path, relative ones below the working directory. */
export function parsePath(text: string): ParsedUrl {
  return { scheme: 'file', path: resolve(text) }
}

export function parseFileUrl(text: string): ParsedUrl {
  let path: string
  try {
    path = fileURLToPath(text)
  } catch (cause) {
    throw invalidUrl(text, 'a file: URL that is not a local path', 'file:///absolute/path', cause)
  }
  if (hasControl(path)) throw invalidUrl(text, 'a percent-encoded control character')
  // Doubled slashes are the same place, which shall have one spelling.
  return { scheme: 'file', path: resolve(path) }
}
