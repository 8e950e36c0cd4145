import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { HashedRows } from '../src/hash/hasher.ts'
import { SampleHasher } from '../src/hash/sample-hasher.ts'
import { sha256 } from '../src/platform/node.ts'
import { merkleRoot } from '../src/proof/merkle.ts'
import { sampleLeafInput } from '../src/proof/sample-leaf.ts'
import { OffsetIndexBuilder } from '../src/shard/offset-index.ts'

const samples = fc.array(
  fc.record({
    key: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
    gap: fc.nat(30),
    payload: fc.uint8Array({ maxLength: 60 }),
  }),
  { maxLength: 12 },
)

test('however a shard is cut into pieces, its samples have the digests that each has alone', () => {
  fc.assert(
    fc.property(samples, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), fc.boolean(), (given, cuts, large) => {
      const builder = new OffsetIndexBuilder()
      const parts: Uint8Array[] = []
      let position = 0
      const scaled = given.map(({ key, gap, payload }) => ({
        key: Buffer.from(key),
        gap,
        payload: large ? Buffer.concat(Array(200).fill(payload)) : payload,
      }))
      for (const { key, gap, payload } of scaled) {
        builder.add(key, position + gap, payload.length, 0)
        parts.push(new Uint8Array(gap), payload)
        position += gap + payload.length
      }
      parts.push(new Uint8Array(64)) // the end of a tar
      const shard = Buffer.concat(parts)

      const hasher = new SampleHasher()
      for (let at = 0, i = 0; at < shard.length; i++) {
        const piece = shard.subarray(at, at + cuts[i % cuts.length]! * (large ? 100 : 1))
        at += piece.length
        hasher.update(piece, builder.take(at) satisfies HashedRows)
      }
      const digests = hasher.digest()
      const leaves = scaled.map(({ key, payload }) => Buffer.from(sha256(sampleLeafInput(key, payload))))
      expect(Buffer.from(digests.leaves)).toEqual(Buffer.concat(leaves))
      expect(digests.merkleRoot).toBe(Buffer.from(merkleRoot((i) => leaves[i]!, 0, leaves.length, sha256)).toString('hex'))
    }),
    { numRuns: 200 },
  )
})

test('a shard of more samples than are hashed at once, small ones and large ones, has the digests of each', () => {
  const builder = new OffsetIndexBuilder()
  const payloads = Array.from({ length: 2500 }, (_, i) => Buffer.alloc(i % 700 === 0 ? 20_000 : (i * 7) % 300, i))
  const keys = payloads.map((_, i) => Buffer.from(String(i)))
  let position = 0
  for (const [i, payload] of payloads.entries()) {
    builder.add(keys[i]!, position, payload.length, 0)
    position += payload.length
  }
  const shard = Buffer.concat(payloads)
  const hasher = new SampleHasher()
  const pieceBytes = 100_001
  for (let at = 0; at < shard.length; at += pieceBytes)
    hasher.update(shard.subarray(at, at + pieceBytes), builder.take(Math.min(at + pieceBytes, shard.length)))
  const { leaves, merkleRoot: root } = hasher.digest()
  const wanted = payloads.map((payload, i) => sha256(sampleLeafInput(keys[i]!, payload)))
  expect(Buffer.compare(leaves, Buffer.concat(wanted))).toBe(0)
  expect(root).toBe(Buffer.from(merkleRoot((i) => wanted[i]!, 0, wanted.length, sha256)).toString('hex'))
})
