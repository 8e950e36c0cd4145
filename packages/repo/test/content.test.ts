import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sha256 } from '../src/hash/shard-hasher.ts'
import { verifyProof } from '../src/index.ts'
import { type ContentShard, contentCid, decodeContent, decodeShard, describeContent } from '../src/proof/content.ts'

interface Golden {
  schemaDigest: string
  contentCid: string
  shards: ContentShard[]
  proof: {
    key: string
    payload: string
    content: string
    shard: string
    shardPosition: number
    samplePosition: number
    shardPath: string[]
    samplePath: string[]
  }
}

/** Made by `vectors/make-content.py`, a second implementation from the document alone. */
const vectors = JSON.parse(readFileSync(new URL('vectors/content.json', import.meta.url), 'utf8')) as Golden[]
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))

test.each(vectors)(
  '$contentCid is the content of its shards, and its proof holds',
  ({ schemaDigest, contentCid: cid, shards, proof }) => {
    const content = describeContent(schemaDigest, shards, sha256)
    expect(contentCid(content, sha256)).toBe(cid)
    expect(decodeContent(bytes(proof.content))).toEqual(content)
    expect(decodeShard(bytes(proof.shard))).toEqual(shards[proof.shardPosition])
    const sample = { key: proof.key, payload: bytes(proof.payload) }
    const paths = { shardPath: proof.shardPath.map(bytes), samplePath: proof.samplePath.map(bytes) }
    expect(verifyProof(cid, sample, { ...proof, content: bytes(proof.content), shard: bytes(proof.shard), ...paths })).toBe(true)
  },
)
