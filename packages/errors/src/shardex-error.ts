import type { Details, ErrorCode } from './codes.ts'

/**
 * The one error class. `code` says what went wrong, `details` the facts as data, `message` what to do next, and `cause`
 * the foreign error it was made from, if there was one.
 */
export class ShardexError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'ShardexError'
  readonly code: C
  readonly details: Readonly<Details[C]>

  constructor(code: C, details: Details[C], options: { message: string; cause?: unknown }) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = details
  }
}

/** Narrow by code, not by `instanceof`: two installed copies of a package share codes, not classes. No code means any. */
export function isShardexError<C extends ErrorCode = ErrorCode>(error: unknown, ...codes: C[]): error is ShardexError<C> {
  return (
    error instanceof Error &&
    error.name === 'ShardexError' &&
    'code' in error &&
    (codes.length === 0 || (codes as readonly unknown[]).includes(error.code))
  )
}
