import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MixOrder, type PartSize, passParameters, type Until } from '../src/mix/mix-order.ts'
import { windowOf } from '../src/mix/window.ts'
import { GlobalOrder } from '../src/order/global-order.ts'
import { DEFAULT_BUFFER, type OrderParameters } from '../src/order/parameters.ts'

interface Golden extends OrderParameters {
  shards: [number, number][][]
  weights: number[]
  until: Until
  length: number
  at: [number, number, number, number][]
  sha256: string
}

/** Made by `vectors/make-mix-order.py`, a second implementation from the document alone. */
const vectors = JSON.parse(readFileSync(new URL('vectors/mix-order.json', import.meta.url), 'utf8')) as {
  windows: { weights: number[]; perWindow: number[] }[]
  orders: Golden[]
}

const parts: fc.Arbitrary<PartSize[]> = fc.array(
  fc.record({ sampleCount: fc.integer({ min: 1, max: 200 }), perWindow: fc.integer({ min: 1, max: 6 }) }),
  { minLength: 1, maxLength: 4 },
)
const until: fc.Arbitrary<Until> = fc.oneof(
  fc.constantFrom('first_exhausted' as const, 'all_exhausted' as const),
  fc.integer({ min: 1, max: 2000 }),
)
const parameters: fc.Arbitrary<OrderParameters> = fc.record({
  seed: fc.maxSafeNat(),
  epoch: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  bufferShards: fc.integer({ min: 1, max: 12 }),
  bufferSamples: fc.constant(500),
  bufferBytes: fc.constant(1_000_000),
})

/** Which sample of its part each position is, counted over all passes. */
function whole(order: MixOrder, sizes: readonly PartSize[]): { part: number; sample: number }[] {
  return Array.from({ length: order.length }, (_, k) => {
    const { part, pass, position } = order.at(k)
    return { part, sample: pass * sizes[part]!.sampleCount + position }
  })
}

test.each(vectors.windows)('weights $weights make the window that the document says', ({ weights, perWindow }) => {
  expect(windowOf(weights)).toEqual(perWindow)
})

test.each([[[0]], [[-1, 2]], [[Number.NaN]], [[Number.POSITIVE_INFINITY]], [['3', 1]], [[1, undefined]], [[true]], [[3n, 1]]])(
  'weights %o are refused',
  (weights) => {
    expect(() => windowOf(weights as number[])).toThrow(/^a weight is a number above 0/)
  },
)

test.each(vectors.orders)('the order of golden vector %# is the one that the document says', (golden) => {
  const { shards, weights, at, length, sha256, ...rest } = golden
  const sizes = shards.map((part) => part.map(([sampleCount, sizeBytes]) => ({ sampleCount, sizeBytes })))
  const perWindow = windowOf(weights)
  const counts = sizes.map((part) => part.reduce((sum, { sampleCount }) => sum + sampleCount, 0))
  const order = new MixOrder(
    counts.map((sampleCount, part) => ({ sampleCount, perWindow: perWindow[part]! })),
    rest.until,
    rest,
  )
  expect(order.length).toBe(length)
  const passes = new Map<string, GlobalOrder>()
  const sampleAt = (k: number): [number, number, number] => {
    const { part, pass, position } = order.at(k)
    const key = `${part}/${pass}`
    const own = passes.get(key) ?? new GlobalOrder(sizes[part]!, passParameters(rest, part, pass))
    passes.set(key, own)
    const { shard, sample } = own.at(position)
    return [part, shard, sample]
  }
  // Any position first, without those before it.
  for (const [k, ...wanted] of at.toReversed()) expect(sampleAt(k)).toEqual(wanted)
  const all = Uint32Array.from(Array.from({ length }, (_, k) => sampleAt(k)).flat())
  expect(createHash('sha256').update(new Uint8Array(all.buffer)).digest('hex')).toBe(sha256)
})

