import { ShardexError } from '@shardex/errors'
import type { HttpAnswer } from './request.ts'
import { shownUrl } from './shown-url.ts'

/** An answer to a GET or HEAD that was understood. */
export interface Answered extends Pick<HttpAnswer, 'body' | 'discard'> {
  /** Where the body begins in the object. */
  readonly start: number
  /** Of the whole object. */
  readonly sizeBytes: number
  /** As the server wrote it, unless it is a weak one, which does not promise equal bytes. */
  readonly strongEtag: string | undefined
  readonly modifiedAtMs: number | undefined
}

/**
 * Every header is checked before it is believed.
 * @throws {ShardexError} `storage.denied`; `storage.unavailable` for other refusals; `storage.corrupt` for an answer that does not
 *   say which bytes it holds or holds them compressed
 */
export function readAnswer(answer: HttpAnswer, url: URL): Answered {
  try {
    const { headers, body, discard } = answer
    const position = positionOf(answer, url)
    const etag = headers.get('etag')
    const modified = Date.parse(headers.get('last-modified') ?? '')
    return {
      ...position,
      body,
      discard,
      strongEtag: etag !== null && /^"[^"]*"$/.test(etag) ? etag : undefined,
      modifiedAtMs: Number.isNaN(modified) ? undefined : modified,
    }
  } catch (error) {
    answer.discard()
    throw error
  }
}

/** @throws {ShardexError} `storage.corrupt` if size, mark or time differ */
export function assertSameObject(before: Answered, now: Answered, url: URL): void {
  const isSame =
    before.sizeBytes === now.sizeBytes && before.strongEtag === now.strongEtag && before.modifiedAtMs === now.modifiedAtMs
  if (isSame) return
  now.discard()
  throw corrupt(url, `${now.sizeBytes} bytes marked ${now.strongEtag}`, `${before.sizeBytes} bytes marked ${before.strongEtag}`)
}

function positionOf({ status, headers }: HttpAnswer, url: URL): { start: number; sizeBytes: number } {
  const encoding = headers.get('content-encoding') ?? 'identity'
  if (encoding !== 'identity') throw corrupt(url, `content-encoding ${encoding}`, 'the bytes as they are')
  const contentRange = headers.get('content-range') ?? 'none'
  switch (status) {
    case 200: {
      const length = headers.get('content-length') ?? 'none'
      if (!isCount(length)) throw corrupt(url, `content-length ${length}`, 'the size of the object')
      return { start: 0, sizeBytes: Number(length) }
    }
    case 206: {
      const [, start = '', size = ''] = /^bytes (\d+)-\d+\/(\d+)$/.exec(contentRange) ?? []
      if (!isCount(start) || !isCount(size))
        throw corrupt(url, `content-range ${contentRange}`, `bytes start-end/size; ${EXPOSED}`)
      return { start: Number(start), sizeBytes: Number(size) }
    }
    case 416: {
      // Nothing begins at the end of an object; that is for the caller to judge.
      const [, size = ''] = /^bytes \*\/(\d+)$/.exec(contentRange) ?? []
      if (!isCount(size)) throw corrupt(url, `content-range ${contentRange}`, `bytes */size; ${EXPOSED}`)
      return { start: Number(size), sizeBytes: Number(size) }
    }
    default:
      throw refused(status, url)
  }
}

/** For browsers, which hide it else. */
const EXPOSED = 'a server of another origin has to send Access-Control-Expose-Headers: Content-Range'

function isCount(text: string): boolean {
  return /^\d+$/.test(text) && Number.isSafeInteger(Number(text))
}

function refused(status: number, url: URL): ShardexError {
  const shown = shownUrl(url)
  if (status === 401 || status === 403) {
    return new ShardexError(
      'storage.denied',
      { url: shown },
      { message: `${url.origin} denies access to ${shown} (HTTP ${status}); if the URL is a signed one it may have expired` },
    )
  }
  return new ShardexError(
    'storage.unavailable',
    { url: shown },
    { message: `${url.origin} answered HTTP ${status} for ${shown}` },
  )
}

function corrupt(url: URL, found: string, wanted: string): ShardexError {
  const shown = shownUrl(url)
  return new ShardexError(
    'storage.corrupt',
    { url: shown, found, wanted },
    { message: `${shown} came with ${found}; wanted ${wanted}` },
  )
}
