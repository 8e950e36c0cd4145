import { decode, encode } from '@ipld/dag-cbor'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { describe } from '@shardex/errors'
import { CID } from 'multiformats/cid'
import { isDagCborCid } from './cid.ts'
import type { ShardDescription } from './entry.ts'

/** What we know of an entry beyond what atdata keeps. */
export interface EntryDetails {
  readonly shards: readonly ShardDescription[]
  readonly contentCid?: string | undefined
}

/**
 * The details as they lie beside atdata's part of the entry: DAG-CBOR of `{version: 1, shards: […], content?}`, one map per data URL in order,
 * digests as bytes, `content` a link.
 */
export function encodeDetails({ shards, contentCid }: EntryDetails): Uint8Array {
  const content = contentCid !== undefined && { content: CID.parse(contentCid) }
  return encode({ version: 1, shards: shards.map(toStored), ...content })
}

/** One shard alone, as a journal notes it. */
export function encodeShard(shard: ShardDescription): Uint8Array {
  return encode(toStored(shard))
}

/** @throws any error for bytes that {@link encodeShard} did not make */
export function decodeShard(bytes: Uint8Array, url: string): ShardDescription {
  return fromStored(record(decode(bytes)), url)
}

/** @throws {TypeError} saying what is wrong with the bytes; any error for bytes that are not DAG-CBOR */
export function decodeDetails(bytes: Uint8Array, dataUrls: readonly string[]): EntryDetails {
  const { version, shards, content } = record(decode(bytes))
  if (version !== 1) throw new TypeError(`details of version ${describe(version)}`)
  if (!Array.isArray(shards) || shards.length !== dataUrls.length)
    throw new TypeError(`details of ${describe(shards)} for ${dataUrls.length} URLs`)
  const contentCid = content === undefined ? undefined : String(CID.asCID(content))
  if (contentCid !== undefined && !isDagCborCid(contentCid))
    throw new TypeError(`${describe(content)} in place of a CID of DAG-CBOR by SHA-256`)
  return { shards: shards.map((shard, i) => fromStored(record(shard), dataUrls[i] ?? '')), contentCid }
}

function toStored(shard: ShardDescription) {
  const { sizeBytes, sampleCount, minKey, maxKey, indexSizeBytes, storeChecksum } = shard
  const digests = {
    sha256: fromHex(shard.sha256),
    merkleRoot: fromHex(shard.merkleRoot),
    indexSha256: fromHex(shard.indexSha256),
  }
  return {
    ...digests,
    sizeBytes,
    sampleCount,
    minKey,
    maxKey,
    indexSizeBytes,
    ...(storeChecksum !== undefined && { storeChecksum }),
  }
}

function fromStored(shard: Readonly<Record<string, unknown>>, url: string): ShardDescription {
  const { sha256, sizeBytes, sampleCount, minKey, maxKey, merkleRoot, indexSha256, indexSizeBytes, storeChecksum } = shard
  return Object.freeze({
    url,
    sha256: hex(sha256),
    sizeBytes: count(sizeBytes),
    sampleCount: count(sampleCount),
    minKey: text(minKey),
    maxKey: text(maxKey),
    merkleRoot: hex(merkleRoot),
    indexSha256: hex(indexSha256),
    indexSizeBytes: count(indexSizeBytes),
    ...(storeChecksum !== undefined && { storeChecksum: text(storeChecksum) }),
  })
}

/** @returns what is wrong with a description that somebody wants to commit, if anything is */
export function faultOfShard(shard: ShardDescription, url: string | undefined): string | undefined {
  if (shard.url !== url) return `url ${describe(shard.url)}, wanted ${describe(url)}`
  for (const field of ['sha256', 'merkleRoot', 'indexSha256'] as const) {
    if (!/^[0-9a-f]{64}$/.test(shard[field])) return `${field} ${describe(shard[field])}, wanted 64 lower-case hex digits`
  }
  for (const field of ['sizeBytes', 'sampleCount', 'indexSizeBytes'] as const) {
    if (!isCount(shard[field])) return `${field} ${describe(shard[field])}, wanted a whole number`
  }
  for (const field of ['minKey', 'maxKey'] as const) {
    if (typeof shard[field] !== 'string') return `${field} ${describe(shard[field])}, wanted a sample key`
  }
  const { storeChecksum } = shard
  if (storeChecksum !== undefined && typeof storeChecksum !== 'string')
    return `storeChecksum ${describe(storeChecksum)}, wanted text or none`
  return undefined
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError(`${describe(value)} in place of a map`)
  return value as Readonly<Record<string, unknown>>
}

function hex(value: unknown): string {
  if (!(value instanceof Uint8Array) || value.length !== 32) throw new TypeError(`${describe(value)} in place of a SHA-256`)
  return bytesToHex(value)
}

function fromHex(digits: string): Uint8Array {
  return hexToBytes(digits)
}

function count(value: unknown): number {
  if (!isCount(value)) throw new TypeError(`${describe(value)} in place of a count`)
  return value
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${describe(value)} in place of text`)
  return value
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
