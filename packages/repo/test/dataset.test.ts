import { writeFile } from 'node:fs/promises'
import { isShardexError } from '@shardex/errors'
import { decodeMsgpackMap, defineSample, NDArray, ndarray, str } from '@shardex/schema'
import { expect, test } from 'vitest'
import { type TempDir, tempDir } from '../../../test/services/index.ts'
import { Dataset } from '../src/dataset.ts'
import { LocalDiskStore } from '../src/stores/local-disk-store.ts'
import { upTo } from './ids.ts'
import { Image, images, Tiny, tinies } from './images.ts'
import { collect } from './outcomes.ts'

async function stored(dir: TempDir, count = 103): Promise<string[]> {
  await using store = new LocalDiskStore({ root: dir.path })
  return await store.writeShards(Dataset.from(Tiny, tinies(count)), { prefix: 'tiny', maxcount: 10 })
}

const ids = (samples: readonly { id: number | bigint }[]) => samples.map(({ id }) => Number(id))

test('a URL, a brace pattern, several of them and an iterable are all datasets', async () => {
  await using dir = await tempDir()
  const urls = await stored(dir, 25)
  const pattern = Dataset.from(Tiny, urls).url
  expect(pattern).toContain('{000000..000002}')
  expect(ids(await collect(Dataset.from(Tiny, pattern)))).toEqual(upTo(25))
  expect(Dataset.from(Tiny, pattern).shardList).toEqual(urls)
  expect(Dataset.from(Tiny, pattern).dataUrls).toEqual([pattern])
  expect(ids(await collect(Dataset.from(Tiny, [urls[2]!, urls[0]!])))).toEqual([20, 21, 22, 23, 24, ...upTo(10)])
  expect(ids(await collect(Dataset.from(Tiny, tinies(3))))).toEqual([0, 1, 2])
  expect(Dataset.from(Tiny, [...tinies(3)]).length).toBe(3)
})

test('batches hold batchSize samples, the last one what is left', async () => {
  await using dir = await tempDir()
  const batches = await collect(Dataset.from(Tiny, await stored(dir)).ordered({ batchSize: 32 }))
  expect(batches.map((batch) => batch.length)).toEqual([32, 32, 32, 7])
  expect(batches[3]?.id).toEqual([96, 97, 98, 99, 100, 101, 102])
  expect(batches[3]?.samples[0]).toMatchObject({ id: 96, label: 'n96', __key__: '000000096' })
})

test('a batch larger than the dataset is one batch, and an empty result is none', async () => {
  const dataset = Dataset.from(Tiny, [...tinies(3)])
  expect((await collect(dataset.ordered({ batchSize: 100 }))).map(({ length }) => length)).toEqual([3])
  expect(await collect(dataset.filter(() => false).ordered({ batchSize: 2 }))).toEqual([])
})

test('arrays of a batch are stacked along a new first axis', async () => {
  const [batch] = await collect(Dataset.from(Image, [...images(3)]).ordered({ batchSize: 3 }))
  expect(batch?.pixels.shape).toEqual([3, 4, 5, 3])
  expect([...(batch?.pixels.values.slice(60, 63) ?? [])]).toEqual([7, 8, 9])
  expect(batch?.label).toEqual(['label 0', 'label 1', 'label 2'])
})

test('arrays that differ in shape are an error that names the field, and the samples can still be had', async () => {
  const [batch] = await collect(Dataset.from(Image, [...images(1, 2), ...images(1, 3)]).ordered({ batchSize: 2 }))
  const error = (() => {
    try {
      return batch?.pixels
    } catch (caught) {
      return caught
    }
  })()
  expect(isShardexError(error, 'batch.ragged') && error.details.field).toBe('pixels')
  expect(isShardexError(error) && error.message).toContain('|u1(4, 2, 3) and |u1(4, 3, 3)')
  expect(batch?.samples).toHaveLength(2)
})

test('fields called like properties of a batch stay what they are', async () => {
  const Odd = defineSample('Odd', { length: str(), samples: str() })
  const [batch] = await collect(Dataset.from(Odd, [{ length: 'a', samples: 'b' }]).ordered({ batchSize: 1 }))
  expect(batch?.length).toBe(1)
  expect(batch?.samples).toEqual([{ length: 'a', samples: 'b' }])
})

test('the same seed gives the same order, another seed another one, and nothing is lost', async () => {
  await using dir = await tempDir()
  const dataset = Dataset.from(Tiny, await stored(dir))
  const order = async (seed: number) => ids(await collect(dataset.shuffled({ seed, bufferSamples: 20 })))
  const first = await order(1)
  expect(await order(1)).toEqual(first)
  expect(await order(2)).not.toEqual(first)
  expect([...first].sort((a, b) => a - b)).toEqual(upTo(103))
  const batches = await collect(dataset.shuffled({ seed: 1, bufferSamples: 20, batchSize: 10 }))
  expect(batches.flatMap((batch) => batch.id)).toEqual(first)
})

test('filter, map and take hold in order, in batches and when shuffled', async () => {
  await using dir = await tempDir()
  const even = Dataset.from(Tiny, await stored(dir)).filter(({ id }) => Number(id) % 2 === 0)
  const tens = even.map(async ({ id }) => ({ ten: Number(id) * 10 })).take(3)
  expect(await collect(tens)).toEqual([{ ten: 0 }, { ten: 20 }, { ten: 40 }])
  const [batch] = await collect(tens.ordered({ batchSize: 8 }))
  expect(batch?.ten).toEqual([0, 20, 40])
  const shuffled = await collect(tens.shuffled({ seed: 3 }))
  expect(shuffled.map(({ ten }) => ten).sort((a, b) => a - b)).toEqual([0, 20, 40])
})

