import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GlobalOrder } from '../src/order/global-order.ts'
import { keyedRandom } from '../src/order/keyed-random.ts'
import { type Lane, positionAfter, stepsOf, stretchesOf } from '../src/order/lane.ts'
import { DEFAULT_BUFFER, type OrderParameters, type ShardSize } from '../src/order/parameters.ts'
import { runsOf } from '../src/order/runs.ts'
import { encodeState, fingerprint } from '../src/order/state.ts'

interface Golden extends OrderParameters {
  shards: [number, number][]
  contentCid: string
  length: number
  at: [number, number, number][]
  sha256: string
  state: string
}

/** Made by `vectors/make-order.py`, a second implementation from the document alone. */
const vectors = JSON.parse(readFileSync(new URL('vectors/order.json', import.meta.url), 'utf8')) as {
  random: { seed: number; epoch: number; purpose: number; number: number; bound: number; below: number[] }[]
  orders: Golden[]
}
const PURPOSES = [undefined, 'shards', 'blocks', 'samples', 'streams'] as const

const shardSize = fc.record({ sampleCount: fc.integer({ min: 0, max: 60 }), sizeBytes: fc.integer({ min: 0, max: 100_000 }) })
const shardSizes = fc.array(shardSize, { maxLength: 12 })
const parameters: fc.Arbitrary<OrderParameters> = fc.record({
  seed: fc.maxSafeNat(),
  epoch: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  bufferShards: fc.integer({ min: 1, max: 30 }),
  bufferSamples: fc.integer({ min: 1, max: 500 }),
  bufferBytes: fc.integer({ min: 1, max: 1_000_000 }),
})
const world = fc.record({
  lanes: fc.integer({ min: 1, max: 12 }),
  batchSize: fc.integer({ min: 1, max: 5 }),
  remainder: fc.constantFrom('keep', 'drop', 'pad'),
})

const nameOf = ({ shard, sample }: { shard: number; sample: number }) => `${shard}/${sample}`
const whole = (order: GlobalOrder) => Array.from({ length: order.length }, (_, k) => nameOf(order.at(k)))
const everySample = (sizes: readonly ShardSize[]) =>
  sizes.flatMap(({ sampleCount }, shard) => Array.from({ length: sampleCount }, (_, sample) => nameOf({ shard, sample })))

/** What a lane is given, step by step, as a reader of runs gives it. */
function given(order: GlobalOrder, lane: Lane, start: number): string[] {
  const all: string[] = []
  for (const stretch of stretchesOf(lane, start, order.length)) {
    const { period, runs } = runsOf(order, stretch)
    const steps: string[] = []
    let last = -1
    for (const { piece, samples, step } of runs) {
      expect(step).toBeGreaterThan(last)
      last = step
      for (const [i, sample] of samples.entries()) {
        expect(sample).toSatisfy((at: number) => at >= piece.first && at < piece.first + piece.count)
        steps[step + i * period] = nameOf({ shard: piece.shard, sample })
      }
    }
    expect(steps).toHaveLength(stretch.steps)
    all.push(...steps)
  }
  return all
}

const lanesOf = ({ lanes, ...rest }: Omit<Lane, 'number'>): Lane[] =>
  Array.from({ length: lanes }, (_, number) => ({ number, lanes, ...rest }))

/** Step by step over all lanes. */
const interleaved = (perLane: readonly string[][]) =>
  Array.from({ length: Math.max(...perLane.map(({ length }) => length)) }, (_, step) =>
    perLane.flatMap((lane) => lane.slice(step, step + 1)),
  )

test.each(vectors.random)('the numbers of seed $seed for $purpose, $number are those of the specification', (golden) => {
  const random = keyedRandom(golden.seed, golden.epoch, PURPOSES[golden.purpose]!, golden.number)
  expect(golden.below.map(() => random.below(golden.bound))).toEqual(golden.below)
})

test.each(vectors.orders)('seed $seed, epoch $epoch: the order and the state are those of the specification', (golden) => {
  const sizes = golden.shards.map(([sampleCount, sizeBytes]) => ({ sampleCount, sizeBytes }))
  const order = new GlobalOrder(sizes, golden)
  expect(order.length).toBe(golden.length)
  expect(golden.at.map(([k]) => [k, order.at(k).shard, order.at(k).sample])).toEqual(golden.at)
  const hash = createHash('sha256')
  for (const name of given(order, { number: 0, lanes: 1, batchSize: 1, remainder: 'keep' }, 0))
    hash.update(Uint32Array.from(name.split('/'), Number))
  expect(hash.digest('hex')).toBe(golden.sha256)
  const dataset = fingerprint(sizes, golden.contentCid)
  expect(encodeState({ ...golden, dataset, position: Math.floor(golden.length / 2) })).toBe(golden.state)
})

test('an epoch holds every sample exactly once, whatever the shards and the buffer', () => {
  fc.assert(
    fc.property(shardSizes, parameters, (sizes, parameters) => {
      expect(whole(new GlobalOrder(sizes, parameters)).sort()).toEqual(everySample(sizes).sort())
    }),
  )
})

test('position k is the k-th sample that is given, to one reader and to many', () => {
  fc.assert(
    fc.property(shardSizes, parameters, world, (sizes, parameters, world) => {
      const order = new GlobalOrder(sizes, parameters)
      const all = whole(order)
      const steps = interleaved(lanesOf({ ...world, remainder: 'keep' }).map((lane) => given(order, lane, 0)))
      expect(steps.map((step) => step.toSorted())).toEqual(
        steps.map((_, i) => all.slice(i * world.lanes, (i + 1) * world.lanes).toSorted()),
      )
      expect(steps.flat().sort()).toEqual(all.toSorted())
      expect(given(order, { number: 0, lanes: 1, batchSize: 1, remainder: 'keep' }, 0)).toEqual(all)
    }),
  )
})

