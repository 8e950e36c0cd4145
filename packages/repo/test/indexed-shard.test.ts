import { writeFile } from 'node:fs/promises'
import { isShardexError } from '@shardex/errors'
import { expect, test } from 'vitest'
import { tempDir } from '../../../test/services/index.ts'
import { Dataset } from '../src/index.ts'
import { cutSamples } from '../src/read/indexed-shard.ts'
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
