import { array, bool, Dataset, defineSample, float, type Infer, int, str } from 'shardex'
import { expect, test } from 'vitest'
import { shared, tempDir } from '../services/index.ts'
import { all } from './all.ts'
import { describeAtdata } from './atdata.ts'
import { plainSample } from './plain.ts'

/** As `sample_types.py` declares it. */
const Gaps = defineSample('interop.Gaps', {
  id: int(),
  ratio: float(),
  score: float().optional(),
  size: int().optional(),
  flag: bool().optional(),
  note: str().optional(),
  parts: array(float()).optional(),
})
type Gaps = Infer<typeof Gaps>

const { NaN: none, POSITIVE_INFINITY: infinite } = Number

const SHARDS: Readonly<Record<string, readonly Omit<Gaps, 'id'>[]>> = {
  'some values': [
    { ratio: 0.5, score: none, size: 3, flag: true, note: 'a', parts: [1, none] },
    { ratio: none },
    { ratio: 0.5, score: 0.5, size: 4, flag: false, note: 'b', parts: [] },
    { ratio: 0.7, size: 2 ** 40 },
  ],
  'one value and NaN': [{ ratio: 0.5 }, { ratio: none }, { ratio: 0.5 }],
  'NaN only': [{ ratio: none }, { ratio: none, note: 'a' }],
  infinities: [
    { ratio: infinite, parts: [infinite, -infinite] },
    { ratio: -infinite, parts: [0.5] },
  ],
  'large integers': [
    { ratio: 0.5, size: 2n ** 53n + 1n },
    { ratio: 0.25, size: 2n ** 63n - 1n },
  ],
}

const compared = (field: string, bound: number | bigint) => [
  { [field]: bound },
  { [field]: { lt: bound } },
  { [field]: { gte: bound } },
]
const QUESTIONS: readonly object[] = [
  ...['ratio', 'score', 'size', 'flag', 'note', 'parts'].map((field) => ({ [field]: { exists: true } })),
  ...['ratio', 'score'].flatMap((field) => [0.5, 9, -infinite].flatMap((bound) => compared(field, bound))),
  ...[3, 2n ** 53n, 2n ** 53n + 1n].flatMap((bound) => compared('size', bound)),
  { flag: true },
  { note: 'a' },
  ...[0.5, 1, infinite, -infinite].map((item) => ({ parts: { has: item } })),
].flatMap((where) => [where, { not: where }])

await describeAtdata('missing values in manifests of atdata', (atdata) => {
  const dir = shared(() => tempDir('missing'))

  async function written(name: string, samples: readonly Omit<Gaps, 'id'>[], more: object = {}) {
    const plain = samples.map((sample, id) => ({ ...plainSample(Gaps, { id, ...sample }), ...more }))
    const url = await atdata.call<string>('write_manifest', { path: dir().file(`${name}.tar`), type: 'Gaps', samples: plain })
    const dataset = Dataset.from(Gaps, url)
    const find = async (where: object, options?: { scan: true }) =>
      (await all(dataset.query(where, options))).map(({ id }) => Number(id))
    return { url, find }
  }

  test.each(Object.entries(SHARDS))('of %s every question finds what reading all samples finds', async (name, samples) => {
    const { find } = await written(name, samples)
    for (const where of QUESTIONS) expect([where, await find(where)]).toEqual([where, await find(where, { scan: true })])
  })

  test('NaN is no value, like one that is missing', async () => {
    const { find } = await written('nan', SHARDS['some values']!)
    expect(await find({ ratio: { exists: false } })).toEqual([1])
    expect(await find({ score: { exists: false } })).toEqual([0, 1, 3])
    expect(await find({ score: { exists: true } })).toEqual([2])
    expect(await find({ not: { ratio: { lt: 9 } } })).toEqual([1])
  })

  test('an integer among floats is found by the float that it is', async () => {
    const { find } = await written('integers', [{ ratio: 0 }], { parts: [{ int: `${2n ** 60n + 1n}` }] })
    expect(await find({ parts: { has: 2 ** 60 } })).toEqual([0])
  })

  test('manifest-rounded: it rounds integers of which one is missing, and finds others; we refuse to answer by them', async () => {
    const samples = [{ ratio: 0, size: 2n ** 53n + 1n }, { ratio: 0 }]
    const { url, find } = await written('rounded', samples)
    expect(await atdata.call('query', { urls: [url], field: 'size', value: 2 ** 53 })).toHaveLength(1)
    await expect(find({ size: 2n ** 53n })).rejects.toMatchObject({
      code: 'index.corrupt',
      details: { found: 'large integers of size as floats' },
    })
    expect(await find({ ratio: 0 })).toEqual([0, 1])
    expect(await find({ size: 2n ** 53n + 1n }, { scan: true })).toEqual([0])
  })
})
