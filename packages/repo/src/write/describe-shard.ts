import { createHash } from 'node:crypto'
import type { ShardDescription } from '@shardex/index'
import type { ClosedShard } from './open-shard.ts'

/** What the registry is told of a shard that is stored. */
export function describeShard(
  url: string,
  { index, ...shard }: ClosedShard,
  storeChecksum: string | undefined,
): ShardDescription {
  return {
    url,
    ...shard,
    indexSha256: createHash('sha256').update(index).digest('hex'),
    indexSizeBytes: index.length,
    ...(storeChecksum !== undefined && { storeChecksum }),
  }
}