test('length is known without reading until a filter makes it unknown', async () => {
  const dataset = Dataset.from(Tiny, [...tinies(10)])
  expect([
    dataset.take(4).length,
    dataset.take(40).length,
    dataset.map((sample) => sample).length,
    dataset.filter(() => true).length,
  ]).toEqual([4, 10, 10, undefined])
  expect(Dataset.from(Tiny, tinies(10)).length).toBeUndefined()
})

test('take(0) and a break open nothing further', async () => {
  await using dir = await tempDir()
  const dataset = Dataset.from(Tiny, [...(await stored(dir, 10)), '/nowhere/at-all.tar'])
  expect(await collect(dataset.take(0))).toEqual([])
  expect(ids(await collect(dataset.take(10)))).toEqual(upTo(10))
  for await (const { id } of dataset) if (id === 3) break
  await expect(collect(dataset)).rejects.toThrow(/\/nowhere\/at-all\.tar is not there/)
})

test('map may give the new samples a schema, so that they can be written', async () => {
  await using dir = await tempDir()
  const Vector = defineSample('Vector', { values: ndarray('float32', [2]) })
  const vectors = Dataset.from(Tiny, tinies(4)).map(
    ({ id }) => ({ values: NDArray.from(Float32Array.of(Number(id), 1)) }),
    Vector,
  )
  await using store = new LocalDiskStore({ root: dir.path })
  const urls = await store.writeShards(vectors, { prefix: 'vectors' })
  const [batch] = await collect(Dataset.from(Vector, urls).ordered({ batchSize: 4 }))
  expect([...(batch?.values.values ?? [])]).toEqual([0, 1, 1, 1, 2, 1, 3, 1])
})

test('samples without a schema come back as the maps they are', async () => {
  await using dir = await tempDir()
  const untyped = Dataset.from({ unpack: (bytes: Uint8Array) => ({ ...decodeMsgpackMap(bytes) }) }, await stored(dir, 2))
  expect(await collect(untyped)).toEqual([
    { id: 0, label: 'n0', __key__: '000000000' },
    { id: 1, label: 'n1', __key__: '000000001' },
  ])
})

test('an aborted read stops with the reason', async () => {
  await using dir = await tempDir()
  const urls = await stored(dir)
  const controller = new AbortController()
  const reason = new Error('enough')
  const reading = (async () => {
    for await (const { id } of Dataset.from(Tiny, urls).ordered({ signal: controller.signal }))
      if (id === 15) controller.abort(reason)
  })()
  await expect(reading).rejects.toBe(reason)
})

test('an aborted read of a silent source stops with the reason', async () => {
  const controller = new AbortController()
  const silent = async function* () {
    yield* tinies(1)
    controller.abort(new Error('enough'))
    await new Promise(() => {})
  }
  await expect(collect(Dataset.from(Tiny, silent()).ordered({ signal: controller.signal }))).rejects.toThrow('enough')
})

test('the abort of one caller is not the failure of another who waits for the same', async () => {
  await using dir = await tempDir()
  const dataset = Dataset.from(Tiny, await stored(dir))
  const controller = new AbortController()
  const reads = Promise.allSettled([dataset.at(3, { signal: controller.signal }), dataset.at(4)])
  controller.abort(new Error('enough'))
  const [first, second] = await reads
  expect(first.status).toBe('rejected')
  expect(second).toMatchObject({ status: 'fulfilled', value: { id: 4 } })
})

test('what lies beside a foreign tar and is no index is passed over', async () => {
  await using dir = await tempDir()
  const [url = ''] = await stored(dir, 10)
  await writeFile(`${url}.idx`, '<html>404: there is no such page</html>')
  expect(ids(await collect(Dataset.from(Tiny, url)))).toEqual(upTo(10))
})

test('with bufferShards so many shards are read side by side, and no more', async () => {
  await using dir = await tempDir()
  const dataset = Dataset.from(Tiny, await stored(dir, 200))
  const order = ids(await collect(dataset.shuffled({ seed: 5, bufferShards: 4 }))).map((id) => Math.floor(id / 10))
  expect(order.toSorted((a, b) => a - b)).toEqual(upTo(200).map((id) => Math.floor(id / 10)))
  const open = order.map((_, i) => upTo(20).filter((shard) => order.indexOf(shard) <= i && order.lastIndexOf(shard) >= i))
  expect(Math.max(...open.map(({ length }) => length))).toBe(4)
  expect(order.slice(0, 40)).not.toEqual(order.slice(0, 40).toSorted((a, b) => a - b))
})

test.each([['pipe:echo gotcha > /tmp/x'], ['gs://bucket/x.tar'], ['data-{000000..']])(
  '%j is refused and never run',
  async (url) => {
    const error = await collect(Dataset.from(Tiny, url)).catch((caught: unknown) => caught)
    expect(isShardexError(error, 'url.invalid')).toBe(true)
  },
)

test('options that make no sense are a TypeError that names them', async () => {
  const dataset = Dataset.from(Tiny, [...tinies(3)])
  await expect(collect(dataset.ordered({ batchSize: 0 }))).rejects.toThrow(/batchSize/)
  for (const option of [
    'bufferSamples',
    'bufferShards',
    'bufferBytes',
    'seed',
    'epoch',
    'rank',
    'worker',
    'worldSize',
    'workers',
  ])
    expect(() => dataset.shuffled({ [option]: -1 })).toThrow(option)
  expect(() => dataset.take(-1)).toThrow(/take/)
  await expect(dataset.at(1.5)).rejects.toThrow(/position/)
  await expect(dataset.filter(() => true).at(0)).rejects.toThrow(/before filter/)
})
