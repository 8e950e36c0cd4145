import { ShardexError } from '@shardex/errors'
import { crc32, runningSha256, sha256 } from '#platform'
import { leafHeadBytes, sampleLeafInput, writeLeafHead } from '../proof/sample-leaf.ts'
import type { OffsetIndex } from '../shard/offset-index.ts'
import type { Damage } from './damage.ts'
import type { Verify } from './verify.ts'

/** One sample as it lies in a shard. */
export interface RawSample {
  readonly key: string
  /** Its position in the shard. */
  readonly position: number
  /** A view of the bytes that were read, where possible; it keeps them alive, unless they were read to be used again. */
  readonly payload: Uint8Array
}

/**
 * Whether the payload of a sample is what was written: a `shard.corrupt` error that names shard, offset and sample if it is not.
 * @param room so many bytes before the payload, in the memory that holds it, may be written over
 */
export type SampleCheck = (sample: number, payload: Uint8Array, room: number) => Damage | undefined

/** @param verify `sha256` proves key and payload by the leaf hash; that is worth as much as the index is trusted */
export function checkAgainst(index: OffsetIndex, shard: string, verify: Verify): SampleCheck {
  return (sample, payload, room) => {
    // What is proved needs no other check; what is not, is told by the simplest that finds it.
    if (verify === 'sha256' && isLeaf(index.leafAt(sample), index.keyBytesAt(sample), payload, room)) return undefined
    const crc = crc32(payload)
    const wanted = index.crcs[sample]!
    if (crc !== wanted) return damaged(index, shard, sample, `CRC-32 ${hex(crc)}`, `CRC-32 ${hex(wanted)}`)
    if (verify === 'crc32') return undefined
    return damaged(index, shard, sample, 'another SHA-256', 'the SHA-256 of the offset index')
  }
}

/** @returns `shard.corrupt` */
export function damaged(
  index: OffsetIndex,
  shard: string,
  sample: number,
  found: string,
  wanted: string,
  cause?: unknown,
): ShardexError<'shard.corrupt'> {
  const offset = index.offsets[sample]!
  const key = index.keyAt(sample)
  const message = `sample "${key}" at byte ${offset} of ${shard} is damaged: found ${found}, wanted ${wanted}. Restore the shard from a copy, or insert the dataset again.`
  return new ShardexError('shard.corrupt', { shard, offset, sample: key, found, wanted }, { message, cause })
}

/** @returns `shard.not_found` */
export function shardNotFound(shard: string): ShardexError<'shard.not_found'> {
  return new ShardexError(
    'shard.not_found',
    { shard },
    { message: `the shard ${shard} is not there. Was it moved or deleted? \`shardex verify\` lists all that are missing.` },
  )
}

/** @returns `shard.truncated`, also for a shard that is too long */
export function shardTruncated(shard: string, found: number, wanted: number): ShardexError<'shard.truncated'> {
  const message = `the shard ${shard} ends after ${found} bytes and not after ${wanted}. Restore it from a copy, or insert the dataset again.`
  return new ShardexError('shard.truncated', { shard, found, wanted }, { message })
}

/** @returns `dataset.unindexed` */
export function unindexed(shard: string): ShardexError<'dataset.unindexed'> {
  const message = `${shard} has no offset index, so its samples cannot be found one by one. Read it in order, or insert it into a repo first.`
  return new ShardexError('dataset.unindexed', { shard }, { message })
}

/** From here on it takes longer to copy a payload beside its key than to hash them one after another. */
const HASHED_IN_PIECES_BYTES = 4096

function isLeaf(leaf: Uint8Array, key: Uint8Array, payload: Uint8Array, room: number): boolean {
  const headBytes = leafHeadBytes(key)
  if (room >= headBytes) {
    const input = new Uint8Array(payload.buffer, payload.byteOffset - headBytes, headBytes + payload.length)
    writeLeafHead(input, key)
    return equalBytes(sha256(input), leaf)
  }
  if (payload.length < HASHED_IN_PIECES_BYTES) return equalBytes(sha256(sampleLeafInput(key, payload)), leaf)
  const running = runningSha256()
  running.update(sampleLeafInput(key, NOTHING))
  running.update(payload)
  return equalBytes(running.digest(), leaf)
}

const NOTHING = new Uint8Array()

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return a.length === b.length
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0')
}