test('whoever goes on in mid-epoch, however many they are, gives the rest and nothing twice', () => {
  fc.assert(
    fc.property(shardSizes, parameters, world, world, fc.nat(40), (sizes, parameters, before, after, batches) => {
      const order = new GlobalOrder(sizes, parameters)
      const lanes = lanesOf({ ...before, remainder: 'keep' })
      const steps = Math.min(batches * before.batchSize, stepsOf(lanes.at(-1)!, 0, order.length))
      const first = lanes.flatMap((lane) => given(order, lane, 0).slice(0, steps))
      const positions = new Set(lanes.map((lane) => positionAfter(lane, 0, order.length, steps)))
      expect(positions.size).toBe(1)
      const rest = lanesOf({ ...after, remainder: 'keep' }).flatMap((lane) => given(order, lane, [...positions][0]!))
      expect([...first, ...rest].sort()).toEqual(everySample(sizes).sort())
    }),
  )
})

test('with drop and with pad every lane is given the same number of whole batches', () => {
  fc.assert(
    fc.property(shardSizes, parameters, world, fc.nat(100), (sizes, parameters, world, at) => {
      const order = new GlobalOrder(sizes, parameters)
      const start = Math.min(at, order.length)
      const left = whole(order).slice(start)
      const unit = world.lanes * world.batchSize
      const dropped = lanesOf({ ...world, remainder: 'drop' }).map((lane) => given(order, lane, start))
      const padded = lanesOf({ ...world, remainder: 'pad' }).map((lane) => given(order, lane, start))
      for (const lane of dropped) expect(lane).toHaveLength(Math.floor(left.length / unit) * world.batchSize)
      for (const lane of padded) expect(lane).toHaveLength(Math.ceil(left.length / unit) * world.batchSize)
      const kept = left.slice(0, Math.floor(left.length / unit) * unit)
      expect(dropped.flat().sort()).toEqual(kept.sort())
      const all = whole(order)
      const wanted = Math.ceil(left.length / unit) * unit
      expect(padded.flat().sort()).toEqual(Array.from({ length: wanted }, (_, i) => all[(start + i) % order.length]!).sort())
    }),
  )
})

test('seed and epoch each make another order, and the same ones the same', () => {
  const sizes = Array.from({ length: 5 }, () => ({ sampleCount: 40, sizeBytes: 40_000 }))
  const of = (seed: number, epoch: number) => whole(new GlobalOrder(sizes, { seed, epoch, ...DEFAULT_BUFFER }))
  const orders = [of(0, 0), of(0, 1), of(1, 0), of(2 ** 32, 0), of(2 ** 52, 2 ** 31)]
  expect(new Set(orders.map(String)).size).toBe(orders.length)
  expect(of(0, 1)).toEqual(orders[1])
})

test('where the lanes divide the streams, each sample of a block is read by one lane only', () => {
  const sizes = Array.from({ length: 9 }, (_, i) => ({ sampleCount: 900 + i, sizeBytes: 1_000_000 }))
  const order = new GlobalOrder(sizes, { seed: 1, epoch: 0, bufferShards: 24, bufferSamples: 480, bufferBytes: 2 ** 30 })
  for (const lanes of [1, 2, 3, 8, 24]) {
    const readers = new Map<string, number>()
    for (const lane of lanesOf({ lanes, batchSize: 4, remainder: 'keep' })) {
      for (const stretch of stretchesOf(lane, 0, order.length)) {
        for (const { piece, samples } of runsOf(order, stretch).runs) {
          expect(samples).toHaveLength(piece.count)
          readers.set(`${piece.shard}/${piece.first}`, (readers.get(`${piece.shard}/${piece.first}`) ?? 0) + 1)
        }
      }
    }
    expect(Math.max(...readers.values())).toBe(1)
  }
})

test('a lane keeps to its streams wherever it goes on', () => {
  fc.assert(
    fc.property(world, fc.nat(100), ({ lanes, batchSize }, start) => {
      for (const lane of lanesOf({ lanes, batchSize, remainder: 'keep' }))
        for (const { first, stride } of stretchesOf(lane, start, 100))
          expect([first % lanes, stride]).toEqual([lane.number, lanes])
    }),
  )
})

/** Sizes that count how often they are looked at. */
function watched(count: number, sampleCount: number): { sizes: ShardSize[]; looks(): number } {
  let looks = 0
  const size = {
    get sampleCount() {
      looks += 1
      return sampleCount
    },
    sizeBytes: sampleCount * 1024,
  }
  return { sizes: Array.from({ length: count }, () => size), looks: () => looks }
}

test('going on at any position of a thousand million samples looks at as many shards as starting', () => {
  const { sizes, looks } = watched(100_000, 10_000)
  const order = new GlobalOrder(sizes, { seed: 3, epoch: 0, ...DEFAULT_BUFFER })
  expect(order.length).toBe(1e9)
  const setUp = looks()
  expect(setUp).toBe(100_000)
  const costs = [0, 1, 500_000_000, 999_999_000].map((start) => {
    const before = looks()
    const lane: Lane = { number: 3, lanes: 8, batchSize: 32, remainder: 'drop' }
    for (const stretch of stretchesOf(lane, start, order.length)) {
      const taken = runsOf(order, stretch).runs[Symbol.iterator]()
      for (let i = 0; i < 12; i++) taken.next()
    }
    return looks() - before
  })
  for (const cost of costs) expect(cost).toBeLessThanOrEqual(12)
})
