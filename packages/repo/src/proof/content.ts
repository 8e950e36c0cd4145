import { decode, encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { toHex } from '../hex.ts'
import { leafInput, merkleRoot, type Sha256 } from './merkle.ts'

/**
 * The identity of data, as `docs/formats/content.md` specifies it: a DAG-CBOR block that commits to the schema and, through a Merkle root, to every
 * shard in order; each shard commits to its bytes and, through another, to its samples. Its CID is the `contentCid` of an entry.
 */
export interface Content {
  /** SHA-256 of the schema's definition, in hex. */
  readonly schemaDigest: string
  readonly shardCount: number
  readonly sampleCount: number
  readonly sizeBytes: number
  /** The Merkle root over the shards, in hex. */
  readonly shardsRoot: string
}

export interface ContentShard {
  /** SHA-256 of the tar, in hex. */
  readonly sha256: string
  readonly sampleCount: number
  readonly sizeBytes: number
  /** The Merkle root over the samples, in hex. */
  readonly merkleRoot: string
}

const RAW = 0x55
const DAG_CBOR = 0x71
const SHA2_256 = 0x12
/** More than either block can take. */
const MAX_BLOCK_BYTES = 512

/** The block of a dataset's content, from what its shards are. */
export function describeContent(schemaDigest: string, shards: readonly ContentShard[], sha256: Sha256): Content {
  const leaves = shards.map((shard) => sha256(leafInput(encodeShard(shard))))
  return {
    schemaDigest,
    shardCount: shards.length,
    sampleCount: shards.reduce((sum, { sampleCount }) => sum + sampleCount, 0),
    sizeBytes: shards.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    shardsRoot: toHex(merkleRoot((i) => leaves[i]!, 0, leaves.length, sha256)),
  }
}

export function contentCid(content: Content, sha256: Sha256): string {
  return CID.createV1(DAG_CBOR, create(SHA2_256, sha256(encodeContent(content)))).toString()
}

/** `{root, sizes, schema, …}`: DAG-CBOR orders the keys. */
export function encodeContent({ schemaDigest, shardCount, sampleCount, sizeBytes, shardsRoot }: Content): Uint8Array {
  return encode({ version: 1, schema: rawCid(schemaDigest), shardCount, sampleCount, sizeBytes, shardsRoot: fromHex(shardsRoot) })
}

export function encodeShard({ sha256, sampleCount, sizeBytes, merkleRoot: root }: ContentShard): Uint8Array {
  return encode({ shard: rawCid(sha256), sampleCount, sizeBytes, samplesRoot: fromHex(root) })
}

/** Only what {@link encodeContent} gives back. @throws {TypeError} for anything else */
export function decodeContent(bytes: Uint8Array): Content {
  const { schema, shardCount, sampleCount, sizeBytes, shardsRoot } = decodeMap(bytes)
  const content = {
    schemaDigest: rawDigest(schema),
    shardCount: count(shardCount),
    sampleCount: count(sampleCount),
    sizeBytes: count(sizeBytes),
    shardsRoot: root(shardsRoot),
  }
  assertSame(encodeContent(content), bytes)
  return content
}

/** Only what {@link encodeShard} gives back. @throws {TypeError} for anything else */
export function decodeShard(bytes: Uint8Array): ContentShard {
  const { shard, sampleCount, sizeBytes, samplesRoot } = decodeMap(bytes)
  const described = {
    sha256: rawDigest(shard),
    sampleCount: count(sampleCount),
    sizeBytes: count(sizeBytes),
    merkleRoot: root(samplesRoot),
  }
  assertSame(encodeShard(described), bytes)
  return described
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))
}

function rawCid(digest: string): CID {
  return CID.createV1(RAW, create(SHA2_256, fromHex(digest)))
}

function decodeMap(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  if (bytes.length > MAX_BLOCK_BYTES) throw new TypeError(`a block of ${bytes.length} bytes`)
  try {
    return Object(decode(bytes)) as Readonly<Record<string, unknown>>
  } catch (cause) {
    throw new TypeError('bytes that are no DAG-CBOR', { cause })
  }
}

function rawDigest(value: unknown): string {
  const cid = CID.asCID(value)
  if (cid?.code !== RAW || cid.multihash.code !== SHA2_256) throw new TypeError('a link that is no raw SHA-256 CID')
  return toHex(cid.multihash.digest)
}

function count(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new TypeError('a count that is no whole number')
  return value as number
}

function root(value: unknown): string {
  if (!(value instanceof Uint8Array) || value.length !== 32) throw new TypeError('a root that is no 32 bytes')
  return toHex(value)
}

function assertSame(a: Uint8Array, b: Uint8Array): void {
  if (a.length !== b.length || a.some((byte, i) => byte !== b[i]))
    throw new TypeError('bytes that are not in the one form of this block')
}
