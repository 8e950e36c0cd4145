import { crc32 } from 'node:zlib'
import { ShardexError } from '@shardex/errors'

/** One sample as it lies in a shard. */
export interface RawSample {
  readonly key: string
  /** A view of the bytes that were read, where possible; it keeps them alive. */
  readonly payload: Uint8Array
}

/** Where a sample lies, for errors. */
export interface SamplePlace {
  readonly shard: string
  readonly offset: number
  readonly key: string
}

/** A `shard.corrupt` error that names shard, offset and sample, if the payload is not what was written. */
export function findDamage(payload: Uint8Array, wanted: number, place: SamplePlace): ShardexError | undefined {
  const found = crc32(payload)
  if (found === wanted) return undefined
  const { shard, offset, key } = place
  const facts = { shard, offset, sample: key, found: `CRC-32 ${hex(found)}`, wanted: `CRC-32 ${hex(wanted)}` }
  return new ShardexError('shard.corrupt', facts, {
    message: `sample "${key}" at byte ${offset} of ${shard} is damaged: found ${facts.found}, wanted ${facts.wanted}. Restore the shard from a copy, or insert the dataset again.`,
  })
}

/** @throws `shard.not_found` */
export function shardNotFound(shard: string): ShardexError {
  return new ShardexError(
    'shard.not_found',
    { shard },
    { message: `the shard ${shard} is not there. Was it moved or deleted? \`shardex verify\` lists all that are missing.` },
  )
}

/** @throws `shard.truncated` */
export function shardTruncated(shard: string, found: number, wanted: number, cause?: unknown): ShardexError {
  const message = `the shard ${shard} ends after ${found} of ${wanted} bytes. Restore it from a copy, or insert the dataset again.`
  return new ShardexError('shard.truncated', { shard, found, wanted }, { message, cause })
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0')
}
