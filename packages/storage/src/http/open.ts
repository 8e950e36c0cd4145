import { ShardexError } from '@shardex/errors'
import type { RetryOptions } from '../backoff.ts'
import { lifetimeOf } from '../lifetime.ts'
import { assertObjectKey } from '../object-key.ts'
import type { ObjectStore } from '../object-store.ts'
import { parseUrl } from '../url.ts'
import { getHttp, type HttpTarget, headHttp } from './get.ts'

export interface HttpStoreOptions {
  readonly retry?: RetryOptions | undefined
  /** Without a byte from the server, in ms; then the request is tried again. Default 30,000. */
  readonly stallMs?: number | undefined
  /** Instead of the global one, for whoever must not reach every address. A `ShardexError` that it throws is final. */
  readonly fetch?: typeof globalThis.fetch | undefined
}

/**
 * Objects of a web server, to be read only. Works with any server that tells sizes; one that ignores ranges sends every object from
 * its start, and what was not asked for is skipped. A few redirects are followed, never from https to http.
 * @param rootUrl `http(s)://host/path/`; a query is sent along with every key (a shared access signature, for instance)
 * @throws {ShardexError} `url.invalid`
 */
export async function openHttpStore(
  rootUrl: string,
  { retry = {}, stallMs = 30_000, fetch = globalThis.fetch }: HttpStoreOptions = {},
): Promise<ObjectStore> {
  const parsed = parseUrl(rootUrl)
  if (parsed.scheme !== 'http' && parsed.scheme !== 'https') {
    const wanted = 'http://… or https://…'
    throw new ShardexError(
      'url.invalid',
      { url: rootUrl, found: `the scheme ${parsed.scheme}:`, wanted },
      { message: `${rootUrl} is not a web address; wanted ${wanted}` },
    )
  }
  const { origin, pathname, search } = parsed.url
  const root = origin + (pathname.endsWith('/') ? pathname : `${pathname}/`)
  const lifetime = lifetimeOf(root)
  const caller = { retry, stallMs, fetch }

  function urlOf(key: string): string {
    assertObjectKey(key)
    return root + key.split('/').map(encodeSegment).join('/') + search
  }

  function target(key: string): HttpTarget {
    lifetime.assertOpen()
    return { key, url: new URL(urlOf(key)) }
  }

  function refuse(operation: string): never {
    lifetime.assertOpen()
    throw new ShardexError(
      'storage.read_only',
      { url: root },
      { message: `cannot ${operation} at ${root}: a web server is only read from; write to a directory or to s3://` },
    )
  }

  return {
    rootUrl: root,
    supports: { write: false, list: false, putIfAbsent: false },
    urlOf,
    head: async (key, call = {}) => headHttp(caller, target(key), call),
    get: async (key, call = {}) => getHttp(caller, target(key), call),
    put: async () => refuse('put'),
    copy: async () => refuse('copy'),
    delete: async () => refuse('delete'),
    sweep: async () => refuse('sweep'),
    async list() {
      lifetime.assertOpen()
      throw new ShardexError(
        'storage.unsupported',
        { url: root, operation: 'list' },
        {
          message: `a web server cannot list what is at ${root}; name the objects, for instance with braces: shard-{000..009}.tar`,
        },
      )
    },
    async [Symbol.asyncDispose]() {
      lifetime.end()
    },
  }
}

/** What may stand in a path as it is (RFC 3986, section 3.3) does: not every server decodes it. But for +, which some take for a space. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(/%(?:24|26|2C|3A|3B|3D|40)/g, decodeURIComponent)
}
