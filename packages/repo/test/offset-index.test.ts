import { crc32 } from 'node:zlib'
import { isShardexError } from '@shardex/errors'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sha256 } from '../src/platform/node.ts'
import { sampleLeafInput } from '../src/proof/sample-leaf.ts'
import { decodeOffsetIndex, OffsetIndexBuilder } from '../src/shard/offset-index.ts'

const rows = fc.uniqueArray(
  fc.record({
    key: fc.string({ minLength: 1, unit: 'grapheme' }),
    gap: fc.nat(2000),
    size: fc.nat(5000),
    crc: fc.nat(0xffffffff),
  }),
  {
    selector: ({ key }) => key,
    maxLength: 1500,
  },
)

/** A leaf hash for each row that says which row it is. */
const leavesOf = (count: number) => Uint8Array.from({ length: 32 * count }, (_, i) => Math.floor(i / 32))

function build(given: readonly { key: string; gap: number; size: number; crc: number }[]): {
  bytes: Uint8Array
  offsets: number[]
  end: number
} {
  const builder = new OffsetIndexBuilder()
  const offsets: number[] = []
  let end = 0
  for (const { key, gap, size, crc } of given) {
    offsets.push(end + gap)
    builder.add(Buffer.from(key), end + gap, size, crc)
    end += gap + size
  }
  return { bytes: builder.encode(end, leavesOf(given.length)), offsets, end }
}

test('every row is found again by position and by key', () => {
  fc.assert(
    fc.property(rows, (given) => {
      const { bytes, offsets, end } = build(given)
      const index = decodeOffsetIndex(bytes, 'x.tar.idx')
      expect(index.sampleCount).toBe(given.length)
      expect(index.shardSizeBytes).toBe(end)
      expect([...index.offsets]).toEqual(offsets)
      given.forEach(({ key, size, crc }, i) => {
        expect([index.keyAt(i), index.sizes[i], index.crcs[i], index.find(key), index.leafAt(i)[31]]).toEqual([
          key,
          size,
          crc,
          i,
          i % 256,
        ])
      })
      expect(index.find('no such key, for it is longer than any other, and has a comma')).toBeUndefined()
    }),
    { numRuns: 60 },
  )
})

test('the bytes are those of the specification', () => {
  const payload = Uint8Array.of(0x81, 0xa2, 0x69, 0x64, 0x01)
  const builder = new OffsetIndexBuilder()
  builder.add(Buffer.from('000000000'), 512, payload.length, crc32(payload))
  const hex =
    '5348584944580001 0008000000000000 01000000 09000000 0002000000000000 05000000 2bd1569c 09000000 ' +
    '3a23718ced6d7964f0cb59b7b6807562fd760a93f0169d209bef0d7ea8a659cf 303030303030303030 679e41c8'
  expect(Buffer.from(builder.encode(2048, sha256(sampleLeafInput(Buffer.from('000000000'), payload)))).toString('hex')).toBe(
    hex.replaceAll(' ', ''),
  )
})

const twenty = build(Array.from({ length: 20 }, (_, i) => ({ key: `k${i}`, gap: 512, size: 100 + i, crc: i }))).bytes
const flipped = fc.tuple(fc.nat(twenty.length - 5), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => {
  const damaged = new Uint8Array(twenty)
  damaged[at]! ^= flip
  return damaged
})

test('an index with any byte changed is refused', () => {
  fc.assert(
    fc.property(flipped, (damaged) => {
      expect(() => decodeOffsetIndex(damaged, 'x')).toThrow(/damaged/)
    }),
  )
})

test('a damaged index with the right checksum is refused or reads as rows within the shard, never beyond', () => {
  fc.assert(
    fc.property(flipped, (damaged) => {
      new DataView(damaged.buffer).setUint32(damaged.length - 4, crc32(damaged.subarray(0, -4)), true)
      try {
        const index = decodeOffsetIndex(damaged, 'x')
        for (let i = 0; i < index.sampleCount; i++)
          expect(index.offsets[i]! + index.sizes[i]!).toBeLessThanOrEqual(index.shardSizeBytes)
      } catch (error) {
        expect(isShardexError(error, 'index.corrupt')).toBe(true)
      }
    }),
    { numRuns: 500 },
  )
})

test.each([0, 7, 23, 24, 100])('an index cut to %d bytes is refused', (length) => {
  const { bytes } = build([
    { key: 'abc', gap: 512, size: 100, crc: 1 },
    { key: 'abd', gap: 512, size: 100, crc: 1 },
    { key: 'abe', gap: 512, size: 100, crc: 1 },
    { key: 'abf', gap: 0, size: 0, crc: 0 },
  ])
  expect(() => decodeOffsetIndex(bytes.subarray(0, length), 'x')).toThrow(/damaged/)
})
