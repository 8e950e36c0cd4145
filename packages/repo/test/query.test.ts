import type { Infer } from '@shardex/schema'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { freshPrefix } from '../../../test/services/index.ts'
import { collectGarbage, Dataset, manifestUrls, mix, type Where } from '../src/index.ts'
import { Image, images } from './images.ts'
import { idsOf, Review, review, reviews } from './reviews.ts'
import { describeSettings, type Setting } from './settings.ts'

const LENGTH = 120
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
const sorted = (ids: readonly number[]) => ids.toSorted((a, b) => a - b)
const ids = (keep: (sample: Review) => boolean) => reviews(LENGTH).flatMap((one) => (keep(one) ? Number(one.id) : []))

async function inserted({ repo }: Setting, options: Parameters<Setting['repo']['insert']>[2] = {}) {
  const [entry] = await repo.insert(Dataset.from(Review, reviews(LENGTH)), 'reviews', {
    maxcount: 10,
    manifest: true,
    ...options,
  })
  return { entry, dataset: await repo.open('reviews', { type: Review }) }
}

const QUESTIONS: readonly [Where<Review>, (sample: Review) => boolean][] = [
  [{ stars: 3 }, ({ stars }) => stars === 3],
  [{ stars: { ne: 3 }, spam: true }, ({ stars, spam }) => stars !== 3 && spam],
  [{ score: { gte: 0.5, lt: 0.73 } }, ({ score }) => score >= 0.5 && score < 0.73],
  [{ split: { in: ['test', 'rest'] }, tags: { has: 'rare' } }, ({ split, tags }) => split === 'test' && tags.includes('rare')],
  [{ votes: { exists: false } }, ({ votes }) => votes === undefined],
  [{ or: [{ id: 7n }, { not: { split: { lte: 'train' } } }] }, ({ id, split }) => id === 7 || split > 'train'],
  [{ split: 'nowhere' }, () => false],
  [{}, () => true],
]

