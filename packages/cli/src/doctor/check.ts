import { isShardexError } from '@shardex/errors'

/** One thing that was looked at. */
export interface Check {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly found: string
  /** What to do about it. */
  readonly next?: string | undefined
}

/** The error of a check as its result; what should not happen, and a Ctrl-C, go on. */
export function failed(name: string, error: unknown, next?: string): Check {
  if (!isShardexError(error)) throw error
  return { name, status: 'fail', found: error.message, next }
}
