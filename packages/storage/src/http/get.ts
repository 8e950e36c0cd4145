import { ShardexError } from '@shardex/errors'
import { RANGE_OF_ALL } from '#platform'
import { assertRange, type Span, spanOf } from '../byte-range.ts'
import type { ByteRange, CallOptions, ObjectBody, ObjectHead } from '../object-store.ts'
import { resumingBody } from '../resuming-body.ts'
import { type Answered, assertSameObject, readAnswer } from './answer.ts'
import { type HttpCaller, request } from './request.ts'
import { shownUrl } from './shown-url.ts'

export interface HttpTarget {
  readonly key: string
  readonly url: URL
}

/** By HEAD; where that is not allowed (presigned URLs) or tells no size, by asking for the first byte. */
export async function headHttp(
  caller: HttpCaller,
  { key, url }: HttpTarget,
  { signal }: CallOptions,
): Promise<ObjectHead | undefined> {
  const answer = await request(caller, { method: 'HEAD', url, headers: {}, signal })
  answer.discard()
  if (answer.status === 404 || answer.status === 410) return undefined
  const length = answer.headers.get('content-length')
  const found =
    answer.status === 200 && length !== null
      ? readAnswer(answer, url)
      : await ask(caller, url, { range: { start: 0, end: 1 }, signal })
  found?.discard()
  return found && headOf(key, found)
}

export async function getHttp(
  caller: HttpCaller,
  target: HttpTarget,
  { range, signal }: CallOptions & { readonly range?: ByteRange | undefined },
): Promise<ObjectBody | undefined> {
  if (range !== undefined) assertRange(range)
  if (range !== undefined && range.start === range.end) return emptyBody(caller, target, range, signal)
  const found = await ask(caller, target.url, { range, signal })
  if (found === undefined) return undefined
  const url = shownUrl(target.url)
  try {
    const span = spanOf(range, found.sizeBytes, url)
    return {
      ...headOf(target.key, found),
      lengthBytes: span.end - span.start,
      chunks: resumingBody({
        url,
        span,
        first: cut(found, span),
        reopen: (position) => rest(caller, target.url, { ...span, start: position }, found, signal),
        retry: caller.retry,
        signal,
      }),
    }
  } catch (error) {
    found.discard()
    throw error
  }
}

async function emptyBody(
  caller: HttpCaller,
  target: HttpTarget,
  range: ByteRange,
  signal: AbortSignal | undefined,
): Promise<ObjectBody | undefined> {
  const head = await headHttp(caller, target, { signal })
  if (head === undefined) return undefined
  spanOf(range, head.sizeBytes, shownUrl(target.url))
  return { ...head, lengthBytes: 0, chunks: (async function* () {})() }
}

/** The same bytes from further on; never those of an object that has taken its place. */
async function rest(
  caller: HttpCaller,
  url: URL,
  span: Span,
  before: Answered,
  signal: AbortSignal | undefined,
): Promise<AsyncIterable<Uint8Array>> {
  const now = await ask(caller, url, { range: span, onlyIf: before.strongEtag, signal })
  if (now === undefined) throw gone(url)
  assertSameObject(before, now, url)
  return cut(now, span)
}

async function ask(
  caller: HttpCaller,
  url: URL,
  { range, onlyIf, signal }: CallOptions & { range?: ByteRange | undefined; onlyIf?: string | undefined },
): Promise<Answered | undefined> {
  const headers: Record<string, string> = {}
  const wanted = range === undefined ? RANGE_OF_ALL : `bytes=${range.start}-${range.end === undefined ? '' : range.end - 1}`
  if (wanted !== undefined) headers['range'] = wanted
  if (onlyIf !== undefined) headers['if-range'] = onlyIf
  const answer = await request(caller, { method: 'GET', url, headers, signal })
  if (answer.status === 404 || answer.status === 410) {
    answer.discard()
    return undefined
  }
  return readAnswer(answer, url)
}

/**
 * The bytes of the span out of a body that may begin before and end after it: a server that ignores `Range` sends everything, and
 * what was not asked for is skipped.
 */
async function* cut({ body, start }: Answered, span: Span): AsyncGenerator<Uint8Array, void, void> {
  let position = start
  for await (const chunk of body) {
    const from = Math.max(0, span.start - position)
    const to = Math.min(chunk.length, span.end - position)
    position += chunk.length
    if (from < to) yield from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to)
    if (position >= span.end) return
  }
}

function headOf(key: string, { sizeBytes, strongEtag, modifiedAtMs }: Answered): ObjectHead {
  return { key, sizeBytes, modifiedAtMs, etag: strongEtag?.replaceAll('"', '') }
}

function gone(url: URL): ShardexError {
  const shown = shownUrl(url)
  return new ShardexError(
    'storage.corrupt',
    { url: shown, found: 'nothing', wanted: 'the object that was there before' },
    { message: `${shown} was deleted while it was being read` },
  )
}