describeSettings('A query', (open) => {
  test.each(QUESTIONS)('%o gives the samples that answer with yes, in their order', async (where, keep) => {
    await using setting = await open()
    const { dataset } = await inserted(setting)
    expect(await idsOf(dataset.query(where))).toEqual(ids(keep))
    expect(await idsOf(dataset.query(where, { scan: true }))).toEqual(ids(keep))
    expect(sorted(await idsOf(dataset.query(where).shuffled({ seed: 1 })))).toEqual(ids(keep))
  })

  test('gives whole samples, with their keys, in batches too', async () => {
    await using setting = await open()
    const { dataset } = await inserted(setting)
    const batches = []
    for await (const batch of dataset.query({ split: 'test' }).ordered({ batchSize: 25 })) batches.push(batch)
    expect(batches.map(({ length }) => length)).toEqual([25, 15])
    expect(batches[0]?.samples[3]).toEqual({ ...review(43), __key__: '000000043' })
  })

  test('is shared by ranks and workers, and goes on with another world size, nothing lost or repeated', async () => {
    await using setting = await open()
    const { dataset } = await inserted(setting)
    const found = dataset.query({ stars: { lte: 2 } })
    const wanted = ids(({ stars }) => Number(stars) <= 2)
    for (const buffer of [{}, { bufferShards: 6, bufferSamples: 30, bufferBytes: 6_000 }]) {
      const alone = await idsOf(found.shuffled({ seed: 7, ...buffer }))
      expect(sorted(alone)).toEqual(wanted)
      expect(alone).not.toEqual(wanted)
      const ranks = upTo(3).map((rank) => found.shuffled({ seed: 7, ...buffer, rank, worldSize: 3 }))
      const given = await Promise.all(ranks.map((rank) => idsOf(rank, 8)))
      const [resume, ...others] = new Set(ranks.map((rank) => rank.state()))
      expect(others).toEqual([])
      const rest = await Promise.all(
        upTo(4).map((i) => idsOf(found.shuffled({ resume, rank: i % 2, worldSize: 2, worker: i >> 1, workers: 2 }))),
      )
      expect(sorted([...given, ...rest].flat())).toEqual(wanted)
      expect(await idsOf(found.shuffled({ resume }))).toEqual(alone.slice(24))
    }
  })

  test('refuses the state of another query, and takes that of the same one spelled otherwise', async () => {
    await using setting = await open()
    const { dataset } = await inserted(setting)
    const epoch = dataset.query({ stars: { in: [1, 2] }, spam: false }).shuffled({ seed: 1 })
    await idsOf(epoch, 5)
    const resume = epoch.state()
    const same = dataset.query({ spam: { eq: false }, stars: { in: [2, 1, 2n] } })
    expect(await idsOf(same.shuffled({ resume }))).toHaveLength(
      ids(({ stars, spam }) => [1, 2].includes(Number(stars)) && !spam).length - 5,
    )
    for (const other of [
      dataset,
      dataset.query({ stars: { in: [1, 2] } }),
      dataset.query({ stars: { in: [2, 3] }, spam: false }),
    ])
      await expect((async () => idsOf(other.shuffled({ resume })))()).rejects.toMatchObject({ code: 'state.invalid' })
    // Also where as many samples of the same sizes are asked for.
    const twelve = dataset.query({ id: 12 }).shuffled({ seed: 1 })
    expect(await idsOf(twelve)).toEqual([12])
    await expect(idsOf(dataset.query({ id: 15 }).shuffled({ resume: twelve.state() }))).rejects.toMatchObject({
      code: 'state.invalid',
    })
    expect(await idsOf(dataset.query({ id: 12 }).shuffled({ resume: twelve.state() }))).toEqual([])
  })

  test('can be asked again, cut short, mapped, and read by place and by key', async () => {
    await using setting = await open()
    const { dataset, entry } = await inserted(setting)
    const spam = dataset.query({ spam: true })
    expect(await idsOf(spam.query({ split: 'test' }))).toEqual([44, 55, 66, 77])
    expect(await idsOf(spam.take(3))).toEqual([0, 11, 22])
    expect(await idsOf(spam.filter(({ stars }) => stars === 0))).toEqual([0, 55, 110])
    expect(await idsOf(spam.map(({ id }) => ({ id: Number(id) * 2 })))).toEqual([0, 22, 44, 66, 88, 110, 132, 154, 176, 198, 220])
    expect((await spam.at(4)).id).toBe(44)
    await expect(spam.at(11)).rejects.toMatchObject({ code: 'dataset.range', details: { length: 11 } })
    expect((await spam.byKey('000000066'))?.id).toBe(66)
    expect(await spam.byKey('000000067')).toBeUndefined()
    expect(await spam.prove('000000067')).toBeUndefined()
    expect(await spam.prove('000000066')).toBeDefined()
    expect(await idsOf(dataset.query({ __key__: { in: ['000000003', '000000117'] } }))).toEqual([3, 117])
    expect(spam.length).toBeUndefined()
    expect(spam.dataUrls).toEqual(entry.dataUrls)
    expect(() => dataset.take(3).query({ spam: true })).toThrow(/call it before/)
  })

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

  test('reads through damage as it is told to', async () => {
    await using setting = await open()
    const { entry } = await inserted(setting)
    const shard = await setting.read(entry.dataUrls[4]!)
    shard[shard.indexOf('review 44') + 7] = 0x21
    await setting.overwrite(entry.dataUrls[4]!, shard)
    const read = async (onCorrupt: 'error' | 'skip') =>
      (await setting.repo.open('reviews', { type: Review, onCorrupt, onDamage: () => {} })).query({ spam: true })
    await expect(idsOf(await read('error'))).rejects.toMatchObject({ code: 'shard.corrupt' })
    const left = ids(({ id, spam }) => spam && id !== 44)
    expect(await idsOf(await read('skip'))).toEqual(left)
    expect(sorted(await idsOf((await read('skip')).shuffled({ seed: 1 })))).toEqual(left)
    const proved = await setting.repo.open('reviews', { type: Review, verify: 'sha256' })
    expect(await idsOf(proved.query({ split: 'valid', spam: true }))).toEqual([88, 99, 110])
  })

  test('is counted without reading a sample, and so are shards; what is left after a filter is read', async () => {
    await using setting = await open()
    const { entry, dataset } = await inserted(setting)
    const bare = Dataset.from(Review, entry.dataUrls, { storage: setting.store.storage })
    expect(await bare.filter(({ spam }) => spam).count()).toBe(11)
    for (const url of entry.dataUrls) await setting.remove(url)
    expect(await dataset.query({ spam: true }).count()).toBe(11)
    expect(
      await dataset
        .query({ spam: true })
        .take(3)
        .map(({ id }) => ({ id }))
        .count(),
    ).toBe(3)
    expect([await dataset.count(), await bare.count()]).toEqual([LENGTH, LENGTH])
    expect(
      await Dataset.from(
        Review,
        (function* () {
          yield* reviews(7)
        })(),
      ).count(),
    ).toBe(7)
  })

  test('can be mixed with others, and mixes go on', async () => {
    await using setting = await open()
    const { dataset } = await inserted(setting)
    const parts = [
      { dataset: dataset.query({ split: 'train' }), weight: 2 },
      { dataset: dataset.query({ spam: true, split: { ne: 'train' } }), weight: 1 },
    ]
    const mixed = mix(parts, { seed: 1, until: 21 })
    const first = await idsOf(mixed as AsyncIterable<Review>, 9)
    const all = await idsOf(mix(parts, { seed: 1, until: 21 }) as AsyncIterable<Review>)
    const rest = await idsOf(mix(parts, { until: 21, resume: mixed.state() }) as AsyncIterable<Review>)
    expect([...first, ...rest]).toEqual(all)
    expect(all.filter((id) => id >= 40)).toHaveLength(7)
  })

  test('stops when it is told to', async () => {
    await using setting = await open()
    const { dataset } = await inserted(setting)
    const stop = new AbortController()
    const reason = new Error('enough')
    const read = async () => {
      for await (const { id } of dataset.query({ spam: true }).ordered({ signal: stop.signal }))
        if (Number(id) > 30) stop.abort(reason)
    }
    await expect(read()).rejects.toBe(reason)
    await expect(idsOf(dataset.query({ spam: true }).shuffled({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
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
})

describe('A question', () => {
  const dataset = Dataset.from(Review, reviews(10))
  const refusal = (where: unknown) => {
    try {
      dataset.query(where as Where<Review>, { scan: true })
    } catch (error) {
      return error
    }
    return undefined
  }

  test.each<[unknown, string, string]>([
    [{ star: 3 }, 'where.star', 'no field of tests.Review'],
    [{ constructor: 3 }, 'where.constructor', 'no field of tests.Review'],
    [{ stars: '3' }, 'where.stars', '"3"'],
    [{ stars: Number.NaN }, 'where.stars', 'NaN'],
    [{ stars: { gt: true } }, 'where.stars.gt', 'true'],
    [{ stars: { near: 3 } }, 'where.stars.near', '"near"'],
    [{ stars: { in: 3 } }, 'where.stars.in', '3'],
    [{ stars: { in: [1, 'two'] } }, 'where.stars.in[1]', '"two"'],
    [{ stars: null }, 'where.stars', 'null'],
    [{ score: { eq: 2n ** 53n + 1n } }, 'where.score.eq', '9007199254740993'],
    [{ spam: { lt: true } }, 'where.spam.lt', '"where.spam.lt"'],
    [{ tags: 'rare' }, 'where.tags', '"rare"'],
    [{ tags: { eq: 'rare' } }, 'where.tags.eq', '"eq"'],
    [{ votes: { exists: 1 } }, 'where.votes.exists', '1'],
    [{ or: { stars: 3 } }, 'where.or', 'an object'],
    [{ or: [{ not: 3 }] }, 'where.or[0].not', '3'],
    ['stars = 3', 'where', '"stars = 3"'],
  ])('%o is refused where it makes no sense', (where, argument) => {
    expect(refusal(where)).toMatchObject({ code: 'usage.invalid', details: { argument } })
  })

  test('that is too deep is refused', () => {
    let where: Where<Review> = { stars: 3 }
    for (let depth = 0; depth < 40; depth++) where = { not: where }
    expect(refusal(where)).toMatchObject({ code: 'usage.invalid' })
  })

  test('is put to samples in memory by looking at each, and needs a type', async () => {
    expect(await idsOf(dataset.query({ id: { gt: 6 } }, { scan: true }))).toEqual([7, 8, 9])
    expect(() => dataset.query({ id: 1 })).toThrow(/scan: true/)
    expect(() => dataset.map(({ id }) => ({ id })).query({ id: 1 })).toThrow(TypeError)
  })

  test('is checked by TypeScript as well', () => {
    expectTypeOf<Where<Review>>().toMatchTypeOf<object>()
    // @ts-expect-error stars are numbers
    expect(refusal({ stars: '3' } satisfies Where<Review>)).toBeDefined()
    // @ts-expect-error lists are asked with has
    expect(refusal({ tags: { in: ['rare'] } } satisfies Where<Review>)).toBeDefined()
    // @ts-expect-error arrays cannot be asked for
    const pixels: Where<Infer<typeof Image>> = { pixels: 3 }
    expect(pixels).toBeDefined()
    const open: Where<Record<string, unknown>> = { anything: { gte: 3 }, or: [{ other: 'x' }] }
    expect(open).toBeDefined()
  })
})
