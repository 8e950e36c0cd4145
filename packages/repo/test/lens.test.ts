import { defineLens, defineSample, float, type Infer, int, registerLens, str } from '@shardex/schema'
import { expect, expectTypeOf, test } from 'vitest'
import { Dataset, type Keyed } from '../src/index.ts'
import { idsOf } from './ids.ts'
import { collect } from './outcomes.ts'
import { Review, reviews } from './reviews.ts'
import { describeSettings } from './settings.ts'

const Line = defineSample('tests.Line', { id: int(), body: str(), stars: float(), language: str() })
const lens = defineLens(Review, Line, {
  fields: { body: 'text', stars: { field: 'stars', cast: 'float' }, language: { const: 'en' } },
})
const line = ({ id, text, stars }: Review): Infer<typeof Line> => ({ id, body: text, stars: Number(stars), language: 'en' })

test('samples are seen through a lens, a registered one, or by the names of their fields', async () => {
  const dataset = Dataset.from(Review, reviews(3))
  const lines = dataset.as(lens)
  expectTypeOf(lines).toEqualTypeOf<Dataset<Infer<typeof Line>>>()
  expect(await collect(lines)).toEqual(reviews(3).map(line))
  expect(lines.type).toBe(Line)
  expect(lines.length).toBe(3)
  const Part = defineSample('tests.Part', { text: str(), id: int() })
  expect(await collect(dataset.as(Part))).toEqual(reviews(3).map(({ id, text }) => ({ id, text })))
  expect(() => dataset.as(Line)).toThrow(/no lens leads from tests.Review to tests.Line.*Registered from tests.Review: none/)
  registerLens(lens)
  expect(await collect(dataset.as(Line))).toEqual(reviews(3).map(line))
  expect(() => lines.as(lens)).toThrow(/found samples of the type tests.Line/)
  expect(() => dataset.map((sample) => sample).as(lens)).toThrow(TypeError)
})

describeSettings('A dataset seen through a lens', (open) => {
  test('gives each sample its key, whatever object the lens gives', async () => {
    await using setting = await open()
    const [, dataset] = await setting.repo.insert(Dataset.from(Review, reviews(3)), 'reviews')
    const keys = (await collect(dataset)).map(({ __key__ }) => __key__)
    for (const given of [line(reviews(1)[0]!), Object.freeze(line(reviews(1)[0]!))]) {
      const lines = dataset.as(defineLens(Review, Line, { get: () => given }))
      expect(await collect(lines)).toEqual(keys.map((__key__) => ({ ...given, __key__ })))
      expect(given).not.toHaveProperty('__key__')
    }
  })

  test('keeps keys, order and states, can be inserted, and comes after a query', async () => {
    await using setting = await open()
    await setting.repo.insert(Dataset.from(Review, reviews(50)), 'reviews', { maxcount: 10, manifest: true })
    const dataset = await setting.repo.open('reviews')
    const lines = dataset.as(lens)
    expectTypeOf(lines).toEqualTypeOf<Dataset<Keyed<Infer<typeof Line>>>>()
    expect(await collect(lines.take(1))).toEqual([{ ...line(reviews(1)[0]!), __key__: '000000000' }])
    const epoch = lines.shuffled({ seed: 1 })
    const first = await idsOf(epoch, 20)
    const rest = await idsOf(dataset.shuffled({ resume: epoch.state() }) as AsyncIterable<{ id: number }>)
    expect([...first, ...rest].toSorted((a, b) => a - b)).toEqual(reviews(50).map(({ id }) => Number(id)))
    expect(await idsOf(dataset.query({ stars: 3 }).as(lens))).toEqual(
      reviews(50).flatMap(({ id, stars }) => (stars === 3 ? Number(id) : [])),
    )
    const [batch] = await collect(lines.ordered({ batchSize: 4 }))
    expect(batch?.body).toHaveLength(4)
    const [entry] = await setting.repo.insert(lines, 'lines')
    expect(entry).toMatchObject({ sampleCount: 50, schemaRef: 'local://schemas/tests.Line@1.0.0' })
  })
})
