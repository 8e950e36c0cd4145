import { ShardexError } from '@shardex/errors'
import { backOff, DEFAULT_ATTEMPTS, type RetryOptions } from './backoff.ts'
import type { Span } from './byte-range.ts'

export interface ResumingBody {
  readonly url: string
  readonly span: Span
  /** The body of the response that is already there; it begins at `span.start`. */
  readonly first: AsyncIterable<Uint8Array>
  /** Ask for the rest of the very same bytes, from `start` to `span.end`. What it throws is final. */
  readonly reopen: (start: number) => Promise<AsyncIterable<Uint8Array>>
  readonly retry: RetryOptions
  readonly signal: AbortSignal | undefined
}

/**
 * All bytes of a span, even if the connection breaks, stalls or ends early on the way: the rest is asked for again from the byte
 * after the last one delivered. Gives up after `retry.attempts` breaks in a row without a single new byte.
 * @throws {ShardexError} `storage.unavailable`; `storage.corrupt` if more bytes come than were asked for
 */
export async function* resumingBody({ url, span, first, reopen, retry, signal }: ResumingBody): AsyncGenerator<Uint8Array> {
  let position = span.start
  let body = first
  for (let failures = 0; ; ) {
    let broken: unknown
    try {
      for await (const chunk of body) {
        if (chunk.length === 0) continue
        position += chunk.length
        if (position > span.end) throw tooLong(url, span)
        failures = 0
        yield chunk
      }
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof ShardexError) throw error
      broken = error
    }
    if (position === span.end) return
    failures++
    if (failures >= (retry.attempts ?? DEFAULT_ATTEMPTS)) throw givenUp(url, span, position, failures, broken)
    await backOff(failures, retry, signal)
    body = await reopen(position)
  }
}

function tooLong(url: string, span: Span): ShardexError {
  const wanted = `${span.end - span.start} bytes from ${span.start}`
  return new ShardexError(
    'storage.corrupt',
    { url, found: 'more bytes', wanted },
    { message: `${url} sent more than the ${wanted} that were asked for` },
  )
}

function givenUp(url: string, span: Span, position: number, failures: number, cause: unknown): ShardexError {
  return new ShardexError(
    'storage.unavailable',
    { url },
    {
      message:
        `reading ${url} broke off ${failures} times in a row at byte ${position} of [${span.start}, ${span.end}); ` +
        'check the network and the server, then try again',
      cause,
    },
  )
}
