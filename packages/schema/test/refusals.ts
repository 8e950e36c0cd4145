import { type ErrorCode, isShardexError, type ShardexError } from '@shardex/errors'
import { expect } from 'vitest'

/** Run what must be refused, and return the refusal. */
export function refusalOf<C extends ErrorCode>(code: C, run: () => unknown): ShardexError<C> {
  try {
    run()
  } catch (error) {
    if (isShardexError(error, code)) return error
    expect.fail(`wanted ${code}, but it threw ${String(error)}`)
  }
  expect.fail(`wanted ${code}, but nothing was thrown`)
}
