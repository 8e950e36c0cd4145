import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { ShardexError } from '@shardex/errors'
import type { ShardDescription } from '@shardex/index'
import { ByteWriter, type SampleType } from '@shardex/schema'
import type { ObjectStore } from '@shardex/storage'
import { type Member, memberOf, positionKey } from '../shard/keys.ts'
import { INDEX_SUFFIX } from '../shard/offset-index.ts'
import { ChunkPool } from './chunk-pool.ts'
import { HashThread } from './hash-thread.ts'
import { OpenShard } from './open-shard.ts'
import { putThroughDisk } from './put-through-disk.ts'

export interface WriteProgress {
  readonly samples: number
  /** Bytes of tar packed so far; uploads may lag behind. */
  readonly bytes: number
  /** Shards that are stored. */
  readonly shards: number
}

export interface ShardOptions {
  /** Samples per shard, at most. Default 10,000. */
  readonly maxcount?: number | undefined
  /** Bytes per shard (of the tar), at most, unless a single sample is larger. Default 256 MiB. */
  readonly maxsize?: number | undefined
  /** Write each shard to a temporary file first, then copy it to the store. Default: stream straight into the store. */
  readonly cacheLocal?: boolean | undefined
  /** How many shards are on their way to the store at once. Default 3. */
  readonly parallelShards?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: WriteProgress) => void) | undefined
}

export interface ShardTarget {
  readonly store: ObjectStore
  /** The key of the shard with this number; never a key that may hold other bytes. */
  readonly keyOf: (shard: number) => string
}

const DEFAULT_MAXCOUNT = 10_000
const DEFAULT_MAXSIZE = 256 * 1024 * 1024
const CHUNKS_IN_FLIGHT = 12

/**
 * Pack samples into tar shards and store them, each with its offset index, several at a time. Memory is bounded by the chunk pool
 * and what the store buffers, not by the data. When this throws or is aborted, everything that it had stored is deleted.
 * @returns one description per shard, in order
 * @throws `dataset.empty`, `sample.invalid`, `key.invalid`, `key.duplicate`, and what the store throws
 */
export async function writeShardsTo(
  target: ShardTarget,
  type: SampleType,
  samples: Iterable<object> | AsyncIterable<object>,
  options: ShardOptions = {},
): Promise<ShardDescription[]> {
  const maxcount = positive('maxcount', options.maxcount ?? DEFAULT_MAXCOUNT)
  const maxsize = positive('maxsize', options.maxsize ?? DEFAULT_MAXSIZE)
  const parallelShards = positive('parallelShards', options.parallelShards ?? 3)
  const failed = new AbortController()
  const signal = options.signal === undefined ? failed.signal : AbortSignal.any([failed.signal, options.signal])
  const pool = new ChunkPool(CHUNKS_IN_FLIGHT)
  await using thread = new HashThread()

  const stored: string[] = []
  const storing: Promise<ShardDescription>[] = []
  const inFlight = new Set<Promise<unknown>>()
  const scratch = new ByteWriter()
  let shard: OpenShard | undefined
  let position = 0
  let closedBytes = 0
  let shardsStored = 0

  const report = () =>
    options.onProgress?.({ samples: position, bytes: closedBytes + (shard?.stream.sizeBytes ?? 0), shards: shardsStored })

  const put = async (key: string, body: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> => {
    const putOptions = { signal, ifAbsent: target.store.supports.putIfAbsent }
    if (options.cacheLocal === true && !(body instanceof Uint8Array)) await putThroughDisk(target.store, key, body, putOptions)
    else await target.store.put(key, body, putOptions)
    stored.push(key)
  }

  const open = (): OpenShard => {
    const key = target.keyOf(storing.length)
    const opened = new OpenShard(storing.length, target.store.urlOf(key), pool, thread)
    const upload = put(key, opened.stream.chunks()).finally(() => opened.stream.abandon())
    const described = (async () => {
      const [{ sha256, index, ...description }] = await Promise.all([opened.closed, upload])
      await put(key + INDEX_SUFFIX, index)
      shardsStored += 1
      report()
      return {
        ...description,
        sha256,
        indexSha256: createHash('sha256').update(index).digest('hex'),
        indexSizeBytes: index.length,
      }
    })()
    const settled = described.then(
      () => inFlight.delete(settled),
      (error: unknown) => failed.abort(error),
    )
    inFlight.add(settled)
    storing.push(described)
    return opened
  }

  const close = async (full: OpenShard): Promise<void> => {
    closedBytes += full.stream.sizeBytes
    shard = undefined
    await full.close()
    report()
    while (inFlight.size >= parallelShards && !signal.aborted) await Promise.race(inFlight)
  }

  const add = (sample: object): Promise<void> | undefined => {
    signal.throwIfAborted()
    const member = memberOf((sample as { __key__?: unknown }).__key__ ?? positionKey(position))
    scratch.reset()
    type.packInto(scratch, sample as never, member.key)
    const payload = scratch.bytes.subarray(0, scratch.length)
    position += 1
    if (shard !== undefined && (shard.sampleCount >= maxcount || shard.sizeWith(member, payload.length) > maxsize)) {
      return close(shard).then(() => append((shard = open()), member, payload))
    }
    return append((shard ??= open()), member, payload)
  }

  const append = (to: OpenShard, member: Member, payload: Uint8Array): Promise<void> | undefined => {
    const wait = to.append(member, payload, crc32(payload))
    if (wait !== undefined) report()
    return wait
  }

  try {
    await forEach(samples, add, signal)
    if (shard !== undefined) await close(shard)
    if (position === 0) throw emptyDataset(type)
    return await Promise.all(storing)
  } catch (error) {
    failed.abort(error)
    shard?.abandon(error)
    await Promise.allSettled(storing)
    const left = await deleteAll(target.store, stored)
    const reason = options.signal?.aborted === true ? options.signal.reason : (failed.signal.reason ?? error)
    throw left.length === 0
      ? reason
      : new AggregateError(
          [reason, ...left],
          `writing failed, and so did removing ${left.length} of the objects written; the first error tells why`,
        )
  }
}

/** Visit samples one at a time; a visit that returns a promise is awaited. Iterables that need no waiting are not made to wait. */
async function forEach(
  samples: Iterable<object> | AsyncIterable<object>,
  visit: (sample: object) => Promise<void> | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (Symbol.asyncIterator in samples) {
    for await (const sample of samples) {
      const wait = visit(sample)
      if (wait !== undefined) await wait
    }
  } else {
    for (const sample of samples) {
      const wait = visit(sample)
      if (wait !== undefined) await wait
    }
  }
  signal.throwIfAborted()
}

/** Delete what was stored, whatever happened to the caller's signal. @returns the errors of those that could not be deleted */
async function deleteAll(store: ObjectStore, keys: readonly string[]): Promise<unknown[]> {
  const results = await Promise.allSettled(keys.map((key) => store.delete(key)))
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
}

function positive(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new TypeError(`${option} must be a positive integer, found ${value}`)
}

function emptyDataset(type: SampleType): ShardexError {
  return new ShardexError(
    'dataset.empty',
    { dataset: type.name },
    { message: 'the dataset has no samples: nothing was written. Check the source that was to yield them.' },
  )
}
