import { ByteWriter, type SampleType } from '@shardex/schema'
import type { ObjectStore } from '@shardex/storage'
import { NO_ROWS } from '../../packages/repo/src/hash/hasher.ts'
import { memberOf, positionKey } from '../../packages/repo/src/shard/keys.ts'
import { ChunkPool } from '../../packages/repo/src/write/chunk-pool.ts'
import { ShardStream } from '../../packages/repo/src/write/shard-stream.ts'
import { NO_HASHER } from './hashers.ts'

const MAX_COUNT = 10_000
const MAX_BYTES = 256 << 20
const CHUNKS = 12
const PARALLEL_SHARDS = 3

/**
 * What every insert has to do: pack samples into tars and store them, several at a time, with the limits of an insert. No checksum, no offset index,
 * no digest, no journal, no look at whether keys repeat, and nothing is undone after a failure. @returns the URLs
 */
export async function writePlain(
  store: ObjectStore,
  prefix: string,
  type: SampleType,
  samples: Iterable<object>,
): Promise<string[]> {
  const pool = new ChunkPool(CHUNKS)
  const packed = new ByteWriter()
  const stored: Promise<unknown>[] = []
  const inFlight = new Set<Promise<unknown>>()
  const urls: string[] = []
  const begin = () => {
    const key = `${prefix}/${urls.length}.tar`
    const stream = new ShardStream(urls.length, () => NO_ROWS, pool, NO_HASHER)
    const put = store.put(key, stream.chunks(), { ifAbsent: true }).finally(() => inFlight.delete(put))
    urls.push(store.urlOf(key))
    stored.push(put)
    inFlight.add(put)
    return stream
  }
  let stream = begin()
  let position = 0
  let inShard = 0
  for (const sample of samples) {
    const { key, name, ascii } = memberOf(positionKey(position++))
    packed.reset()
    type.packInto(packed, sample as never, key)
    const payload = packed.bytes.subarray(0, packed.length)
    if (inShard === MAX_COUNT || (inShard > 0 && stream.sizeWith(name, ascii, payload.length) > MAX_BYTES)) {
      await stream.finish()
      while (inFlight.size >= PARALLEL_SHARDS) await Promise.race(inFlight)
      stream = begin()
      inShard = 0
    }
    inShard += 1
    const wait = stream.append(name, ascii, payload)
    if (wait !== undefined) await wait
  }
  await stream.finish()
  await Promise.all(stored)
  return urls
}
