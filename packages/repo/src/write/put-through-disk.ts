import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ObjectHead, type ObjectStore, openFileStore, type PutOptions } from '@shardex/storage'

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
  const dir = await mkdtemp(join(tmpdir(), 'shardex-'))
  try {
    await using cache = await openFileStore(dir)
    await cache.put('shard', chunks, { signal: options.signal })
    const cached = await cache.get('shard', { signal: options.signal })
    if (cached === undefined) throw new TypeError(`the cached shard ${cache.urlOf('shard')} vanished`)
    return await store.put(key, cached.chunks, options)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
