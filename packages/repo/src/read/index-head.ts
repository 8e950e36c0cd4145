import { isShardexError } from '@shardex/errors'
import type { CallOptions, Storage } from '@shardex/storage'
import type { ShardSize } from '../order/parameters.ts'
import { INDEX_SUFFIX, isOffsetIndex } from '../shard/offset-index.ts'

const HEAD_BYTES = 24

/** What the offset index beside a shard says of its size, by a read of 24 bytes; `undefined` if there is none. */
export async function readIndexHead(
  storage: Storage,
  shard: string,
  { signal }: CallOptions = {},
): Promise<ShardSize | undefined> {
  const { store, key } = await storage.locate(shard + INDEX_SUFFIX)
  const head = new Uint8Array(HEAD_BYTES)
  try {
    const body = await store.get(key, { signal, range: { start: 0, end: HEAD_BYTES } })
    if (body === undefined) return undefined
    let filled = 0
    for await (const chunk of body.chunks) {
      head.set(chunk, filled)
      filled += chunk.length
    }
  } catch (error) {
    if (isShardexError(error, 'storage.corrupt')) return undefined // shorter than any index
    throw error
  }
  if (!isOffsetIndex(head)) return undefined
  const view = new DataView(head.buffer)
  const sizeBytes = Number(view.getBigUint64(8, true))
  return sizeBytes <= Number.MAX_SAFE_INTEGER ? { sampleCount: view.getUint32(16, true), sizeBytes } : undefined
}
