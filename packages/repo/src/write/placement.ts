import type { ShardDescription } from '@shardex/index'
import type { OpenShard } from './open-shard.ts'

/** How shards in writing become objects of a store: one for each layout. */
export interface Placement {
  /** What a shard is called in errors before it is stored. */
  nameOf(shard: number): string
  /** Store a shard while it is packed, then its offset index. Nothing is stored half. */
  store(shard: OpenShard, number: number, stop: Stop): Promise<ShardDescription>
  /** Remember a shard that is stored. Layouts that must do so while they store it do nothing here. */
  note(number: number, shard: ShardDescription, stop: Stop): Promise<void>
  /** After a failure, when no request is on its way any more: delete what was stored, unless somebody needs it. @returns what could not be deleted */
  undo(): Promise<readonly unknown[]>
  /** Bytes that were sent to the store. */
  readonly sentBytes: number
}

/** Two ways in which writing ends early. */
export interface Stop {
  /** Something failed: nothing more shall be stored. */
  readonly failure: AbortSignal
  /** Requests that were on their way have been waited for long enough. */
  readonly patience: AbortSignal
}

/** What is remembered of the shards of an insert. */
export interface ShardJournal {
  readonly ingestId: string
  /** Those that an earlier try has stored. */
  readonly noted: ReadonlyMap<number, ShardDescription>
  /**
   * Note a shard that is stored.
   * @param urls the objects that hold it
   * @returns those that are being deleted; if there are any, nothing was noted
   */
  note(number: number, shard: ShardDescription, urls: readonly string[], signal: AbortSignal): Promise<readonly string[]>
}
