import { expect } from 'vitest'
import { tempDir } from '../../../test/services/index.ts'
import { Dataset, LocalDiskStore } from '../src/index.ts'
import { idsOf, upTo } from './ids.ts'
import { Tiny, tinies } from './images.ts'

/** A buffer so small that every block is read by itself. */
export const SMALL = { bufferShards: 6, bufferSamples: 60, bufferBytes: 60_000 }

/** The place of each of so many readers. */
export const everyone = (worldSize: number, workers = 1) =>
  upTo(worldSize * workers).map((i) => ({ rank: i % worldSize, worldSize, worker: Math.floor(i / worldSize), workers }))

/** Shards on disk, without a registry. */
export async function onDisk(count = 103, maxcount = 10) {
  const dir = await tempDir('order')
  const store = new LocalDiskStore({ root: dir.path })
  const urls = await store.writeShards(Dataset.from(Tiny, tinies(count)), { prefix: 'tiny', maxcount })
  return {
    urls,
    dataset: Dataset.from(Tiny, urls),
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      await dir[Symbol.asyncDispose]()
    },
  }
}

/** What is thrown instead of the first sample. */
export async function refusalOf(samples: () => AsyncIterable<unknown>): Promise<unknown> {
  try {
    for await (const _ of samples()) expect.unreachable('nothing should be given')
  } catch (error) {
    return error
  }
  return undefined
}

/** The state of an epoch of which so many samples were taken. */
export async function stateAfter(dataset: Dataset<{ id: number | bigint }>, count: number): Promise<string> {
  const epoch = dataset.shuffled({ seed: 3 })
  await idsOf(epoch, count)
  return epoch.state()
}
