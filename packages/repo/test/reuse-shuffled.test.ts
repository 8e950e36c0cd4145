import { basename } from 'node:path'
import { defineSample, int, NDArray } from '@shardex/schema'
import { expect, test } from 'vitest'
import { Dataset, type Keyed, mix, type Shuffled } from '../src/index.ts'
import { BLOBS, Blob, blob, bytesOf, insertedBlobs, sizeOf } from './blobs.ts'
import { flipped, mirrorInStore } from './mirror.ts'
import { collect } from './outcomes.ts'
import { describeSettings, type Setting } from './settings.ts'

/** Small, so that the blobs are not kept whole. */
const ORDER = { seed: 5, bufferShards: 4, bufferSamples: 12, bufferBytes: 2 ** 18 }
const Id = defineSample('tests.Id', { id: int() })

/** An eighth as large. */
const small = (id: number): Blob => blob(id, sizeOf(id) >> 3)
const smalls = (): Blob[] => Array.from({ length: BLOBS }, (_, id) => small(id))

async function opened(setting: Setting, options: object = {}): Promise<Dataset<Keyed<Blob>>> {
  await insertedBlobs(setting, smalls())
  return setting.repo.open('blobs', { type: Blob, ...options })
}

/** What each sample was while it was the last one, and in how many places of memory the arrays lay. */
async function watched(samples: AsyncIterable<Blob>) {
  const seen: string[] = []
  const memory = new Set<ArrayBufferLike>()
  for await (const sample of samples) {
    seen.push(bytesOf(sample))
    memory.add(sample.pixels.bytes.buffer)
  }
  return { seen, places: memory.size }
}

/** Scores, stacked or one by one where some are missing. */
const plain = (scores: NDArray | readonly (NDArray | undefined)[]) =>
  scores instanceof NDArray ? [scores.shape, scores.values] : scores.map((score) => score?.values)

const bytesOfAll = async (samples: AsyncIterable<Blob>) => (await collect(samples)).map(bytesOf)

