import { ShardexError } from '@shardex/errors'
import { REDIRECTS } from '#platform'
import { backOff, DEFAULT_ATTEMPTS, type RetryOptions } from '../backoff.ts'
import { shownUrl } from './shown-url.ts'

export interface HttpCaller {
  readonly retry: RetryOptions
  /** Without a byte from the server, in ms. */
  readonly stallMs: number
  readonly fetch: typeof globalThis.fetch
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal | undefined
}

/** An answer whose body is still to come. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  /** Fails when the server falls silent. Iterate it or call `discard`. */
  readonly body: AsyncIterable<Uint8Array>
  readonly discard: () => void
}

const MAX_REDIRECTS = 5
const TRANSIENT: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

/**
 * Ask until there is an answer that another try would not change.
 * @throws {ShardexError} `storage.unavailable` when all tries failed
 */
export async function request(caller: HttpCaller, asked: HttpRequest): Promise<HttpAnswer> {
  const attempts = caller.retry.attempts ?? DEFAULT_ATTEMPTS
  for (let attempt = 1; ; attempt++) {
    let failure: { why: string; cause?: unknown; retryAfterMs?: number }
    try {
      const answer = await follow(caller, asked)
      if (!TRANSIENT.has(answer.status)) return answer
      answer.discard()
      failure = { why: `HTTP ${answer.status}`, retryAfterMs: 1000 * (Number(answer.headers.get('retry-after')) || 0) }
    } catch (cause) {
      asked.signal?.throwIfAborted()
      if (cause instanceof ShardexError) throw cause
      failure = { why: reasonOf(cause), cause }
    }
    if (attempt >= attempts) throw unavailable(asked.url, failure.why, failure.cause)
    await backOff(attempt, caller.retry, asked.signal, failure.retryAfterMs)
  }
}

/** Redirects are followed here and not by `fetch`, to stop at a few and never from https to http; a browser follows them itself. */
async function follow(caller: HttpCaller, asked: HttpRequest): Promise<HttpAnswer> {
  let { url } = asked
  for (let hops = 0; ; hops++) {
    const answer = await send(caller, { ...asked, url })
    const location = answer.status >= 300 && answer.status < 400 ? answer.headers.get('location') : null
    if (location === null) return answer
    answer.discard()
    if (hops === MAX_REDIRECTS) throw unavailable(asked.url, `more than ${MAX_REDIRECTS} redirects`)
    url = nextUrl(url, location)
  }
}

function nextUrl(from: URL, location: string): URL {
  const next = URL.parse(location, from.href)
  const isAllowed = next?.protocol === 'https:' || (next?.protocol === 'http:' && from.protocol === 'http:')
  if (next !== null && isAllowed && next.username === '' && next.password === '') return next
  const found = `a redirect to ${next === null ? 'something that is no URL' : `${next.protocol}//…`}`
  throw new ShardexError(
    'url.invalid',
    { url: shownUrl(from), found, wanted: 'a redirect to https: (or from http: to http:) without credentials' },
    { message: `${shownUrl(from)} answered with ${found}, which is not followed` },
  )
}

async function send({ stallMs, fetch }: HttpCaller, { method, url, headers, signal }: HttpRequest): Promise<HttpAnswer> {
  const watchdog = watchSilence(stallMs, signal)
  try {
    const response = await fetch(url, {
      method,
      redirect: REDIRECTS,
      headers: { 'accept-encoding': 'identity', ...headers },
      signal: watchdog.signal,
    })
    watchdog.rest()
    return {
      status: response.status,
      headers: response.headers,
      body: watchedBody(response, watchdog),
      discard: () => void response.body?.cancel().catch(() => {}),
    }
  } catch (error) {
    watchdog.rest()
    throw error
  }
}

interface Watchdog {
  readonly signal: AbortSignal
  /** Something is awaited from now on. */
  readonly wake: () => void
  /** Nothing is awaited, however long that takes. */
  readonly rest: () => void
}

function watchSilence(stallMs: number, signal: AbortSignal | undefined): Watchdog {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const bark = (): void => controller.abort(new Error(`no byte for ${stallMs} ms`))
  const wake = (): void => {
    timer = setTimeout(bark, stallMs)
  }
  wake()
  return {
    signal: AbortSignal.any(signal === undefined ? [controller.signal] : [signal, controller.signal]),
    wake,
    rest: () => clearTimeout(timer),
  }
}

async function* watchedBody({ body }: Response, watchdog: Watchdog): AsyncGenerator<Uint8Array, void, void> {
  if (body === null) return
  const reader = body.getReader()
  try {
    while (true) {
      watchdog.wake()
      const { done, value } = await reader.read().finally(watchdog.rest)
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

function unavailable(url: URL, why: string, cause?: unknown): ShardexError {
  const shown = shownUrl(url)
  return new ShardexError(
    'storage.unavailable',
    { url: shown },
    { message: `${url.origin} did not answer for ${shown} (${why}); check that it runs and can be reached`, cause },
  )
}

/** `fetch` says only that it failed; the reason is its cause. */
function reasonOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(inner instanceof Error)) return String(error)
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.message
}
