import { expect, test } from 'vitest'
import { freshPrefix } from '../../../test/services/index.ts'
import { collectGarbage, Dataset, manifestUrls } from '../src/index.ts'
import { idsOf, sorted, upTo } from './ids.ts'
import { Image, images } from './images.ts'
import { ids, inserted, LENGTH } from './inserted-reviews.ts'
import { Review, review, reviews } from './reviews.ts'
import { describeSettings } from './settings.ts'

describeSettings('A query by manifests', (open) => {
  test('needs manifests, and says how to get them; they can be written later', async () => {
    await using setting = await open()
    const { entry, dataset } = await inserted(setting, { manifest: false })
    const error = await idsOf(dataset.query({ stars: 3 })).catch((caught: unknown) => caught)
    const [shard = ''] = entry.dataUrls
    expect(error).toMatchObject({ code: 'manifest.not_found', details: { shard, manifest: manifestUrls(shard).header } })
    expect(String(error)).toMatch(/writeManifests.*manifest: true.*scan: true/)
    const progress: number[] = []
    expect(await setting.repo.writeManifests('reviews', { onProgress: ({ written }) => progress.push(written) })).toEqual({
      written: 12,
      kept: 0,
    })
    expect(progress).toEqual(upTo(12).map((i) => i + 1))
    expect(await setting.repo.writeManifests(entry)).toEqual({ written: 0, kept: 12 })
    expect(await idsOf(dataset.query({ stars: 3 }))).toEqual(ids(({ stars }) => stars === 3))
    await setting.remove(manifestUrls(entry.dataUrls[5]!).header)
    await setting.overwrite(manifestUrls(entry.dataUrls[6]!).header, new TextEncoder().encode('{}'))
    expect(await setting.repo.writeManifests('reviews')).toEqual({ written: 2, kept: 10 })
    await expect(setting.repo.writeManifests('nothing')).rejects.toMatchObject({ code: 'name.not_found' })
  })

  test('finds the manifests of each layout, also of an insert that was continued', async () => {
    await using setting = await open()
    const { dataset } = await inserted(setting, { layout: 'content' })
    expect(await idsOf(dataset.query({ split: 'valid', stars: 1 }))).toEqual(
      ids(({ split, stars }) => split === 'valid' && stars === 1),
    )
    const failing = function* () {
      yield* reviews(35)
      throw new Error('enough')
    }
    const options = { maxcount: 10, manifest: true, ingestId: freshPrefix() }
    await expect(setting.repo.insert(Dataset.from(Review, failing()), 'continued', options)).rejects.toThrow('enough')
    await setting.repo.insert(Dataset.from(Review, reviews(LENGTH)), 'continued', options)
    const continued = await setting.repo.open('continued', { type: Review })
    expect(await idsOf(continued.query({ stars: 3 }))).toEqual(ids(({ stars }) => stars === 3))
  })

  test('knows the fields that it was told to know, in the way it was told', async () => {
    await using setting = await open()
    const { entry, dataset } = await inserted(setting, { manifest: { fields: { stars: 'categorical', text: false } } })
    const header = JSON.parse(String(await setting.read(manifestUrls(entry.dataUrls[0]!).header))) as {
      aggregates: Record<string, unknown>
    }
    expect(header.aggregates['stars']).toEqual({
      type: 'categorical',
      cardinality: 5,
      value_counts: { 0: 2, 1: 2, 2: 2, 3: 2, 4: 2 },
    })
    expect(Object.keys(header.aggregates)).toEqual(['id', 'stars', 'score', 'split', 'spam', 'tags', 'votes'])
    expect(await idsOf(dataset.query({ stars: 3 }))).toEqual(ids(({ stars }) => stars === 3))
    const asked = idsOf(dataset.query({ text: 'review 1 ' }))
    await expect(asked).rejects.toMatchObject({ code: 'usage.invalid', details: { argument: 'where.text' } })
    expect(await idsOf(dataset.query({ text: 'review 3 ' }, { scan: true }))).toEqual([3])
    const insert = (fields: Record<string, 'numeric' | 'categorical' | 'set' | boolean>) =>
      inserted(setting, { manifest: { fields } })
    await expect(insert({ star: true })).rejects.toThrow(/has no field "star"/)
    await expect(insert({ split: 'numeric' })).rejects.toThrow(/can be categorical/)
    await expect(
      setting.repo.insert(Dataset.from(Image, images(1)), 'i', { manifest: { fields: { pixels: true } } }),
    ).rejects.toThrow(/no place/)
  })

  test('refuses a manifest of another shard, one that was changed, and one whose places are wrong', async () => {
    await using setting = await open()
    const { entry, dataset } = await inserted(setting)
    const [first, second] = entry.dataUrls.map(manifestUrls) as [ReturnType<typeof manifestUrls>, ReturnType<typeof manifestUrls>]
    const original = { header: await setting.read(first.header), samples: await setting.read(first.samples) }
    const refused = async (found: RegExp) => {
      const error = await idsOf(dataset.query({ stars: 3 })).catch((caught: unknown) => caught)
      expect(error).toMatchObject({ code: 'index.corrupt' })
      expect((error as Error).message).toMatch(found)
    }
    await setting.overwrite(first.header, await setting.read(second.header))
    await refused(/SHA-256/)
    await setting.overwrite(first.header, original.header)
    await setting.overwrite(first.samples, await setting.read(second.samples))
    await refused(/other bytes/)
    const digest = /"samples_sha256": "([0-9a-f]{64})"/
    const [, wrong = ''] = digest.exec(String(await setting.read(second.header))) ?? []
    await setting.overwrite(first.header, Buffer.from(String(original.header).replace(digest, `"samples_sha256": "${wrong}"`)))
    await refused(/other offsets|offsets/)
    await setting.overwrite(first.header, Buffer.from(String(original.header).replace('"num_samples": 10', '"num_samples": 11')))
    await refused(/11 samples/)
    await setting.overwrite(first.header, Buffer.from('{"manifest_version": "2.0.0"}'))
    await refused(/version/)
    await setting.overwrite(first.header, original.header)
    await setting.remove(first.samples)
    await refused(/nothing/)
  })

  test('finds samples of shards that were written without a registry, and nothing is left of a failure', async () => {
    await using setting = await open()
    const write = (samples: Iterable<Review>) =>
      setting.store.writeShards(Dataset.from(Review, samples), { prefix: 'bare', maxcount: 10, manifest: true })
    const urls = await write(reviews(LENGTH))
    const dataset = Dataset.from(Review, urls, { storage: setting.store.storage })
    expect(await idsOf(dataset.query({ spam: true }))).toEqual(ids(({ spam }) => spam))
    const epoch = dataset.query({ spam: true }).shuffled({ seed: 1 })
    const first = await idsOf(epoch, 4)
    expect(sorted([...first, ...(await idsOf(dataset.query({ spam: true }).shuffled({ resume: epoch.state() })))])).toEqual(
      ids(({ spam }) => spam),
    )
    const objects = await setting.objects()
    expect(objects).toHaveLength(4 * urls.length)
    const failing = function* () {
      yield* reviews(35)
      throw new Error('enough')
    }
    await expect(write(failing())).rejects.toThrow('enough')
    expect(await setting.objects()).toEqual(objects)
  })

  test('leaves manifests to the collector with their shards, and nothing of an insert that failed', async () => {
    await using setting = await open()
    const failing = function* () {
      yield* reviews(35)
      throw new Error('enough')
    }
    const options = { maxcount: 10, manifest: true }
    await expect(setting.repo.insert(Dataset.from(Review, failing()), 'failed', options)).rejects.toThrow('enough')
    expect(await setting.objects()).toEqual([])
    for (const layout of ['sequence', 'content'] as const) {
      const { entry, dataset } = await inserted(setting, { layout })
      const gc = () =>
        collectGarbage({
          index: setting.index,
          storage: setting.store.storage,
          graceMs: 0,
          resumableMs: 0,
          journalMs: 0,
          uploadMs: 0,
        })
      expect(await setting.objects()).toHaveLength(4 * entry.dataUrls.length)
      expect(await gc()).toMatchObject({ marked: { objects: 0 } })
      await gc()
      expect(await idsOf(dataset.query({ spam: true }))).toHaveLength(11)
      await setting.index.deleteName('reviews')
      await setting.index.deleteEntry(entry.cid)
      expect(await gc()).toMatchObject({ marked: { objects: 4 * entry.dataUrls.length } })
      if (layout === 'content') {
        // Who needs shards that are there takes back the marks of their manifests, too.
        const { header } = manifestUrls(entry.dataUrls[0]!)
        const before = String(await setting.read(header))
        await inserted(setting, { layout })
        expect(String(await setting.read(header))).toBe(before)
        expect((await setting.index.garbage.list(0)[Symbol.asyncIterator]().next()).done).toBe(true)
        await setting.index.deleteName('reviews')
        await setting.index.deleteEntry(entry.cid)
        expect(await gc()).toMatchObject({ marked: { objects: 4 * entry.dataUrls.length } })
      }
      expect(await gc()).toMatchObject({ deleted: { objects: 4 * entry.dataUrls.length } })
      expect(await setting.objects()).toEqual([])
    }
  })

  test('of a shard whose integers fit no one type is refused with a way that works', async () => {
    await using setting = await open()
    const samples = [-1, 2n ** 63n].map((id) => ({ ...review(1), id }))
    await setting.repo.insert(Dataset.from(Review, samples), 'wide', { manifest: true })
    const dataset = await setting.repo.open('wide', { type: Review })
    const error = await idsOf(dataset.query({ id: -1 })).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'usage.invalid', details: { argument: 'where.id' } })
    expect(String(error)).toMatch(/integers fit no one type.*only \{ scan: true \}/)
    expect(await idsOf(dataset.query({ id: -1 }, { scan: true }))).toEqual([-1])
  })
})
