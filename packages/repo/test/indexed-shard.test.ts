import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { isShardexError } from '@shardex/errors'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tempDir } from '../../../test/services/index.ts'
import { Dataset } from '../src/index.ts'
import { sampleLeafInput } from '../src/proof/sample-leaf.ts'
import { type CutOptions, cutSamples } from '../src/read/indexed-shard.ts'
import { checkAgainst } from '../src/read/raw-sample.ts'
import { decodeOffsetIndex, OffsetIndexBuilder } from '../src/shard/offset-index.ts'

/** Of a shard of 10 KiB that is said to hold a sample of 4 GiB. */
function exaggeratedIndex(): Uint8Array {
  const index = new OffsetIndexBuilder()
  index.add(Buffer.from('huge'), 512, 2 ** 32 - 1, 0)
  return index.encode(2 ** 33, new Uint8Array(32))
}

test('a sample that only the index knows of gets no memory', async () => {
  let mostBytes = 0
  const chunks = (async function* () {
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 10; i++) {
      yield new Uint8Array(1024)
      mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers - before)
    }
  })()
  const index = decodeOffsetIndex(exaggeratedIndex(), 'x.tar.idx')
  const samples = cutSamples({ chunks, sizeBytes: 10_240 }, index, 'x.tar', () => undefined)
  const error = await samples.next().catch((refusal: unknown) => refusal)
  expect(isShardexError(error, 'shard.truncated')).toBe(true)
  expect(mostBytes).toBeLessThan(2 ** 26)
})

test('a sample that only the index knows of is refused in order and by position', async () => {
  await using dir = await tempDir()
  await writeFile(dir.file('x.tar'), Buffer.alloc(10_240))
  await writeFile(dir.file('x.tar.idx'), exaggeratedIndex())
  const dataset = Dataset.from({ unpack: () => ({}) }, dir.file('x.tar'))
  const first = await dataset[Symbol.asyncIterator]()
    .next()
    .catch((refusal: unknown) => refusal)
  expect(isShardexError(first, 'shard.truncated')).toBe(true)
  expect(isShardexError(await dataset.at(0).catch((refusal: unknown) => refusal), 'shard.corrupt')).toBe(true)
})

interface Piece {
  readonly key: Uint8Array
  readonly payload: Uint8Array
  /** Bytes before it that belong to no sample: in a shard that is a header, an index may claim any number. */
  readonly gap: number
}

const PIECES = fc.array(
  fc.record({
    key: fc.string({ minLength: 1, maxLength: 20 }).map((key) => Buffer.from(key)),
    payload: fc.uint8Array({ maxLength: 5000 }),
    gap: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 }), fc.constant(512)),
  }),
  { minLength: 1, maxLength: 12 },
)

function shardOf(pieces: readonly Piece[]) {
  const index = new OffsetIndexBuilder()
  const parts: Uint8Array[] = []
  let sizeBytes = 0
  for (const [i, { key, payload, gap }] of pieces.entries()) {
    index.add(Buffer.concat([key, Buffer.from(String(i))]), sizeBytes + gap, payload.length, crc32(payload))
    parts.push(Buffer.alloc(gap, 0xee), payload)
    sizeBytes += gap + payload.length
  }
  parts.push(Buffer.alloc(1024)) // as tars end
  sizeBytes += 1024
  const leaves = pieces.map(({ key, payload }, i) =>
    createHash('sha256')
      .update(sampleLeafInput(Buffer.concat([key, Buffer.from(String(i))]), payload))
      .digest(),
  )
  return { bytes: Buffer.concat(parts), index: decodeOffsetIndex(index.encode(sizeBytes, Buffer.concat(leaves)), 'x.tar.idx') }
}

describe.each(['crc32', 'sha256'] as const)('samples that are cut out of chunks, checked by %s,', (verify) => {
  test('are what was written, wherever chunks end, samples touch, and memory is given', async () => {
    const way = fc.constantFrom('fresh', 'reuse', 'in place', 'copied')
    await fc.assert(
      fc.asyncProperty(PIECES, fc.integer({ min: 1, max: 6000 }), fc.nat(), way, async (pieces, chunkBytes, skip, way) => {
        const { bytes, index } = shardOf(pieces)
        const from = skip % pieces.length
        const start = from === 0 ? 0 : index.offsets[from]!
        const memory = new Uint8Array(bytes.length - start)
        const chunks = (async function* () {
          const again = new Uint8Array(chunkBytes)
          for (let at = start; at < bytes.length; at += chunkBytes) {
            const part = bytes.subarray(at, at + chunkBytes)
            const place = way === 'in place' ? memory.subarray(at - start) : way === 'fresh' ? new Uint8Array(part.length) : again
            place.set(part)
            yield place.subarray(0, part.length)
          }
        })()
        const isGiven = way === 'in place' || way === 'copied'
        const check = checkAgainst(index, 'x.tar', verify)
        const options = { from, start, reuse: way === 'reuse', memory: isGiven ? memory : undefined } satisfies CutOptions
        const kept: (() => Uint8Array)[] = []
        let seen = from
        for await (const block of cutSamples({ chunks, sizeBytes: bytes.length }, index, 'x.tar', check, options)) {
          for (const sample of block) {
            expect(Buffer.compare(sample.payload, pieces[seen++]!.payload)).toBe(0)
            if (way !== 'reuse') kept.push(() => sample.payload)
          }
        }
        expect(seen).toBe(pieces.length)
        for (const [i, payload] of kept.entries()) expect(Buffer.compare(payload(), pieces[from + i]!.payload)).toBe(0)
      }),
    )
  })

  test('are refused if a byte of them is another one', async () => {
    await fc.assert(
      fc.asyncProperty(PIECES, fc.nat(), fc.boolean(), async (pieces, where, given) => {
        const { bytes, index } = shardOf(pieces)
        const hit = where % Math.max(1, bytes.length)
        const owner = pieces.findIndex((_, i) => hit >= index.offsets[i]! && hit < index.offsets[i]! + index.sizes[i]!)
        fc.pre(owner >= 0)
        bytes[hit]! ^= 1
        const memory = given ? new Uint8Array(bytes.length) : undefined
        const chunks = (async function* () {
          yield new Uint8Array(bytes)
        })()
        const found: number[] = []
        const instead = (_: unknown, sample: number) => void found.push(sample)
        const options = { instead, memory } satisfies CutOptions
        const check = checkAgainst(index, 'x.tar', verify)
        for await (const _ of cutSamples({ chunks, sizeBytes: bytes.length }, index, 'x.tar', check, options));
        expect(found).toEqual([owner])
      }),
    )
  })
})
