import { ShardexError } from '@shardex/errors'
import { INDEX_SUFFIX } from '@shardex/repo'
import type { Storage } from '@shardex/storage'
import type { PlacedShard } from '../prepare/place-shards.ts'

const AT_ONCE = 8

/**
 * Looks whether shards that stay where they are, and the offset indexes beside them, are there in the sizes that the registry knows.
 * @throws {ShardexError} `shard.not_found`; `storage.corrupt`
 */
export async function checkShards(shards: readonly PlacedShard[], source: Storage, signal?: AbortSignal): Promise<void> {
  const waiting = shards.values()
  const check = async (): Promise<void> => {
    for (const { url, sizeBytes, index } of waiting) {
      await checkObject(url, sizeBytes, source, signal)
      if (index !== undefined) await checkObject(url + INDEX_SUFFIX, index.sizeBytes, source, signal)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, check))
}

async function checkObject(url: string, sizeBytes: number | undefined, source: Storage, signal?: AbortSignal): Promise<void> {
  const { store, key } = await source.locate(url)
  const head = await store.head(key, { signal })
  if (head === undefined) {
    const message = `${url} is not there, so nobody could read what the record would say; \`shardex verify\` says what else is missing`
    throw new ShardexError('shard.not_found', { shard: url }, { message })
  }
  if (sizeBytes === undefined || head.sizeBytes === sizeBytes) return
  const [found, wanted] = [`${head.sizeBytes} bytes`, `${sizeBytes} bytes`]
  const message = `${url} has ${found}, wanted ${wanted}: it was replaced since it was inserted and is not published`
  throw new ShardexError('storage.corrupt', { url, found, wanted }, { message })
}
