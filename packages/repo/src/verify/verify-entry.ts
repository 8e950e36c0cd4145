import type { Entry } from '@shardex/index'
import type { CallOptions, Storage } from '@shardex/storage'
import { positiveInteger } from '../positive-integer.ts'
import { planShards, type ShardSource } from '../read/plan-shards.ts'
import { ShardReader } from '../read/shard-reader.ts'
import { inOrder } from './in-order.ts'
import { uncached } from './uncached.ts'
import { type ShardReport, type VerifyDepth, verifyShard } from './verify-shard.ts'

export interface VerifyOptions extends CallOptions {
  /** Shards at a time. Default 4. */
  readonly parallel?: number | undefined
  /** Default `store`. */
  readonly depth?: VerifyDepth | undefined
  /** Shards that need no look; there is no report of them. */
  readonly skip?: ((shard: Pick<ShardReport, 'url' | 'wantedSha256'>) => boolean) | undefined
  /** Called with the bytes that are done so far, of all shards together, those that need no reading included. */
  readonly onProgress?: ((doneBytes: number) => void) | undefined
}

/**
 * Hold an entry's shards against the registry; one report per shard, in order. Reports name every damage; what says nothing about the bytes is
 * thrown.
 * @throws `storage.unavailable`, `storage.denied`, `credentials.refused`, `credentials.missing`
 */
export async function* verifyEntry(entry: Entry, storage: Storage, options: VerifyOptions = {}): AsyncGenerator<ShardReport> {
  const { depth = 'store', skip = () => false, onProgress = () => {}, signal } = options
  const parallel = positiveInteger('parallel', options.parallel ?? 4)
  const reader = new ShardReader(uncached(storage), 'crc32')
  let doneBytes = 0
  const onRead = (bytes: number): void => {
    doneBytes += bytes
    onProgress(doneBytes)
  }

  function* toVerify(): Iterable<ShardSource> {
    for (const shard of planShards(entry.dataUrls, entry)) {
      const { url, description } = shard
      if (skip({ url, wantedSha256: description?.sha256 ?? shard.sha256 })) onRead(description?.sizeBytes ?? 0)
      else yield shard
    }
  }

  const verify = (shard: ShardSource, stop: AbortSignal): Promise<ShardReport> =>
    verifyShard(shard, { reader, storage, depth, onRead, signal: stop })
  yield* inOrder(toVerify(), parallel, verify, signal)
}
