import { ShardexError } from '@shardex/errors'
import { invalidUrl } from '../invalid-url.ts'
import type { ParsedUrl } from '../url.ts'
import type * as Node from './node.ts'

/** A page is not shown where a redirect leads; the browser keeps to the rules that we have: a few, and never from https to http. */
export const REDIRECTS: 'manual' | 'follow' = 'follow'

/** Only who asks for a range gets the bytes as they are: else a browser asks for compressed ones, and hides of what size they are. */
export const RANGE_OF_ALL: string | undefined = 'bytes=0-'

/** What has no scheme is relative to the page, as everywhere in a browser. */
export function parsePath(text: string): ParsedUrl {
  const { document, location } = globalThis as { document?: { baseURI: string }; location?: { href: string } }
  const url = URL.parse(text, document?.baseURI ?? location?.href)
  if (url?.protocol === 'https:' || url?.protocol === 'http:')
    return { scheme: url.protocol === 'https:' ? 'https' : 'http', url }
  throw invalidUrl(text, 'a place relative to a page that has none on the web', WEB_ADDRESS)
}

export function parseFileUrl(text: string): ParsedUrl {
  throw invalidUrl(text, 'the scheme file:', WEB_ADDRESS)
}

export const localFiles: typeof Node.localFiles = () => ({ open: async () => refuseFiles(), keyOf: (path) => path })

export const openFileStore: typeof Node.openFileStore = async () => refuseFiles()

export const openS3Store: typeof Node.openS3Store = async ({ bucket }) => {
  throw elsewhere(`s3://${bucket}/`, 'a bucket by its keys')
}

export const readS3Credentials: typeof Node.readS3Credentials = () => {
  throw new TypeError('credentials are not read in a browser')
}

export const openCache: typeof Node.openCache = () => {
  throw new TypeError(NO_CACHE)
}

export const withCache: typeof Node.withCache = () => {
  throw new TypeError(NO_CACHE)
}

const NO_CACHE = 'a browser has no directory to cache in; it keeps what it fetches as its server says'
const WEB_ADDRESS = 'https://…, http://… or a path relative to the page'

function refuseFiles(): never {
  throw elsewhere('file:///', 'a directory')
}

function elsewhere(url: string, operation: string): ShardexError {
  const message = `a browser cannot open ${operation} (${url}): give the https:// address that a server has for it`
  return new ShardexError('storage.unsupported', { url, operation: `open ${operation}` }, { message })
}
