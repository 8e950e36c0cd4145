import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blocksOf } from '../src/blocks.ts'
import { crc32Header } from '../src/s3/crc32.ts'
import { MAX_PARTS, MIN_PART_BYTES, partBytesAt } from '../src/s3/part-plan.ts'
import { bytesOf, inChunks } from '../src/testing/bytes.ts'
import { compareUtf8 } from '../src/utf8-order.ts'

const MIB = 2 ** 20

test('the parts of one upload hold 5 TiB, none is larger than S3 allows', () => {
  for (const firstBytes of [8 * MIB, 16 * MIB, 64 * MIB]) {
    let total = 0
    for (let index = 0; index < MAX_PARTS; index++) {
      const size = partBytesAt(index, firstBytes)
      expect(size).toBeGreaterThanOrEqual(MIN_PART_BYTES)
      expect(size).toBeLessThanOrEqual(5 * 1024 * MIB)
      total += size
    }
    expect(total).toBeGreaterThanOrEqual(5 * 2 ** 40)
  }
})

test('blocks have the planned sizes and the bytes of the stream, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(500),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 60 }),
      fc.boolean(),
      fc.boolean(),
      async (size, chunk, block, isArray, inPlace) => {
        const bytes = bytesOf(size)
        const blocks: Uint8Array[] = []
        const plan = { sizeOf: (index: number) => block + index, allocate: (length: number) => new Uint8Array(length), inPlace }
        for await (const one of blocksOf(isArray ? bytes : inChunks(bytes, chunk), plan)) blocks.push(inPlace ? one.slice() : one)
        expect(Buffer.concat(blocks)).toEqual(Buffer.from(bytes))
        for (const [index, one] of blocks.entries()) {
          if (index < blocks.length - 1) expect(one.length).toBe(block + index)
          else expect(one.length).toBeGreaterThan(0)
        }
      },
    ),
  )
})

test('CRC-32 is written as S3 writes it', () => {
  expect(crc32Header(Buffer.from('123456789'))).toBe('y/Q5Jg==')
})

test('keys compare as their UTF-8 bytes do', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
  )
})
