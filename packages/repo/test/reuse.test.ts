import { defineSample, int } from '@shardex/schema'
import { expect, test } from 'vitest'
import { Dataset } from '../src/index.ts'
import { BLOBS, Blob, blob, bytesOf, insertedBlobs } from './blobs.ts'
import { flipped } from './mirror.ts'
import { collect } from './outcomes.ts'
import { describeSettings } from './settings.ts'

const Id = defineSample('tests.Id', { id: int() })
type Raw = { readonly bytes: Uint8Array }

describeSettings('Memory that is used again', (open) => {
  test.each(['crc32', 'sha256'] as const)('holds the right sample until the next is asked for, checked by %s', async (verify) => {
    await using setting = await open()
    await insertedBlobs(setting)
    const dataset = await setting.repo.open('blobs', { type: Blob, verify })
    const seen: string[] = []
    for await (const sample of dataset.ordered({ reuse: true })) seen.push(bytesOf(sample))
    expect(seen).toEqual(Array.from({ length: BLOBS }, (_, id) => bytesOf(blob(id))))
  })

  test('holds the right batch until the next is asked for, whatever can be stacked', async () => {
    await using setting = await open()
    await insertedBlobs(
      setting,
      [...Array(7).keys()].map((id) => blob(id, 400_000)),
    )
    const dataset = await setting.repo.open('blobs', { type: Blob })
    const wanted = await collect(dataset.ordered({ batchSize: 3 }))
    let at = 0
    for await (const batch of dataset.ordered({ batchSize: 3, reuse: true })) {
      const { id, pixels, score, text, length } = wanted[at++]!
      expect(batch.length).toBe(length)
      expect(batch.id).toEqual(id)
      expect(batch.pixels.shape).toEqual(pixels.shape)
      expect(Buffer.compare(batch.pixels.bytes, pixels.bytes)).toBe(0)
      expect([...batch.score].map((array) => array?.values)).toEqual([...score].map((array) => array?.values))
      expect(batch.text).toEqual(text)
      expect(batch.samples.map(bytesOf)).toEqual(id.map((id) => bytesOf(blob(Number(id), 400_000))))
    }
    expect(at).toBe(3)
  })

  test('is not used again without being asked for: samples are good for ever', async () => {
    await using setting = await open()
    await insertedBlobs(setting)
    const dataset = await setting.repo.open('blobs', { type: Blob })
    const wanted = Array.from({ length: BLOBS }, (_, id) => bytesOf(blob(id)))
    expect((await collect(dataset)).map(bytesOf)).toEqual(wanted)
    const batches = await collect(dataset.ordered({ batchSize: 4 }))
    expect(batches.flatMap(({ samples }) => samples.map(bytesOf))).toEqual(wanted)
    // What `map` gives may have views where its type does not tell, so its batches are not written over.
    const mapped = dataset.map(({ id, pixels }) => Object.assign({ id }, { hidden: pixels.bytes }), Id)
    const kept = await collect(mapped.ordered({ batchSize: 4, reuse: true }))
    const hidden = kept.flatMap(({ samples }) => samples.map((sample) => (sample as unknown as { hidden: Uint8Array }).hidden))
    hidden.forEach((view, id) => {
      expect(Buffer.compare(view, blob(id).pixels.bytes)).toBe(0)
    })
    expect(hidden).toHaveLength(BLOBS)
  })

  test('is not used again under functions of others: what they keep stays', async () => {
    await using setting = await open()
    const entry = await insertedBlobs(setting)
    const wanted = Array.from({ length: BLOBS }, (_, id) => bytesOf(blob(id)))
    const dataset = await setting.repo.open('blobs', { type: Blob })
    const kept: Blob[] = []
    await dataset.filter((sample) => kept.push(sample) > 0).count()
    expect(kept.map(bytesOf)).toEqual(wanted)
    // More than the fields of the type, which have no views.
    const wrapper = { ...Id, unpack: (bytes: Uint8Array) => ({ id: 0, bytes }) }
    const own = await collect(Dataset.from(wrapper, entry, { storage: setting.store.storage }))
    expect(own.map((sample) => Buffer.from((sample as object as Raw).bytes).toString('base64'))).toEqual(wanted)
  })

  test('goes well with filter, take, and damage that is passed over', async () => {
    await using setting = await open()
    const { shards = [] } = await insertedBlobs(setting)
    await setting.overwrite(shards[0]!.url, await flipped(setting, shards[0]!.url, 3, 6))
    const dataset = await setting.repo.open('blobs', { type: Blob, onCorrupt: 'skip' })
    const seen: string[] = []
    const some = dataset.filter(({ id }) => Number(id) % 2 === 0).take(8)
    for await (const sample of some.ordered({ reuse: true })) seen.push(bytesOf(sample))
    expect(seen).toEqual([0, 2, 4, 8, 10, 12, 14, 16].map((id) => bytesOf(blob(id))))
  })

  test('does not touch samples that were in memory already', async () => {
    const samples = [blob(1), blob(2)]
    const arrays = samples.map(({ pixels }) => pixels)
    await collect(Dataset.from(Blob, samples).ordered({ batchSize: 2, reuse: true }))
    expect(samples.map(({ pixels }) => pixels)).toEqual(arrays)
    expect(samples[0]!.pixels).toBe(arrays[0])
  })
})
