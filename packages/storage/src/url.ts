import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, ShardexError } from '@shardex/errors'

/** Where one object is, taken apart. */
export type ParsedUrl =
  | { readonly scheme: 'file' /** Absolute. */; readonly path: string }
  | { readonly scheme: 's3'; readonly bucket: string /** May be empty: the bucket itself. */; readonly key: string }
  | { readonly scheme: 'http' | 'https'; readonly url: URL }

const SUPPORTED = 'a path, file:///path, s3://bucket/key, http://… or https://…'

/**
 * Read a plain path (relative ones are resolved against the working directory), `file:`, `s3:` or `http(s):` URL. The key of an
 * `s3:` URL is taken as it is, without percent-decoding, as every S3 tool does.
 * @throws {ShardexError} `url.invalid`; any other scheme is refused, and so are credentials inside a URL
 */
export function parseUrl(text: string): ParsedUrl {
  if (text === '') throw invalid('', 'nothing')
  if (!text.isWellFormed() || hasControl(text)) throw invalid(describe(text), 'a control character or a lone surrogate')
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase()
  switch (scheme) {
    case undefined:
      return { scheme: 'file', path: resolve(text) }
    case 'file':
      return { scheme, path: pathOfFileUrl(text) }
    case 's3':
      return parseS3Url(text)
    case 'http':
    case 'https':
      return { scheme, url: parseHttpUrl(text) }
    default:
      throw invalid(text, `the scheme ${scheme}:`, `${SUPPORTED} (for a file with : in its name: ./name)`)
  }
}

function pathOfFileUrl(text: string): string {
  let path: string
  try {
    path = fileURLToPath(text)
  } catch (cause) {
    throw invalid(text, 'a file: URL that is not a local path', 'file:///absolute/path', cause)
  }
  if (hasControl(path)) throw invalid(text, 'a percent-encoded control character')
  // Doubled slashes are the same place, which shall have one spelling.
  return resolve(path)
}

function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text)
}

function parseS3Url(text: string): ParsedUrl {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)\/?(.*)$/is.exec(text) ?? []
  if (bucket.includes('@')) throw credentialsInside(text, bucket)
  if (!/^[a-z0-9][a-z0-9._-]{1,254}$/i.test(bucket)) throw invalid(text, `the bucket ${describe(bucket)}`, 's3://bucket/key')
  return { scheme: 's3', bucket, key }
}

function parseHttpUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null) throw invalid(text, 'something that is not a URL')
  if (url.username !== '' || url.password !== '') throw credentialsInside(text, url.host)
  return url
}

/** The URL is not repeated: errors end up in logs. */
function credentialsInside(text: string, host: string): ShardexError {
  const shown = `${text.slice(0, text.indexOf(':'))}://…@${host.slice(host.lastIndexOf('@') + 1)}/…`
  return invalid(shown, 'credentials inside the URL', 'a URL without them; give credentials as an option or in a .env file')
}

function invalid(url: string, found: string, wanted: string = SUPPORTED, cause?: unknown): ShardexError {
  const shown = url.length > 200 ? `${url.slice(0, 200)}…` : url
  return new ShardexError(
    'url.invalid',
    { url: shown, found, wanted },
    { message: `URL ${shown} has ${found}; wanted ${wanted}`, cause },
  )
}
