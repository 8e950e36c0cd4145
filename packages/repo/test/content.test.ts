import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { verifyProof } from '../src/index.ts'
import { sha256 } from '../src/platform/node.ts'
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

test.each([
  ['nothing', ''],
  ['no DAG-CBOR', 'ff'],
  ['no map', 'f6'],
  ['a CID with a length that is none', `a4657368617264d82a58250001558000${'00'.repeat(33)}`],
  ['lists in lists, deeper than the stack', '81'.repeat(50_000)],
])('%s is no block, which is a TypeError', (_, hex) => {
  expect(() => decodeContent(bytes(hex))).toThrow(TypeError)
  expect(() => decodeShard(bytes(hex))).toThrow(TypeError)
})
