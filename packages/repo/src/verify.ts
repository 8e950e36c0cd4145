import { createHash } from 'node:crypto'
import { isShardexError, ShardexError } from '@shardex/errors'
import type { Entry } from '@shardex/index'
import type { CallOptions, Storage } from '@shardex/storage'
import { readForeignShard } from './read/foreign-shard.ts'
import { cutSamples } from './read/indexed-shard.ts'
import { planShards, type ShardSource } from './read/plan-shards.ts'
import { checkAgainst, type RawSample, shardNotFound } from './read/raw-sample.ts'
import { ShardReader } from './read/shard-reader.ts'

/** What came of re-reading one shard. */
export interface ShardReport {
  readonly url: string
  readonly ok: boolean
  /** Samples that were read whole, and bytes of the tar. */
  readonly samples: number
  readonly bytes: number
  /** SHA-256 of the shard as it is, in lower-case hex; absent if it could not be read to its end. */
  readonly sha256?: string | undefined
  /** `unproved` shards could be read, but no digest of them is known. */
  readonly proof: 'sha256' | 'unproved'
  /** What is wrong, one error each. */
  readonly problems: readonly ShardexError[]
}

/** Read every byte of an entry's shards again and hold it against the registry; one report per shard, in order. */
export async function* verifyEntry(entry: Entry, storage: Storage, options: CallOptions = {}): AsyncGenerator<ShardReport> {
  const reader = new ShardReader(storage, 'crc32')
  for (const shard of planShards(entry.dataUrls, entry)) yield await verifyShard(shard, reader, storage, options)
}

async function verifyShard(
  shard: ShardSource,
  reader: ShardReader,
  storage: Storage,
  { signal }: CallOptions,
): Promise<ShardReport> {
  const wanted = shard.description?.sha256 ?? shard.sha256
  const problems: ShardexError[] = []
  const hash = createHash('sha256')
  let samples = 0
  let bytes = 0
  let sha256: string | undefined
  const passing = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      hash.update(chunk)
      bytes += chunk.length
      yield chunk
    }
    sha256 = hash.digest('hex')
  }
  try {
    const { store, key } = await storage.locate(shard.url)
    const body = await store.get(key, { signal })
    if (body === undefined) throw shardNotFound(shard.url)
    const index = await reader.index(shard, { signal })
    const blocks: AsyncIterable<RawSample[]> =
      index === undefined
        ? readForeignShard(passing(body.chunks), shard.url, signal)
        : cutSamples(
            { chunks: passing(body.chunks), sizeBytes: body.sizeBytes },
            index,
            shard.url,
            checkAgainst(index, shard.url, 'crc32'),
            { instead: (damage) => void problems.push(damage) },
          )
    for await (const block of blocks) samples += block.length
  } catch (error) {
    signal?.throwIfAborted()
    if (!isShardexError(error)) throw error
    problems.push(error)
  }
  if (sha256 !== undefined && wanted !== undefined && sha256 !== wanted && problems.length === 0)
    problems.push(changed(shard.url, sha256, wanted))
  return {
    url: shard.url,
    ok: problems.length === 0,
    samples,
    bytes,
    sha256,
    proof: wanted === undefined ? 'unproved' : 'sha256',
    problems,
  }
}

function changed(shard: string, found: string, wanted: string): ShardexError {
  const facts = { shard, offset: 0, sample: '', found: `SHA-256 ${found}`, wanted: `SHA-256 ${wanted}` }
  const message = `${shard} is not the shard that was written, although its samples are whole: found ${facts.found}, wanted ${facts.wanted}.`
  return new ShardexError('shard.corrupt', facts, { message })
}
