import { type DataStore, INDEX_SUFFIX } from '@shardex/repo'
import type { ObjectStore, Storage } from '@shardex/storage'
import type { PlacedShard } from '../prepare/place-shards.ts'
import { type Promised, verifiedBytes } from './verified-bytes.ts'

export interface CopyOptions {
  readonly signal?: AbortSignal | undefined
  /** Bytes that are there, whether they were before or not. */
  readonly onBytes: (count: number) => void
}

/** Copies to the store what is not there yet. The key of a copy is made of its digest, and it is there whole or not at all, so what is there is right. */
export async function copyShards(
  shards: readonly PlacedShard[],
  source: Storage,
  store: DataStore,
  options: CopyOptions,
): Promise<void> {
  const objects = await store.objects()
  for (const { from, sha256, sizeBytes, index, copyTo } of shards) {
    if (copyTo === undefined || sha256 === undefined) continue
    // The index first: whoever sees the shard may look for it.
    if (index !== undefined)
      await copy({ from: from + INDEX_SUFFIX, ...index }, copyTo + INDEX_SUFFIX, source, objects, { ...options, onBytes() {} })
    await copy({ from, sha256, sizeBytes }, copyTo, source, objects, options)
  }
}

async function copy(what: Promised, key: string, source: Storage, objects: ObjectStore, options: CopyOptions): Promise<void> {
  const there = await objects.head(key, options)
  if (there !== undefined) return options.onBytes(there.sizeBytes)
  await objects.put(key, verifiedBytes(what, source, options), { signal: options.signal })
}
