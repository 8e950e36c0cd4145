import { describe, type ShardexError } from '@shardex/errors'
import { parseFileUrl, parsePath } from '#platform'
import { hasControl, invalidUrl, SUPPORTED } from './invalid-url.ts'

/** Where one object is, taken apart. */
export type ParsedUrl =
  | { readonly scheme: 'file' /** Absolute. */; readonly path: string }
  | { readonly scheme: 's3'; readonly bucket: string /** May be empty: the bucket itself. */; readonly key: string }
  | { readonly scheme: 'http' | 'https'; readonly url: URL }

/**
 * Read a plain path (relative ones are resolved against the working directory, in a browser against the page), `file:`, `s3:` or `http(s):` URL.
 * The key of an `s3:` URL is taken as it is, without percent-decoding, as every S3 tool does.
 * @throws {ShardexError} `url.invalid`; any other scheme is refused, and so are credentials inside a URL
 */
export function parseUrl(text: string): ParsedUrl {
  if (text === '') throw invalidUrl('', 'nothing')
  if (!text.isWellFormed() || hasControl(text)) throw invalidUrl(describe(text), 'a control character or a lone surrogate')
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase()
  switch (scheme) {
    case undefined:
      return parsePath(text)
    case 'file':
      return parseFileUrl(text)
    case 's3':
      return parseS3Url(text)
    case 'http':
    case 'https':
      return { scheme, url: parseHttpUrl(text) }
    default:
      throw invalidUrl(text, `the scheme ${scheme}:`, `${SUPPORTED} (for a file with : in its name: ./name)`)
  }
}

function parseS3Url(text: string): ParsedUrl {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)\/?(.*)$/is.exec(text) ?? []
  if (bucket.includes('@')) throw credentialsInside(text, bucket)
  if (!/^[a-z0-9][a-z0-9._-]{1,254}$/i.test(bucket)) throw invalidUrl(text, `the bucket ${describe(bucket)}`, 's3://bucket/key')
  return { scheme: 's3', bucket, key }
}

function parseHttpUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null) throw invalidUrl(text, 'something that is not a URL')
  if (url.username !== '' || url.password !== '') throw credentialsInside(text, url.host)
  return url
}

/** The URL is not repeated: errors end up in logs. */
function credentialsInside(text: string, host: string): ShardexError {
  const shown = `${text.slice(0, text.indexOf(':'))}://…@${host.slice(host.lastIndexOf('@') + 1)}/…`
  return invalidUrl(shown, 'credentials inside the URL', 'a URL without them; give credentials as an option or in a .env file')
}
