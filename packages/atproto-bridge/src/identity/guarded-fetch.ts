import { unicastFetchWrap } from '@atproto-labs/fetch-node'
import { ShardexError } from '@shardex/errors'

/** Which addresses may be dialed that others have named: DID documents, records, redirects. */
export interface Reach {
  /** Also private ones (loopback, local networks), and those over http. For servers of your own. Default false. */
  readonly allowPrivate?: boolean | undefined
}

export type Fetch = typeof globalThis.fetch

/**
 * `fetch` for addresses that strangers have named. It dials public addresses only, whatever name leads to them: a name is looked up once, and what was looked
 * up is what is dialed. Redirects are the caller's, who comes here again for each.
 * @param plain which schemes are let through besides `https:`
 * @throws {ShardexError} `url.invalid` for what may not be dialed
 */
export function guardedFetch({ allowPrivate = false }: Reach, plain: 'http' | 'none' = 'none'): Fetch {
  const dial: Fetch = allowPrivate ? globalThis.fetch : unicastFetchWrap()
  const isHttpAllowed = allowPrivate || plain === 'http'
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHttpAllowed))
      throw refused(url, `the scheme ${url.protocol}`, isHttpAllowed ? 'https: or http:' : 'https:')
    try {
      return await dial(input, init)
    } catch (error) {
      if (!allowPrivate && isRefusal(error)) throw refused(url, 'a private address', 'a public one', error)
      throw error
    }
  }
}

/** The text is what tells a refusal of the guard from a server that is away. */
function isRefusal(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (/non-unicast|not a public domain|url policy/.test(cause.message)) return true
  return false
}

function refused({ origin }: URL, found: string, wanted: string, cause?: unknown): ShardexError {
  const message = `${origin} is not dialed, since others have named it: found ${found}, wanted ${wanted}. If it is a server of yours: allowPrivate, or SHARDEX_ALLOW_PRIVATE=1.`
  return new ShardexError('url.invalid', { url: origin, found, wanted }, { message, cause })
}
