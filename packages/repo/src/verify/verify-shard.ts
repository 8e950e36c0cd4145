import { createHash } from 'node:crypto'
import { isShardexError, ShardexError } from '@shardex/errors'
import type { ShardDescription } from '@shardex/index'
import type { CallOptions, ObjectBody, ObjectHead, Storage } from '@shardex/storage'
import type { Damage } from '../read/damage.ts'
import { readForeignShard } from '../read/foreign-shard.ts'
import { cutSamples } from '../read/indexed-shard.ts'
import type { ShardSource } from '../read/plan-shards.ts'
import { checkAgainst, type RawSample, shardNotFound, shardTruncated } from '../read/raw-sample.ts'
import type { ShardReader } from '../read/shard-reader.ts'
import type { OffsetIndex } from '../shard/offset-index.ts'

/**
 * How far a shard is looked at. `store`: the store's own checksum is believed if it is the one that was noted when the shard was written;
 * else, as with `bytes`, every byte is read. That finds every accident; a forgery with the same checksum, which is easy to make of a CRC-32, is
 * found by `bytes` only. The offset index is read and held against its digest always.
 */
export type VerifyDepth = 'store' | 'bytes'

/** What came of looking at one shard. */
export interface ShardReport {
  readonly url: string
  readonly ok: boolean
  /** Samples that are whole, and bytes of the tar; of what was read, unless the proof is `store`. */
  readonly samples: number
  readonly bytes: number
  /** SHA-256 of the shard as it is, in lower-case hex; absent if it could not be read to its end. */
  readonly sha256?: string | undefined
  /** What it should be; absent if nobody knows. */
  readonly wantedSha256?: string | undefined
  /**
   * What the verdict rests on: the checksum of the store, or the SHA-256 of every byte. `unproved` shards could be read, but no digest of them
   * is known.
   */
  readonly proof: 'store' | 'sha256' | 'unproved'
  /** What is wrong, one error each, at most 1000. */
  readonly problems: readonly ShardexError[]
  /** Problems that did not fit into the list, if there are any. */
  readonly unlisted?: number | undefined
}

export interface VerifyShardOptions extends CallOptions {
  readonly reader: ShardReader
  readonly storage: Storage
  readonly depth: VerifyDepth
  /** Called with the size of each piece that is done. */
  readonly onRead: (bytes: number) => void
}

const MAX_PROBLEMS = 1000
const AWAY = ['storage.unavailable', 'storage.denied', 'credentials.refused', 'credentials.missing'] as const

/** What is known of the tar, apart from the shard's offset index. */
type Seen = Pick<ShardReport, 'samples' | 'bytes' | 'sha256' | 'proof'>

export async function verifyShard(shard: ShardSource, options: VerifyShardOptions): Promise<ShardReport> {
  const wantedSha256 = shard.description?.sha256 ?? shard.sha256
  const problems: ShardexError[] = []
  let unlisted = 0
  const note = (problem: ShardexError): void => {
    if (problems.length < MAX_PROBLEMS) problems.push(problem)
    else unlisted += 1
  }
  let indexProblem: ShardexError | undefined
  const index = await options.reader.index(shard, options).catch((error: unknown) => {
    indexProblem = problemOf(error, options.signal)
    return undefined
  })
  const seen = await look(shard, index, wantedSha256, note, options)
  if (indexProblem !== undefined) note(indexProblem)
  return {
    url: shard.url,
    ok: problems.length === 0,
    ...seen,
    wantedSha256,
    problems,
    ...(unlisted > 0 && { unlisted }),
  }
}

async function look(
  shard: ShardSource,
  index: OffsetIndex | undefined,
  wanted: string | undefined,
  note: (problem: ShardexError) => void,
  { storage, depth, onRead, signal }: VerifyShardOptions,
): Promise<Seen> {
  const { url, description } = shard
  const hash = createHash('sha256')
  let isWhole = true
  let samples = 0
  let bytes = 0
  let sha256: string | undefined
  const wrong = (problem: ShardexError): void => {
    isWhole = false
    note(problem)
  }
  const passing = async function* ({ chunks }: ObjectBody) {
    for await (const chunk of chunks) {
      hash.update(chunk)
      bytes += chunk.length
      onRead(chunk.length)
      yield chunk
    }
    sha256 = hash.digest('hex')
  }
  try {
    const { store, key } = await storage.locate(url)
    if (depth === 'store' && description?.storeChecksum !== undefined) {
      if (isVouchedFor(description, await store.head(key, { signal }))) {
        onRead(description.sizeBytes)
        return { samples: description.sampleCount, bytes: description.sizeBytes, sha256: description.sha256, proof: 'store' }
      }
    }
    const body = await store.get(key, { reuse: index !== undefined || description !== undefined, signal })
    if (body === undefined) throw shardNotFound(url)
    const blocks = blocksOf(shard, { ...body, chunks: passing(body) }, index, wrong, signal)
    for await (const block of blocks) samples += block.length
  } catch (error) {
    wrong(problemOf(error, signal))
  }
  if (isWhole && description !== undefined && bytes !== description.sizeBytes)
    wrong(shardTruncated(url, bytes, description.sizeBytes))
  if (isWhole && sha256 !== wanted && wanted !== undefined && sha256 !== undefined) wrong(changed(url, sha256, wanted))
  // Without its index nobody knows where its samples are, but the digest covers all of them.
  if (isWhole && index === undefined && description !== undefined) samples = description.sampleCount
  return { samples, bytes, sha256, proof: wanted === undefined ? 'unproved' : 'sha256' }
}

function isVouchedFor({ sizeBytes, storeChecksum }: ShardDescription, head: ObjectHead | undefined): boolean {
  return head !== undefined && head.sizeBytes === sizeBytes && head.checksum === storeChecksum
}

function blocksOf(
  { url, description }: ShardSource,
  body: ObjectBody,
  index: OffsetIndex | undefined,
  note: (problem: ShardexError) => void,
  signal: AbortSignal | undefined,
): AsyncIterable<readonly RawSample[]> {
  const instead = (damage: Damage) => void note(damage)
  if (index !== undefined) return cutSamples(body, index, url, checkAgainst(index, url, 'crc32'), { instead, reuse: true })
  return description === undefined ? readForeignShard(body.chunks, url, signal) : withoutIndex(body.chunks)
}

async function* withoutIndex(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<never[]> {
  for await (const _ of chunks) yield []
}

/** @throws what is no problem of the shard: an abort, a store that is away or does not let us in, a fault of ours */
function problemOf(error: unknown, signal: AbortSignal | undefined): ShardexError {
  signal?.throwIfAborted()
  if (!isShardexError(error) || isShardexError(error, ...AWAY)) throw error
  return error
}

function changed(shard: string, found: string, wanted: string): ShardexError {
  const facts = { shard, offset: 0, sample: '', found: `SHA-256 ${found}`, wanted: `SHA-256 ${wanted}` }
  const message = `${shard} is not the shard that was written, although no sample of it is found damaged: found ${facts.found}, wanted ${facts.wanted}. Restore the shard from a copy, or insert the dataset again.`
  return new ShardexError('shard.corrupt', facts, { message })
}
