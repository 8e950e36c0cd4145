import { isShardexError } from '@shardex/errors'
import { defineSample, float, int } from '@shardex/schema'
import { openStorage } from '@shardex/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tempDir } from '../../../test/services/index.ts'
import { Dataset, type Keyed, type MixOptions, mix, Repo } from '../src/index.ts'
import { idsOf } from './ids.ts'
import { Tiny, tinies } from './images.ts'
import { bytesOf, noting } from './noted-reads.ts'

const Other = defineSample('tests.Other', { id: int(), score: float() })
const SETTINGS = { seed: 11, epoch: 3, bufferShards: 12, bufferSamples: 600, bufferBytes: 2 ** 17 }

let places: AsyncDisposableStack
let repo: Repo
/** 900 samples, 300 and 40, with ids from 0, 10,000 and 20,000 on. */
let large: Dataset<Keyed<{ id: number | bigint; label: string }>>
let small: typeof large
let least: typeof large
let others: Dataset<Keyed<{ id: number | bigint; score: number }>>

beforeAll(async () => {
  places = new AsyncDisposableStack()
  const dir = places.use(await tempDir('mix'))
  repo = places.use(new Repo({ home: dir.path }))
  const insert = async (name: string, first: number, count: number, maxcount: number) => {
    const samples = [...tinies(count)].map(({ id, label }) => ({ id: first + Number(id), label }))
    return (await repo.insert(Dataset.from(Tiny, samples), name, { maxcount }))[1]
  }
  large = await insert('large', 0, 900, 200)
  small = await insert('small', 10_000, 300, 80)
  least = await insert('least', 20_000, 40, 40)
  const scored = Array.from({ length: 50 }, (_, i) => ({ id: 30_000 + i, score: i / 2 }))
  ;[, others] = await repo.insert(Dataset.from(Other, scored), 'others')
})
afterAll(() => places.disposeAsync())

const threeParts = () => [
  { dataset: large, weight: 6 },
  { dataset: small, weight: 3 },
  { dataset: least, weight: 1 },
]

/** Rank by rank, put together as their steps are. */
async function together(worldSize: number, options: MixOptions): Promise<number[]> {
  const ranks = await Promise.all(
    Array.from({ length: worldSize }, (_, rank) => idsOf(mix(threeParts(), { ...SETTINGS, ...options, rank, worldSize }))),
  )
  const all: number[] = []
  for (let step = 0; step < Math.max(...ranks.map((ids) => ids.length)); step++)
    for (const ids of ranks) if (step < ids.length) all.push(ids[step]!)
  return all
}

