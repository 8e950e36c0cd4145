import { expect, test } from 'vitest'
import { Dataset, mix, type Where } from '../src/index.ts'
import { idsOf, sorted, upTo } from './ids.ts'
import { ids, inserted, LENGTH } from './inserted-reviews.ts'
import { Review, review, reviews } from './reviews.ts'
import { describeSettings } from './settings.ts'

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
})
