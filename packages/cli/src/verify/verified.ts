import type { ShardexError } from '@shardex/errors'
import type { Repair, ShardReport } from '@shardex/repo'

/** One dataset as it was found, without the shards that an earlier run found right. */
export interface Verified {
  readonly name: string
  readonly cid: string
  readonly ok: boolean
  readonly shards: readonly VerifiedShard[]
  /** Shards that the report file says are right; left out if none. */
  readonly skipped?: number | undefined
  /** What to do about damage that nobody has tried to repair. */
  readonly next?: string | undefined
}

export interface VerifiedShard extends Omit<ShardReport, 'problems' | 'wantedSha256'> {
  readonly problems: readonly Problem[]
  /** What `--repair` did or could not do; then all else is how the shard is afterwards. */
  readonly repairs?: readonly Repair[] | undefined
  /** Why a repair was given up in the middle. */
  readonly repairProblem?: Problem | undefined
}

export type Problem = Pick<ShardexError, 'code' | 'message' | 'details'>

/** Of all datasets together, in shards. */
export interface Totals {
  readonly datasets: number
  readonly checked: number
  readonly skipped: number
  readonly damaged: number
  readonly repaired: number
}

export function problemOf({ code, message, details }: ShardexError): Problem {
  return { code, message, details }
}

/** It was not right before, and is now. */
export function isRepaired({ ok, repairs = [] }: VerifiedShard): boolean {
  return ok && repairs.length > 0
}
