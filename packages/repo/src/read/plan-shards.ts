import type { Entry, ShardDescription } from '@shardex/index'
import { expandBraces } from '@shardex/storage'

/** A shard to read, and what the registry knows of it. */
export interface ShardSource {
  readonly url: string
  readonly description?: ShardDescription | undefined
  /** SHA-256 in hex, for shards that are known by digest only. */
  readonly sha256?: string | undefined
}

/** Which shards to read, in order. Pure: no I/O. */
export function planShards(dataUrls: readonly string[], entry?: Entry): readonly ShardSource[] {
  if (entry?.shards !== undefined) return entry.shards.map((description) => ({ url: description.url, description }))
  const checksums = entry?.metadata?.['checksums'] as Record<string, unknown> | undefined
  return dataUrls
    .flatMap((pattern) => expandBraces(pattern))
    .map((url) => {
      const sha256 = checksums?.[url]
      return typeof sha256 === 'string' ? { url, sha256 } : { url }
    })
}
