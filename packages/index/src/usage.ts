import { describe } from '@shardex/errors'
import { unusable } from './refusals.ts'

/** What backends must not be given is refused before. Each throws `usage.invalid`. */

const MAX_INGEST_ID_BYTES = 255

/** Half of a surrogate pair would become another text in UTF-8. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed()
}

export function assertText(argument: string, value: unknown, wanted: string): asserts value is string {
  if (!isText(value) || value === '') throw unusable(argument, describe(value), wanted)
}

export function assertUrls(urls: unknown): asserts urls is readonly string[] {
  if (!Array.isArray(urls) || urls.length === 0) throw unusable('urls', describe(urls), 'URLs')
  for (const [i, url] of urls.entries()) assertText(`urls[${i}]`, url, 'a URL')
}

export function assertCount(argument: string, value: unknown): asserts value is number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw unusable(argument, describe(value), 'a whole number')
}

export function assertIngestId(id: unknown): asserts id is string {
  const wanted = `text of at most ${MAX_INGEST_ID_BYTES} bytes of UTF-8 without control characters`
  assertText('ingestId', id, wanted)
  if (id.length > MAX_INGEST_ID_BYTES || Buffer.byteLength(id) > MAX_INGEST_ID_BYTES || /\p{Cc}/u.test(id))
    throw unusable('ingestId', describe(id), wanted)
}