test('each part gives its samples without a gap and none twice, whatever the weights', () => {
  fc.assert(
    fc.property(parts, until, parameters, (sizes, end, settings) => {
      const order = new MixOrder(sizes, end, settings)
      fc.pre(order.length < 20_000)
      const given = whole(order, sizes)
      for (const [part, { sampleCount, perWindow }] of sizes.entries()) {
        const samples = given.filter((each) => each.part === part).map(({ sample }) => sample)
        expect(samples.toSorted((a, b) => a - b)).toEqual(samples.map((_, i) => i))
        if (end === 'first_exhausted') expect(samples.length).toBeLessThanOrEqual(sampleCount)
        if (end === 'all_exhausted') expect(samples.length).toBeGreaterThanOrEqual(sampleCount)
        const window = sizes.reduce((sum, each) => sum + each.perWindow, 0)
        expect(Math.abs(samples.length - (order.length * perWindow) / window)).toBeLessThanOrEqual(perWindow)
      }
      const exhausted = sizes.filter(({ sampleCount }, part) => given.filter((each) => each.part === part).length === sampleCount)
      if (end !== 'all_exhausted' && typeof end !== 'number') expect(exhausted.length).toBeGreaterThan(0)
    }),
    { numRuns: 300 },
  )
})

test('an epoch ends with the sample that exhausts the first, or the last, of its parts', () => {
  fc.assert(
    fc.property(parts, parameters, (sizes, settings) => {
      for (const end of ['first_exhausted', 'all_exhausted'] as const) {
        const order = new MixOrder(sizes, end, settings)
        const given = whole(order, sizes)
        const counts = sizes.map((_, part) => given.filter((each) => each.part === part).length)
        const isDone = sizes.map(({ sampleCount }, part) => counts[part]! >= sampleCount)
        expect(end === 'first_exhausted' ? isDone.some(Boolean) : isDone.every(Boolean)).toBe(true)
        // A square that exhausts a part is given whole.
        const square = settings.bufferShards * sizes.reduce((sum, { perWindow }) => sum + perWindow, 0)
        if (order.length % square === 0) continue
        // One position less, and nothing would be exhausted, or not all.
        const { part } = given.at(-1)!
        const isDoneBefore = isDone.map((done, each) => (each === part ? counts[each]! - 1 >= sizes[each]!.sampleCount : done))
        expect(end === 'first_exhausted' ? isDoneBefore.some(Boolean) : isDoneBefore.every(Boolean)).toBe(false)
      }
    }),
    { numRuns: 200 },
  )
})

test('every window has its proportions, and so has every batch as far as whole samples go', () => {
  const sizes = [70, 20, 10].map((perCent) => ({ sampleCount: perCent * 3000, perWindow: perCent / 10 }))
  const order = new MixOrder(sizes, 'first_exhausted', { seed: 5, epoch: 0, ...DEFAULT_BUFFER })
  expect(order.length).toBeGreaterThan(299_900)
  const given = Array.from({ length: 192 * 100 }, (_, k) => order.at(k).part)
  const counts = (from: number, size: number) =>
    [0, 1, 2].map((part) => given.slice(from, from + size).filter((each) => each === part).length)
  // Ten side by side in one round, and ten of a column.
  for (let k = 0; k < given.length; k += 192)
    for (let at = 0; at + 10 <= 192; at += 10) expect(counts(k + at, 10)).toEqual([7, 2, 1])
  for (let k = 0; k < given.length; k += 1920)
    expect(Array.from({ length: 10 }, (_, t) => given[k + 5 + t * 192]).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1, 2])
  let worst = 0
  for (let k = 0; k + 256 <= given.length; k += 256) worst = Math.max(worst, Math.abs(counts(k, 256)[0]! - 179.2))
  expect(worst).toBeLessThanOrEqual(6)
  // What one of eight ranks is given.
  const rank = given.filter((_, k) => k % 8 === 3)
  for (let k = 0; k + 32 <= rank.length; k += 32) {
    const own = rank.slice(k, k + 32).filter((part) => part === 0).length
    expect(Math.abs(own - 22.4)).toBeLessThanOrEqual(8)
  }
})

test('who reads certain streams of the mix reads the same streams of each part', () => {
  const sizes = [
    { sampleCount: 9000, perWindow: 3 },
    { sampleCount: 9000, perWindow: 1 },
  ]
  const order = new MixOrder(sizes, 'first_exhausted', { seed: 5, epoch: 0, ...DEFAULT_BUFFER })
  const squared = Math.floor(9000 / (192 * 3)) * 192 * 4
  expect(squared).toBeGreaterThan(order.length * 0.9)
  for (let k = 0; k < squared; k++) expect(order.at(k).position % 192).toBe(k % 192)
})

test('an epoch that nobody could count is refused', () => {
  const sizes = [
    { sampleCount: 2 ** 45, perWindow: 1 },
    { sampleCount: 1, perWindow: 4095 },
  ]
  expect(() => new MixOrder(sizes, 'all_exhausted', { seed: 0, epoch: 0, ...DEFAULT_BUFFER })).toThrow(/say how many/)
})
