import { sha256 as portableSha256 } from '@noble/hashes/sha2.js'
import { toHex } from '../hex.ts'
import { contentCid, decodeContent, decodeShard } from './content.ts'
import { leafInput, rootOfPath, type Sha256 } from './merkle.ts'
import { sampleLeafInput } from './sample-leaf.ts'

/**
 * That a sample is in the data that a `contentCid` stands for, in a few hundred bytes: everything between the sample and the CID that cannot be
 * computed from them. It can be sent as it is or as JSON (bytes as base64 by your own means).
 */
export interface SampleProof {
  /** The blocks of the content and of the shard, as `docs/formats/content.md` lays them out. */
  readonly content: Uint8Array
  readonly shard: Uint8Array
  /** Which shard, and which sample of it. */
  readonly shardPosition: number
  readonly samplePosition: number
  /** RFC 6962 audit paths, nearest sibling first. */
  readonly shardPath: readonly Uint8Array[]
  readonly samplePath: readonly Uint8Array[]
}

/** A sample as it lies in its shard. */
export interface ProvedSample {
  readonly key: string
  /** The packed sample. */
  readonly payload: Uint8Array
}

/**
 * Whether the proof shows that this sample, under this key, is part of the data with this content CID. Needs neither store nor registry, and runs
 * in a browser. Whatever the proof holds, this answers: it never throws and does no more work than the proof is long.
 */
export function verifyProof(cid: string, { key, payload }: ProvedSample, proof: SampleProof): boolean {
  try {
    const content = decodeContent(proof.content)
    const shard = decodeShard(proof.shard)
    const leaf = sha256(sampleLeafInput(new TextEncoder().encode(key), payload))
    const samplesRoot = rootOfPath(leaf, proof.samplePosition, shard.sampleCount, proof.samplePath, sha256)
    const shardsRoot = rootOfPath(
      sha256(leafInput(proof.shard)),
      proof.shardPosition,
      content.shardCount,
      proof.shardPath,
      sha256,
    )
    if (samplesRoot === undefined || shardsRoot === undefined) return false
    return (
      toHex(samplesRoot) === shard.merkleRoot && toHex(shardsRoot) === content.shardsRoot && contentCid(content, sha256) === cid
    )
  } catch {
    return false // bytes that are no blocks prove nothing
  }
}

const sha256: Sha256 = (bytes) => portableSha256(bytes)
