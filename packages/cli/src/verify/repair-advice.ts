import { isShardexError, ShardexError } from '@shardex/errors'
import type { Entry } from '@shardex/index'

/**
 * The next step when a shard of an entry with mirrors is damaged; without them, the damage itself says what can be done.
 * @param target what the command was given, if that stands for the entry
 */
export function repairAdvice({ cid, metadata }: Entry, target: string = cid): string | undefined {
  const mirrors = metadata?.['mirrors']
  const count = Array.isArray(mirrors) ? mirrors.length : 0
  if (count === 0) return undefined
  const typed = /^[\w.@-]+$/.test(target) ? target : cid
  return `its entry lists ${count === 1 ? 'a mirror' : `${count} mirrors`}: \`shardex verify ${typed} --repair\` restores it`
}

/** Damage that was found while reading, with the next step. Other errors pass untouched. */
export function withRepairAdvice(error: unknown, entry: Entry, target: string | undefined): unknown {
  if (!isShardexError(error, 'shard.corrupt', 'shard.truncated', 'shard.not_found', 'storage.corrupt')) return error
  const advice = repairAdvice(entry, target)
  if (advice === undefined) return error
  const message = `${error.message.replace(/\.$/, '')}; ${advice}`
  return new ShardexError(error.code, error.details, { message, cause: error })
}
