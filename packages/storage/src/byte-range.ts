import { ShardexError } from '@shardex/errors'
import type { ByteRange } from './object-store.ts'

/** A range with both ends known. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Programmer's misuse: negative, fractional or reversed ends. @throws {TypeError} */
export function assertRange(range: ByteRange): void {
  const { start, end = Number.MAX_SAFE_INTEGER } = range
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start) return
  throw new TypeError(`a byte range needs integers 0 <= start <= end, found [${range.start}, ${range.end ?? ''})`)
}

/** Put a range onto an object of `sizeBytes`. @throws {ShardexError} `storage.corrupt` if it does not fit */
export function spanOf(range: ByteRange | undefined, sizeBytes: number, url: string): Span {
  const start = range?.start ?? 0
  const end = range?.end ?? sizeBytes
  if (start > sizeBytes || end > sizeBytes) throw rangeBeyondEnd(range ?? { start }, sizeBytes, url)
  return { start, end }
}

export function rangeBeyondEnd(range: ByteRange, sizeBytes: number, url: string): ShardexError {
  const wanted = `bytes [${range.start}, ${range.end ?? ''})`
  return new ShardexError(
    'storage.corrupt',
    { url, found: `${sizeBytes} bytes`, wanted },
    {
      message: `${url} ends at byte ${sizeBytes}, but ${wanted} were asked for; it was truncated or replaced by something shorter`,
    },
  )
}
