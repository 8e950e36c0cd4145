import { openStorage } from '@shardex/storage'
import { expect, test } from 'vitest'
import { tempDir } from '../../../test/services/index.ts'
import { Dataset, LocalDiskStore } from '../src/index.ts'
import { everyone, onDisk, SMALL, stateAfter } from './epochs.ts'
import { idsOf, sorted, upTo } from './ids.ts'
import { Image, images, Tiny } from './images.ts'
import { bytesOf, noting } from './noted-reads.ts'

test('a dataset that the buffer can hold is read in large units, each once, also where a block lies in two of them', async () => {
  await using stored = await onDisk(103, 103)
  await using real = openStorage()
  const { storage, reads } = noting(real)
  const dataset = Dataset.from(Tiny, stored.urls, { storage })
  expect(sorted(await idsOf(dataset.shuffled({ seed: 3, bufferShards: 3, bufferBytes: 120_000 })))).toEqual(upTo(103))
  expect(reads).toHaveLength(3)
})

test('no byte is read twice by ranks that divide the places, and resuming late reads what is left only', async () => {
  await using stored = await onDisk(600)
  await using real = openStorage()
  const { storage, reads } = noting(real)
  const dataset = Dataset.from(Tiny, stored.urls, { storage })
  for (const [worldSize, onCorrupt] of [
    [1, 'error'],
    [2, 'error'],
    [3, 'skip'],
    [6, 'refetch'],
  ] as const) {
    reads.length = 0
    const tolerant = Dataset.from(Tiny, stored.urls, { storage, onCorrupt })
    for (const who of everyone(worldSize)) await idsOf(tolerant.shuffled({ seed: 3, ...SMALL, ...who }))
    const inOrder = reads.toSorted((a, b) => a.url.localeCompare(b.url) || a.start - b.start)
    for (const [i, read] of inOrder.entries())
      if (inOrder[i + 1]?.url === read.url) expect(read.end).toBeLessThanOrEqual(inOrder[i + 1]!.start)
  }
  const resume = await stateAfter(dataset, 590)
  const all = reads.length
  reads.length = 0
  expect(await idsOf(dataset.shuffled({ resume }))).toHaveLength(10)
  expect(reads.length).toBeLessThanOrEqual(10)
  expect(all).toBeGreaterThan(50)
})

test('of large samples each rank reads little but its own, also where ranks share the places', async () => {
  await using dir = await tempDir('large')
  await using store = new LocalDiskStore({ root: dir.path })
  const urls = await store.writeShards(Dataset.from(Image, images(70, 10_000)), { prefix: 'large', maxcount: 35 })
  await using real = openStorage()
  const { storage, reads } = noting(real)
  const dataset = Dataset.from(Image, urls, { storage })
  for (const rank of [0, 3, 6])
    for await (const _ of dataset.shuffled({ seed: 3, rank, worldSize: 7, bufferShards: 1, bufferBytes: 2 ** 22 }));
  expect(bytesOf(reads)).toBeLessThan(1.1 * 30 * 120_000)
})

test('whoever stops early lets go of what was fetched ahead, and an abort ends the epoch with its reason', async () => {
  await using stored = await onDisk(600)
  await using real = openStorage()
  const { storage, reads } = noting(real)
  const dataset = Dataset.from(Tiny, stored.urls, { storage })
  await idsOf(dataset.shuffled({ seed: 3, ...SMALL }), 3)
  expect(reads.length).toBeLessThan(10)
  for (const { signal } of reads) expect(signal?.aborted).toBe(true)
  const controller = new AbortController()
  const reason = new Error('enough')
  const reading = (async () => {
    let seen = 0
    for await (const _ of dataset.shuffled({ seed: 3, ...SMALL, signal: controller.signal }))
      if (++seen === 5) controller.abort(reason)
  })()
  await expect(reading).rejects.toBe(reason)
})
