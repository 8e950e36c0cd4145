import type { ObjectHead, ObjectStore, PutOptions } from '@shardex/storage'
import { openSpool } from '../spool/open-spool.ts'

/**
 * Put an object by way of a temporary file: the packing never waits for a slow store, and the upload knows its length.
 * The file is gone when this returns.
 */
export async function putThroughDisk(
  store: ObjectStore,
  key: string,
  chunks: AsyncIterable<Uint8Array>,
  options: PutOptions,
): Promise<ObjectHead> {
  await using spool = await openSpool()
  await spool.store.put('shard', chunks, { signal: options.signal })
  const cached = await spool.store.get('shard', { reuse: true, signal: options.signal })
  if (cached === undefined) throw new TypeError(`the cached shard ${spool.store.urlOf('shard')} vanished`)
  return await store.put(key, cached.chunks, { ...options, sizeBytes: cached.sizeBytes })
}