describeSettings('Memory that a shuffle uses again', (open) => {
  test.each(['crc32', 'sha256'] as const)('holds the right sample until the next is asked for, checked by %s', async (verify) => {
    await using setting = await open()
    const dataset = await opened(setting, { verify })
    for (const lanes of [{}, { rank: 1, worldSize: 3 }]) {
      const wanted = await bytesOfAll(dataset.shuffled({ ...ORDER, ...lanes }))
      const { seen } = await watched(dataset.shuffled({ ...ORDER, ...lanes, reuse: true }))
      expect(seen).toEqual(wanted)
    }
  })

  test('is that of runs that were given out', async () => {
    await using setting = await open()
    const samples = Array.from({ length: BLOBS }, (_, id) => blob(id, 40_000))
    await insertedBlobs(setting, samples)
    const dataset = await setting.repo.open('blobs', { type: Blob })
    const often = { ...ORDER, bufferShards: 2, bufferSamples: 2 } // a run for each sample
    expect((await watched(dataset.shuffled(often))).places).toBe(BLOBS)
    expect((await watched(dataset.shuffled({ ...often, reuse: true }))).places).toBeLessThan(BLOBS / 2)
    const half = { dataset, weight: 1 }
    expect((await watched(mix([half], { ...often, reuse: true }))).places).toBeLessThan(BLOBS / 2)
  })

  test('holds the right batch until the next is asked for, whatever can be stacked', async () => {
    await using setting = await open()
    await insertedBlobs(
      setting,
      [...Array(14).keys()].map((id) => blob(id, 40_000)),
    )
    const dataset = await setting.repo.open('blobs', { type: Blob })
    const batches = (reuse: boolean) => [
      dataset.shuffled({ ...ORDER, batchSize: 3, reuse }),
      mix([{ dataset, weight: 2 }], { ...ORDER, batchSize: 3, reuse }),
      dataset.query({ id: { lt: 14 } }).shuffled({ ...ORDER, batchSize: 3, reuse }),
    ]
    for (const [i, shuffled] of batches(true).entries()) {
      const wanted = await collect(batches(false)[i]!)
      const places = new Set<ArrayBufferLike>()
      let at = 0
      for await (const batch of shuffled) {
        const { id, pixels, score, text, length } = wanted[at++]!
        expect([batch.length, batch.id, batch.text]).toEqual([length, id, text])
        expect(batch.pixels.shape).toEqual(pixels.shape)
        expect(Buffer.compare(batch.pixels.bytes, pixels.bytes)).toBe(0)
        expect(plain(batch.score)).toEqual(plain(score))
        expect(batch.samples.map(bytesOf)).toEqual(id.map((id) => bytesOf(blob(Number(id), 40_000))))
        places.add(batch.pixels.bytes.buffer)
      }
      expect(at).toBe(5)
      expect(places.size).toBeLessThan(3) // one that grew
    }
  })

  test('is not used again without being asked for, nor for batches of what map() gives', async () => {
    await using setting = await open()
    const dataset = await opened(setting)
    const kept = await collect(dataset.shuffled(ORDER))
    expect(new Set(kept.map(bytesOf))).toEqual(new Set(smalls().map(bytesOf)))
    const mapped = dataset.map(({ id, pixels }) => Object.assign({ id }, { hidden: pixels.bytes }), Id)
    const other = { ...ORDER, batchSize: 4, reuse: true }
    for (const shuffled of [mapped.shuffled(other), mix([{ dataset: mapped, weight: 1 }], other)]) {
      const samples = (await collect(shuffled)).flatMap((batch) => batch.samples)
      expect(samples).toHaveLength(BLOBS)
      for (const { id, hidden } of samples as unknown as { id: number; hidden: Uint8Array }[])
        expect(Buffer.compare(hidden, small(id).pixels.bytes)).toBe(0)
    }
  })

  test('goes well with mixes, queries, filter, take, resume, and damage that is passed over', async () => {
    await using setting = await open()
    const { shards = [] } = await insertedBlobs(setting, smalls())
    const dataset: Dataset<Keyed<Blob>> = await setting.repo.open('blobs', { type: Blob })
    const half = dataset.filter(({ id }) => Number(id) % 2 === 0)
    const two = [
      { dataset, weight: 2 },
      { dataset: dataset.take(9), weight: 1 },
    ]
    const ways: ((reuse: boolean) => Shuffled<Blob>)[] = [
      (reuse) => mix(two, { ...ORDER, reuse }),
      (reuse) => mix(two, { ...ORDER, reuse, until: 'all_exhausted', rank: 1, worldSize: 2 }),
      (reuse) => half.shuffled({ ...ORDER, reuse }),
      (reuse) => dataset.take(17).shuffled({ ...ORDER, reuse }),
      (reuse) => dataset.query({ id: { gte: 3, lt: 20 } }).shuffled({ ...ORDER, reuse }),
    ]
    for (const way of ways) expect((await watched(way(true))).seen).toEqual(await bytesOfAll(way(false)))
    const begun = dataset.shuffled({ ...ORDER, reuse: true })
    let given = 0
    for await (const _ of begun) if (++given === 10) break
    expect((await watched(dataset.shuffled({ resume: begun.state(), reuse: true }))).seen).toEqual(
      (await bytesOfAll(dataset.shuffled(ORDER))).slice(10),
    )
    await setting.overwrite(shards[0]!.url, await flipped(setting, shards[0]!.url, 3, 6))
    const lossy: Dataset<Keyed<Blob>> = await setting.repo.open('blobs', { type: Blob, onCorrupt: 'skip' })
    const { seen } = await watched(lossy.shuffled({ ...ORDER, reuse: true }))
    expect(seen).toEqual(await bytesOfAll(lossy.shuffled(ORDER)))
    expect(seen).toHaveLength(BLOBS - 2)
  })

  test('goes well with what comes from a mirror', async () => {
    await using setting = await open()
    const entry = await insertedBlobs(setting, smalls())
    await using mirror = mirrorInStore(setting)
    const shards = entry.shards ?? []
    for (const { url } of shards) await mirror.write(basename(url), await setting.read(url))
    const dataset: Dataset<Keyed<Blob>> = await setting.repo.open('blobs', { type: Blob })
    const wanted = await bytesOfAll(dataset.shuffled(ORDER))
    for (const { url } of shards) await setting.overwrite(url, await flipped(setting, url, 2, 3, 6, 10))
    const mirrored = { ...entry, metadata: { mirrors: [mirror.url] } }
    const damage: string[] = []
    const onDamage = ({ code }: { code: string }) => void damage.push(code)
    const { storage } = setting.store
    const mended = Dataset.from(Blob, mirrored, { storage, onCorrupt: 'refetch', onDamage })
    expect((await watched(mended.shuffled({ ...ORDER, reuse: true }))).seen).toEqual(wanted)
    expect(damage).toHaveLength(8)
  })
})
