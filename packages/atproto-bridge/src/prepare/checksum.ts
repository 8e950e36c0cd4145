import type { ShardChecksum } from '../records.ts'
import type { PlacedShard } from './place-shards.ts'
import type { Note } from './problem.ts'

export const UNDESCRIBED = {
  advice: 'insert the dataset with shardex, which notes digests and sizes, and publish that entry',
} as const

/** The digest of a shard; one that nobody knows is told to `note`, and is what atdata writes then. */
export function checksumOf({ sha256, from }: PlacedShard, path: string, note: Note): ShardChecksum {
  if (sha256 !== undefined) return { algorithm: 'sha256', digest: sha256 }
  // A pattern stands for shards that nobody has described; what is wrong with it is said where its URL is looked at.
  note({
    ...UNDESCRIBED,
    code: 'digest.missing',
    path: `${path}.checksum`,
    found: /[{}]/.test(from) ? 'a pattern for shards' : 'no digest',
    wanted: 'the SHA-256 of the shard',
  })
  return { algorithm: 'none', digest: '' }
}
