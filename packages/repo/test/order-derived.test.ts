import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Dataset, type ShuffledOptions } from '../src/index.ts'
import { everyone, onDisk, refusalOf, stateAfter } from './epochs.ts'
import { idsOf, sorted, upTo } from './ids.ts'
import { Tiny, tinies } from './images.ts'

test('batches are the samples of the order, and whole on every rank with drop and with pad', async () => {
  await using stored = await onDisk()
  const alone = await idsOf(stored.dataset.shuffled({ seed: 3 }))
  const lengths = async (options: ShuffledOptions) => {
    const all: number[][] = []
    for (const who of everyone(4)) {
      const batches: number[][] = []
      for await (const batch of stored.dataset.shuffled({ seed: 3, ...options, ...who, batchSize: 5 }))
        batches.push(batch.samples.map(({ id }) => Number(id)))
      all.push(batches.map(({ length }) => length))
      const wanted = batches.flat().map((_, i) => alone[(who.rank + i * 4) % 103])
      expect(batches.flat()).toEqual(wanted)
    }
    return all
  }
  expect(await lengths({})).toEqual([
    [5, 5, 5, 5, 5, 1],
    [5, 5, 5, 5, 5, 1],
    [5, 5, 5, 5, 5, 1],
    [5, 5, 5, 5, 5],
  ])
  expect(await lengths({ remainder: 'drop' })).toEqual(upTo(4).map(() => [5, 5, 5, 5, 5]))
  expect(await lengths({ remainder: 'pad' })).toEqual(upTo(4).map(() => [5, 5, 5, 5, 5, 5]))
})

test('map keeps the positions, filter is counted in the samples before it, and take shortens the dataset', async () => {
  await using stored = await onDisk()
  const alone = await idsOf(stored.dataset.shuffled({ seed: 3 }))
  const mapped = stored.dataset.map(async ({ id }) => ({ id: Number(id) + 1000 }))
  expect(await idsOf(mapped.shuffled({ seed: 3, rank: 1, worldSize: 2 }))).toEqual(
    alone.filter((_, k) => k % 2 === 1).map((id) => id + 1000),
  )
  const even = stored.dataset.filter(({ id }) => Number(id) % 2 === 0)
  const epoch = even.shuffled({ seed: 3 })
  const first = await idsOf(epoch, 20)
  const rest = await idsOf(even.shuffled({ resume: epoch.state() }))
  expect([...first, ...rest]).toEqual(alone.filter((id) => id % 2 === 0))
  const shares = await Promise.all(everyone(3).map((who) => idsOf(even.shuffled({ seed: 3, ...who }))))
  expect(sorted(shares.flat())).toEqual(upTo(52).map((id) => id * 2))
  expect(() => even.shuffled({ seed: 3, rank: 0, worldSize: 2 }).state()).toThrow(/filter/)
  expect(() => even.shuffled({ remainder: 'pad' })).toThrow(/filter/)
  const short = stored.dataset.take(35)
  const taken = await Promise.all(everyone(2).map((who) => idsOf(short.shuffled({ seed: 3, remainder: 'pad', ...who }))))
  expect(sorted([...new Set(taken.flat())])).toEqual(upTo(35))
})

test('samples whose number is not known pass through a buffer, and refuse to be shared or resumed', async () => {
  await using stored = await onDisk()
  const resume = await stateAfter(stored.dataset, 10)
  await rm(`${stored.urls[4]!}.idx`)
  const foreign = stored.dataset.shuffled({ seed: 3 })
  expect(sorted(await idsOf(foreign))).toEqual(upTo(103))
  expect(() => foreign.state()).toThrow(/000004.tar has no offset index/)
  for (const options of [{ seed: 3, rank: 0, worldSize: 2 }, { remainder: 'drop' }, { resume }] as const)
    expect(await refusalOf(() => stored.dataset.shuffled(options))).toMatchObject({
      code: 'dataset.unindexed',
      details: { shard: stored.urls[4] },
    })
  for (const dataset of [Dataset.from(Tiny, [...tinies(20)]), stored.dataset.filter(() => true).take(20)]) {
    const first = await idsOf(dataset.shuffled({ seed: 1, epoch: 1 }))
    expect(sorted(first)).toEqual(upTo(20))
    expect(await idsOf(dataset.shuffled({ seed: 1, epoch: 1 }))).toEqual(first)
    expect(await idsOf(dataset.shuffled({ seed: 1, epoch: 2 }))).not.toEqual(first)
    expect(() => dataset.shuffled({ seed: 1, workers: 2 })).toThrow(/workers cannot be kept to/)
    expect(() => dataset.shuffled({ seed: 1 }).state()).toThrow(TypeError)
  }
})
