import { ShardexError } from '@shardex/errors'

/** A `source.invalid` whose message says where, what was found, what was wanted, and what to do if `advice` knows it. */
export function sourceInvalid(
  source: string,
  facts: { readonly found: string; readonly wanted: string; readonly advice?: string | undefined; readonly cause?: unknown },
): ShardexError<'source.invalid'> {
  const { found, wanted, advice, cause } = facts
  const message = `${source}: found ${found}, wanted ${wanted}${advice === undefined ? '' : `; ${advice}`}`
  return new ShardexError('source.invalid', { source, found, wanted }, { message, cause })
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
