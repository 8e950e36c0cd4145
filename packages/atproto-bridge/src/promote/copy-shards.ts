import { type DataStore, INDEX_SUFFIX } from '@shardex/repo'
import type { ObjectHead, Storage } from '@shardex/storage'
import type { PlacedShard } from '../prepare/place-shards.ts'
import { type Promised, verifiedBytes } from './verified-bytes.ts'

export interface CopyOptions {
  readonly signal?: AbortSignal | undefined
  /** Told how many bytes of shards are there, whether they were before or not. */
  readonly onProgress: (doneBytes: number) => void
}

/**
 * Copies to the store what is not there yet. The key of a copy is made of its digest, and it is there whole or not at all; so what is there is right, unless
 * somebody else has put it there: what has another size, or another checksum where both stores tell one, is put again.
 */
export async function copyShards(
  shards: readonly PlacedShard[],
  source: Storage,
  store: DataStore,
  { signal, onProgress }: CopyOptions,
): Promise<void> {
  const objects = await store.objects()
  let doneBytes = 0
  const count = (bytes: number): void => {
    doneBytes += bytes
    onProgress(doneBytes)
  }
  const copy = async (what: Original, key: string, onBytes?: (bytes: number) => void): Promise<void> => {
    const there = await objects.head(key, { durable: true, signal })
    if (there !== undefined && isCopyOf(await known(what, source, signal), there)) onBytes?.(there.sizeBytes)
    else {
      const bytes = verifiedBytes(what, source, { signal, onBytes, reuse: true })
      await objects.put(key, bytes, { signal, sizeBytes: what.sizeBytes })
    }
  }
  for (const { from, sha256, sizeBytes, storeChecksum, index, copyTo } of shards) {
    if (copyTo === undefined || sha256 === undefined) continue
    // The index first: whoever sees the shard may look for it.
    if (index !== undefined) await copy({ from: from + INDEX_SUFFIX, ...index }, copyTo + INDEX_SUFFIX)
    await copy({ from, sha256, sizeBytes, storeChecksum }, copyTo, count)
  }
}

type Original = Promised & Pick<PlacedShard, 'storeChecksum'>

/** With its size, which entries of atdata do not tell. */
async function known(what: Original, source: Storage, signal?: AbortSignal): Promise<Original> {
  if (what.sizeBytes !== undefined) return what
  const { store, key } = await source.locate(what.from)
  return { ...what, sizeBytes: (await store.head(key, { signal }))?.sizeBytes }
}

function isCopyOf({ sizeBytes, storeChecksum }: Original, { sizeBytes: foundBytes, checksum }: ObjectHead): boolean {
  if (foundBytes !== sizeBytes) return false
  return !isOfWhole(storeChecksum) || !isOfWhole(checksum) || storeChecksum === checksum
}

/** Other checksums depend on the parts that an object was sent in, too. */
function isOfWhole(checksum: string | undefined): boolean {
  return checksum !== undefined && /^crc32:[^-]+$/.test(checksum)
}