describe('a mix', () => {
  test.each(['first_exhausted', 'all_exhausted', 700] as const)(
    'until %s is the same for every number of readers',
    async (until) => {
      const alone = await idsOf(mix(threeParts(), { ...SETTINGS, until }))
      for (const worldSize of [2, 3, 5, 12]) expect(await together(worldSize, { until })).toEqual(alone)
    },
  )

  test('gives each sample once until the first dataset is exhausted, in the proportion of the weights', async () => {
    const ids = await idsOf(mix(threeParts(), SETTINGS))
    expect(new Set(ids).size).toBe(ids.length)
    const counts = [0, 1, 2].map((part) => ids.filter((id) => Math.floor(id / 10_000) === part).length)
    expect(counts[2]).toBe(40) // the first to be exhausted
    expect(Math.abs(counts[0]! - 240)).toBeLessThanOrEqual(6)
    expect(Math.abs(counts[1]! - 120)).toBeLessThanOrEqual(3)
  })

  test('begins datasets again, in another order, until all are exhausted', async () => {
    const ids = await idsOf(mix(threeParts(), { ...SETTINGS, until: 'all_exhausted' }))
    expect(new Set(ids).size).toBe(1240)
    const ofLeast = ids.filter((id) => id >= 20_000)
    expect(ofLeast.length).toBeGreaterThanOrEqual(145)
    const given = (id: number) => ofLeast.filter((each) => each === id).length
    for (let id = 20_000; id < 20_040; id++) expect(given(id)).toBeGreaterThanOrEqual(3)
  })

  test('is the same each time that it is iterated, also after it was left in the middle', async () => {
    const samples = mix(threeParts(), { ...SETTINGS, until: 700 })
    const start = samples.state()
    const first = await idsOf(samples)
    const end = samples.state()
    expect(await idsOf(samples)).toEqual(first)
    let taken = 0
    for await (const _ of samples) if (++taken === 100) break
    expect(await idsOf(mix(threeParts(), { until: 700, resume: samples.state() }))).toEqual(first.slice(100))
    expect(await idsOf(samples)).toEqual(first)
    expect(samples.state()).toBe(end)
    expect(end).not.toBe(start)
  })

  test('has another order with another seed, and with another epoch', async () => {
    const one = await idsOf(mix(threeParts(), SETTINGS))
    expect(await idsOf(mix(threeParts(), SETTINGS))).toEqual(one)
    expect(await idsOf(mix(threeParts(), { ...SETTINGS, seed: 12 }))).not.toEqual(one)
    expect(await idsOf(mix(threeParts(), { ...SETTINGS, epoch: 4 }))).not.toEqual(one)
  })

  test.each([
    { before: 2, after: 3, steps: 61 },
    { before: 4, after: 1, steps: 10 },
    { before: 1, after: 6, steps: 333 },
    { before: 3, after: 3, steps: 0 },
  ])('goes on with $after readers where $before stopped after $steps steps', async ({ before, after, steps }) => {
    const options: MixOptions = { ...SETTINGS, until: 'all_exhausted' }
    const whole = await idsOf(mix(threeParts(), options))
    const states = new Set<string>()
    for (let rank = 0; rank < before; rank++) {
      const samples = mix(threeParts(), { ...options, rank, worldSize: before })
      if (steps > 0) {
        let taken = 0
        for await (const _ of samples) if (++taken === steps) break
      }
      states.add(samples.state())
    }
    expect(states.size).toBe(1)
    const [resume = ''] = states
    expect(resume.length).toBeLessThan(200)
    const ids = await Promise.all(
      Array.from({ length: after }, (_, rank) =>
        idsOf(mix(threeParts(), { until: 'all_exhausted', resume, rank, worldSize: after })),
      ),
    )
    expect(ids.flat().sort()).toEqual(whole.slice(before * steps).sort())
  })

  test('gives batches of all its datasets, which end together for all ranks if they shall', async () => {
    const { length } = await idsOf(mix(threeParts(), SETTINGS))
    for (const remainder of ['keep', 'drop', 'pad'] as const) {
      const sizes = await Promise.all(
        [0, 1, 2].map(async (rank) => {
          const batches: number[] = []
          for await (const batch of mix(threeParts(), { ...SETTINGS, batchSize: 16, rank, worldSize: 3, remainder })) {
            batches.push(batch.length)
            expect(batch.label).toHaveLength(batch.length)
            expect(Object.keys(batch)).toEqual(['id', 'label'])
          }
          return batches
        }),
      )
      if (remainder !== 'keep') expect(new Set(sizes.map(String)).size).toBe(1)
      const wanted = { keep: length, drop: length - (length % 48), pad: Math.ceil(length / 48) * 48 }
      expect(sizes.flat().reduce((sum, size) => sum + size)).toBe(wanted[remainder])
    }
  })

  test('keeps the types of samples apart, and stacks them only when they have the same fields', async () => {
    const parts = [
      { dataset: small, weight: 1 },
      { dataset: others, weight: 1 },
    ] as const
    const kinds = new Set<string>()
    for await (const sample of mix(parts, SETTINGS)) kinds.add('label' in sample ? typeof sample.label : typeof sample.score)
    expect(kinds).toEqual(new Set(['string', 'number']))
    expect(() => mix(parts, { ...SETTINGS, batchSize: 4 })).toThrow(/same fields.*\(id, label\) and \(id, score\)/)
    const alike = [
      { dataset: small.map(({ id }) => ({ id })), weight: 1 },
      { dataset: others.map(({ id }) => ({ id })), weight: 1 },
    ]
    let seen = 0
    for await (const batch of mix(alike, { ...SETTINGS, batchSize: 4 })) seen += batch.id.length
    expect(seen).toBeGreaterThan(90)
  })

  test('takes maps, beginnings and queries of datasets, each with its own order', async () => {
    const doubled = large.map(({ id, ...rest }) => ({ ...rest, id: Number(id) * 2 }))
    const ids = await idsOf(
      mix(
        [
          { dataset: doubled, weight: 1 },
          { dataset: small.take(30), weight: 1 },
        ],
        SETTINGS,
      ),
    )
    expect(ids.filter((id) => id >= 10_000).sort()).toEqual(Array.from({ length: 30 }, (_, i) => 10_000 + i))
    expect(ids.filter((id) => id < 10_000).every((id) => id % 2 === 0)).toBe(true)
    // Twice the same dataset is not twice the same order.
    const twice = await idsOf(
      mix(
        [
          { dataset: small, weight: 1 },
          { dataset: small.map(({ id, ...rest }) => ({ ...rest, id: Number(id) + 10_000 })), weight: 1 },
        ],
        { ...SETTINGS, until: 600 },
      ),
    )
    const [one, other] = [twice.filter((id) => id < 20_000), twice.filter((id) => id >= 20_000).map((id) => id - 10_000)]
    expect(one).not.toEqual(other)
    expect(one.toSorted()).toEqual(other.toSorted())
  })

  test('reads no byte twice with a number of readers that divides the streams', async () => {
    await using real = openStorage()
    const { storage, reads } = noting(real)
    const open = async (name: string) => Dataset.from(Tiny, (await repo.index.getEntryByName(name))!, { storage })
    const parts = [
      { dataset: await open('large'), weight: 3 },
      { dataset: await open('small'), weight: 1 },
    ]
    const sizes = [large, small].map(({ length = 0 }) => length * 1024)
    for (let rank = 0; rank < 4; rank++) await idsOf(mix(parts, { ...SETTINGS, rank, worldSize: 4 }))
    expect(bytesOf(reads)).toBeGreaterThan(0.7 * (sizes[0]! + sizes[1]!))
    expect(bytesOf(reads)).toBeLessThan(1.15 * (sizes[0]! + sizes[1]!))
  })

  test('refuses what it cannot keep to', async () => {
    const parts = threeParts()
    expect(() => mix([], SETTINGS)).toThrow(TypeError)
    expect(() => mix([{ dataset: large, weight: 0 }], SETTINGS)).toThrow(TypeError)
    expect(() => mix(parts, { ...SETTINGS, until: 0 })).toThrow(TypeError)
    expect(() => mix(parts, { ...SETTINGS, until: 'never' as 'all_exhausted' })).toThrow(TypeError)
    expect(() => mix(parts, { rank: 1, worldSize: 2 })).toThrow(/same seed/)
    expect(() => mix([{ dataset: large.filter(() => true), weight: 1 }], SETTINGS)).toThrow(/filter\(\) what the mix gives/)
    expect(() => mix([{ dataset: Dataset.from(Tiny, [...tinies(3)]), weight: 1 }], SETTINGS)).toThrow(TypeError)
    expect(codeOf(() => mix([{ dataset: large.take(0), weight: 1 }], SETTINGS))).toBe('dataset.empty')
    const state = mix(parts, SETTINGS).state()
    const wrong: [() => unknown, string][] = [
      [() => mix(parts.slice(0, 2), { resume: state }), 'datasets'],
      [() => mix(parts.toReversed(), { resume: state }), 'datasets'],
      [() => mix(parts, { resume: state, until: 'all_exhausted' }), 'datasets'],
      [
        () =>
          mix(
            parts.map((part) => ({ ...part, weight: 1 })),
            { resume: state },
          ),
        'datasets',
      ],
      [() => mix(parts, { resume: state, seed: 12 }), 'seed'],
      [() => mix(parts, { resume: `${state}0` }), 'state'],
      [() => mix(parts, { resume: large.shuffled(SETTINGS).state() }), 'version'],
      [() => large.shuffled({ resume: state }), 'version'],
    ]
    for (const [call, member] of wrong) expect(refusedMember(call)).toBe(member)
  })
})

function codeOf(call: () => unknown): string | undefined {
  try {
    call()
  } catch (error) {
    return isShardexError(error) ? error.code : String(error)
  }
  return undefined
}

function refusedMember(call: () => unknown): string | undefined {
  try {
    call()
  } catch (error) {
    return isShardexError(error, 'state.invalid') ? error.details.member : String(error)
  }
  return undefined
}
