import { inspect } from 'node:util'
import { FATES, isShardexError, type ShardexError } from '@shardex/errors'
import { printable } from './output/printable.ts'
import { toJson } from './to-json.ts'

/** What is written to stderr for an error: one line that says what to do, or with `--json` `{"error": {code, message, details}}`. */
export function printError(error: unknown, { json, debug }: { json: boolean; debug: boolean }): string {
  const first = firstOf(error)
  const { code, message, details } = factsOf(first)
  const text = first === error ? message : `${message} (${(error as AggregateError).message})`
  if (json) return `${toJson({ error: { code, message: text, details } })}\n`
  return `shardex: ${printable(text)}\n${debug || code === 'unexpected' ? `${inspect(error)}\n` : ''}`
}

/** As the table of codes says; 1 for what should not happen, and 130 for Ctrl-C. */
export function exitCodeOf(error: unknown, signal: AbortSignal): number {
  const first = firstOf(error)
  if (isShardexError(first) && Object.hasOwn(FATES, first.code)) return FATES[first.code].exit
  return signal.aborted ? 130 : 1
}

/** Of an error with others behind it, the first: the rest are of the cleaning up. */
function firstOf(error: unknown): unknown {
  return error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error
}

function factsOf(error: unknown): { code: string; message: string; details: object } {
  if (isShardexError(error, 'credentials.missing'))
    return { code: error.code, message: inOurWords(error), details: error.details }
  if (isShardexError(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof Error && error.name === 'AbortError') return { code: 'interrupted', message, details: {} }
  return {
    code: 'unexpected',
    message: `this should not have happened: ${message}. Please report it with what follows.`,
    details: {},
  }
}

/** The library speaks of objects and arguments; here there are options and the environment. */
function inOurWords({ message, details: { source, missing } }: ShardexError<'credentials.missing'>): string {
  const place = { 'the credentials object': 'the environment', 'the AWS default chain': 'the AWS default chain' }[source]
  if (place === undefined) return message
  return `no S3 credentials: ${place} has no ${missing.join(' and no ')}; name a .env file with --s3-credentials FILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_ENDPOINT, unless it is Amazon)`
}
