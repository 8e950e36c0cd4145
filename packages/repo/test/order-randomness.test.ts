import { expect, test } from 'vitest'
import { GlobalOrder } from '../src/order/global-order.ts'
import { type Lane, stretchesOf } from '../src/order/lane.ts'
import { DEFAULT_BUFFER, type ShardSize } from '../src/order/parameters.ts'
import { runsOf } from '../src/order/runs.ts'

/**
 * How random an order is, for data that lies sorted by class. docs/decisions/0006-order.md shows the figures.
 *
 * - displacement: mean distance of a sample's place in storage and its position in the order, over that of a perfect shuffle.
 * - together: the share of samples whose next one in storage comes in the same batch.
 * - mix: how many of 1,000 classes are in a batch, over how many there are in a batch of a perfect shuffle.
 */
interface Randomness {
  readonly displacement: number
  readonly together: number
  readonly mix: number
}

const CLASSES = 1000

/** @param most measure the first so many samples only */
function measured(sizes: readonly ShardSize[], ranks: number, batchSize: number, buffer = {}, most = 100_000): Randomness {
  const order = new GlobalOrder(sizes, { seed: 1, epoch: 0, ...DEFAULT_BUFFER, ...buffer })
  const { length } = order
  const starts = [0]
  for (const { sampleCount } of sizes) starts.push(starts.at(-1)! + sampleCount)
  const lane: Lane = { number: 0, lanes: ranks, batchSize, remainder: 'keep' }
  const given = new Map<number, number>()
  for (const stretch of stretchesOf(lane, 0, length)) {
    const steps = Math.min(stretch.steps, most)
    const { period, runs } = runsOf(order, { ...stretch, steps })
    for (const { piece, samples, step } of runs)
      for (const [i, sample] of samples.entries()) given.set(step + i * period, starts[piece.shard]! + sample)
  }
  const batches = Math.floor(given.size / batchSize)
  const steps = new Map([...given].map(([step, place]) => [place, step]))
  let distance = 0
  let idealDistance = 0
  let together = 0
  let classCount = 0
  for (let step = 0; step < given.size; step++) {
    const at = (step * ranks) / length
    distance += Math.abs(given.get(step)! / length - at)
    idealDistance += (at ** 2 + (1 - at) ** 2) / 2
    const next = steps.get(given.get(step)! + 1) ?? Number.NaN
    if (Math.floor(next / batchSize) === Math.floor(step / batchSize)) together += 1
  }
  for (let batch = 0; batch < batches; batch++) {
    const places = Array.from({ length: batchSize }, (_, i) => given.get(batch * batchSize + i)!)
    classCount += new Set(places.map((place) => Math.floor((place / length) * CLASSES))).size
  }
  const idealCount = batches * CLASSES * (1 - (1 - 1 / CLASSES) ** batchSize)
  const round = (value: number) => Math.round(value * 1000) / 1000
  return {
    displacement: round(distance / idealDistance),
    together: round(together / given.size),
    mix: round(classCount / idealCount),
  }
}

const shards = (count: number, sampleCount: number, sampleBytes: number): ShardSize[] =>
  Array.from({ length: count }, () => ({ sampleCount, sizeBytes: sampleCount * sampleBytes }))

const LAYOUTS = {
  '5,000 of 1 KiB in 1 shard': shards(1, 5000, 1024),
  '60,000 of 1 KiB in 6 shards': shards(6, 10_000, 1024),
  '1,000,000 of 1 KiB in 100 shards': shards(100, 10_000, 1024),
  '1,000,000 of 110 KiB in 420 shards': shards(420, 2381, 110 * 1024),
  '100,000,000 of 1 KiB in 10,000 shards': shards(10_000, 10_000, 1024),
} as const

test('the order is nearly as random as a perfect shuffle, for all readers together and for each rank', () => {
  const table = Object.entries(LAYOUTS).map(([layout, sizes]) => {
    const { displacement, together, mix } = measured(sizes, 1, 256)
    const ofRank = (ranks: number) => measured(sizes, ranks, 32).mix
    const of384 = measured(sizes, 1, 256, { bufferShards: 384 }).mix
    return { layout, displacement, together, mix, rankOf8: ofRank(8), rankOf64: ofRank(64), of384 }
  })
  expect(table).toMatchInlineSnapshot(`
    [
      {
        "displacement": 1.039,
        "layout": "5,000 of 1 KiB in 1 shard",
        "mix": 0.975,
        "of384": 1.057,
        "rankOf64": 0.397,
        "rankOf8": 0.897,
        "together": 0.081,
      },
      {
        "displacement": 0.997,
        "layout": "60,000 of 1 KiB in 6 shards",
        "mix": 0.936,
        "of384": 1.063,
        "rankOf64": 0.21,
        "rankOf8": 0.862,
        "together": 0.007,
      },
      {
        "displacement": 0.999,
        "layout": "1,000,000 of 1 KiB in 100 shards",
        "mix": 0.815,
        "of384": 1.052,
        "rankOf64": 0.097,
        "rankOf8": 0.762,
        "together": 0.002,
      },
      {
        "displacement": 1.014,
        "layout": "1,000,000 of 110 KiB in 420 shards",
        "mix": 0.876,
        "of384": 1.111,
        "rankOf64": 0.197,
        "rankOf8": 0.796,
        "together": 0.085,
      },
      {
        "displacement": 0.981,
        "layout": "100,000,000 of 1 KiB in 10,000 shards",
        "mix": 0.788,
        "of384": 1.036,
        "rankOf64": 0.095,
        "rankOf8": 0.749,
        "together": 0.002,
      },
    ]
  `)
  for (const { mix, rankOf8 } of table) {
    expect(mix).toBeGreaterThan(0.75)
    expect(rankOf8).toBeGreaterThan(0.7)
  }
}, 60_000)
