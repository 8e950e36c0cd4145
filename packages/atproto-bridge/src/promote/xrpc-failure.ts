import { ShardexError } from '@shardex/errors'
import type { Publisher } from './publisher.ts'

/** What a PDS says when it refuses. Told by its shape: two installed copies of `@atproto/api` have two classes. */
export interface XrpcRefusal extends Error {
  readonly status: number
  /** A word like `InvalidSwap`. */
  readonly error: string
}

/** Whether an error is what a PDS has answered, and with one of these words if any are given. */
export function isRefusal(error: unknown, ...words: readonly string[]): error is XrpcRefusal {
  if (!(error instanceof Error) || !('status' in error) || !('error' in error)) return false
  return words.length === 0 || words.includes(String(error.error))
}

const SESSION_OVER: ReadonlySet<string> = new Set(['ExpiredToken', 'InvalidToken', 'AuthMissing', 'AuthenticationRequired'])

/** The error for a call that failed. An abort, errors that are ours and those of no call pass as they are. */
export function xrpcFailure(error: unknown, agent: Publisher, what: string, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason
  const ours = causes(error).find((cause) => cause instanceof ShardexError)
  if (ours !== undefined || !isRefusal(error)) return ours ?? error
  const url = serviceOf(agent)
  // The client gives 1 where there was no answer at all.
  const { status } = error
  const why = status < 400 ? String(causes(error).at(-1)) : `HTTP ${status}, ${error.error}: ${error.message}`
  if (status === 401 || SESSION_OVER.has(error.error)) {
    const message = `${url} does not take the session any more (${why}). Log in again: shardex login HANDLE. Then do the same once more; what is there stays there.`
    return new ShardexError('credentials.refused', { url }, { message, cause: error })
  }
  if (status < 400 || status === 408 || status === 429 || status >= 500) {
    const message = `${url} did not ${what} (${why}). Do the same again when it answers; what is there stays there.`
    return new ShardexError('atmosphere.unavailable', { url }, { message, cause: error })
  }
  const advice =
    status === 413 ? ' It takes only smaller blobs: insert the samples with smaller shards, or publish them on S3.' : ''
  const message = `${url} refused to ${what} (${why}).${advice}`
  return new ShardexError('atmosphere.refused', { url, found: why }, { message, cause: error })
}

/** The PDS, as far as the session tells. */
function serviceOf({ sessionManager, did }: Publisher): string {
  const { dispatchUrl } = sessionManager as { dispatchUrl?: unknown }
  return dispatchUrl instanceof URL ? dispatchUrl.origin : `the PDS of ${did ?? 'nobody'}`
}

function causes(error: unknown): unknown[] {
  const chain: unknown[] = []
  for (let cause = error; cause !== undefined && chain.length < 10; cause = cause instanceof Error ? cause.cause : undefined)
    chain.push(cause)
  return chain
}
