import type { ClosedShard, OpenShard } from './open-shard.ts'

/**
 * Wait for a shard to be closed, and for whatever takes its bytes. A failure is told only when nothing is on its way any more: else what was
 * undone could still arrive.
 */
export function takenBy<T>(taking: Promise<T>, shard: OpenShard): Promise<[ClosedShard, T]> {
  const taken = taking.finally(() => shard.stream.abandon())
  const closed = shard.closed.catch(async (error: unknown) => {
    await taken.catch(() => {})
    throw error
  })
  return Promise.all([closed, taken])
}
