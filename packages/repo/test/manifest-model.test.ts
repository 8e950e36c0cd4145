import { array, bool, defineSample, float, int, str } from '@shardex/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Aggregate } from '../src/manifest/aggregate.ts'
import { manifestColumns } from '../src/manifest/columns.ts'
import { decodeSamples } from '../src/manifest/decode-samples.ts'
import { encodeManifest } from '../src/manifest/encode-manifest.ts'
import { decodeHeader } from '../src/manifest/header.ts'
import { SampleRecorder } from '../src/manifest/recorder.ts'
import { columnsOf, conditionText } from '../src/query/condition.ts'
import { matcherOf } from '../src/query/matcher.ts'
import { planQuery } from '../src/query/plan-query.ts'
import { judge } from '../src/query/prune.ts'
import { decodeOffsetIndex, OffsetIndexBuilder } from '../src/shard/offset-index.ts'

const Row = defineSample('tests.Row', {
  n: int(),
  maybe: int().optional(),
  x: float(),
  s: str(),
  b: bool(),
  list: array(str()),
  ints: array(int()).optional(),
  floats: array(float()).optional(),
})
type Value = string | number | bigint | boolean
type Row = Readonly<Record<string, Value | readonly Value[] | undefined>>

/** Few values, so that questions meet them, and those at the edges of what numbers can be. */
const ints = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -3, max: 3 }) },
  fc.constantFrom(2 ** 53 - 1, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n),
)
const floats = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(-1, -0, 0, 0.1, 0.5, 1, 2) },
  fc.constantFrom(Number.NaN, Infinity, -Infinity, 1e300, 5e-324, 1e16, 1e-5),
)
const texts = fc.constantFrom('', 'a', 'b', 'True', '1', '\u{1f600}', '\uffff', '__proto__')
const rows: fc.Arbitrary<Row> = fc.record({
  n: ints,
  maybe: fc.option(ints, { nil: undefined }),
  x: floats,
  s: texts,
  b: fc.boolean(),
  list: fc.array(texts, { maxLength: 3 }),
  ints: fc.option(fc.array(ints, { maxLength: 3 }), { nil: undefined }),
  floats: fc.option(fc.array(floats, { maxLength: 3 }), { nil: undefined }),
})

const comparable = floats.filter((value) => !Number.isNaN(value))
const questions: fc.Arbitrary<object> = fc.letrec<{ any: object; leaf: object }>((tie) => ({
  leaf: fc.oneof(
    ...(
      [
        ['n', fc.oneof(ints, comparable)],
        ['maybe', ints],
        ['x', fc.oneof(comparable, fc.constantFrom(0n, 1n))],
        ['s', texts],
      ] as const
    ).flatMap(([field, values]) => [
      fc.record({ [field]: values as fc.Arbitrary<Value> }),
      fc.record({ [field]: fc.record({ in: fc.array(values as fc.Arbitrary<Value>, { maxLength: 3 }) }) }),
      fc.record({ [field]: fc.record({ ne: values as fc.Arbitrary<Value> }) }),
      ...['lt', 'lte', 'gt', 'gte'].map((op) => fc.record({ [field]: fc.record({ [op]: values as fc.Arbitrary<Value> }) })),
    ]),
    fc.record({ b: fc.boolean() }),
    fc.record({ list: fc.record({ has: texts }) }),
    fc.record({ ints: fc.record({ has: ints }) }),
    fc.record({ floats: fc.record({ has: comparable }) }),
    fc.record({ maybe: fc.record({ exists: fc.boolean() }) }),
    fc.record({ x: fc.record({ exists: fc.boolean() }) }),
    fc.record({ ints: fc.record({ exists: fc.boolean() }) }),
  ),
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.record({ not: tie('any') }),
    fc.record({ and: fc.array(tie('any'), { maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('any'), { maxLength: 3 }) }),
    fc.tuple(tie('leaf'), tie('leaf')).map(([one, other]) => ({ ...one, ...other })),
  ),
})).any

/** What a question means, by the letter of its documentation. */
function answers(where: object, row: Row): boolean {
  return Object.entries(where).every(([name, asked]: [string, unknown]) => {
    if (name === 'not') return !answers(asked as object, row)
    if (name === 'and') return (asked as object[]).every((part) => answers(part, row))
    if (name === 'or') return (asked as object[]).some((part) => answers(part, row))
    const conditions = typeof asked === 'object' ? (asked as object) : { eq: asked }
    return Object.entries(conditions).every(([op, value]: [string, unknown]) => holds(op, row[name], value))
  })
}

function holds(op: string, found: Row[string], asked: unknown): boolean {
  if (op === 'exists') return (found !== undefined && !Number.isNaN(found)) === asked
  if (op === 'ne') return !holds('eq', found, asked)
  if (op === 'in') return (asked as Value[]).some((value) => holds('eq', found, value))
  if (op === 'has') return (found as Value[] | undefined)?.some((item) => order(item, asked as Value) === 0) ?? false
  const sign = found === undefined ? undefined : order(found as Value, asked as Value)
  if (sign === undefined) return false
  return { eq: sign === 0, lt: sign < 0, lte: sign <= 0, gt: sign > 0, gte: sign >= 0 }[op] ?? false
}

/** `undefined` for NaN. */
function order(a: Value, b: Value): number | undefined {
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(String(b)))
  return a < b ? -1 : a > b ? 1 : Number.isNaN(a) || Number.isNaN(b) ? undefined : 0
}

/** A manifest of these samples, written and read. */
async function throughManifest(samples: readonly Row[], fields: Parameters<typeof manifestColumns>[1]) {
  const builder = new OffsetIndexBuilder()
  const recorder = new SampleRecorder(manifestColumns(Row, fields))
  for (const [i, sample] of samples.entries()) {
    builder.add(Buffer.from(`key/${i}`), 512 + 1024 * i, 10 + i, 0)
    recorder.add(sample)
  }
  const index = decodeOffsetIndex(builder.encode(1024 * samples.length + 1024, new Uint8Array(32 * samples.length)), 'index')
  const values = recorder.take(samples.length)
  const facts = {
    shard: '/a.tar',
    shardSha256: '0'.repeat(64),
    schemaType: 'Row',
    schemaVersion: '1.0.0',
    createdAt: new Date(0),
  }
  const encoded = encodeManifest({ ...facts, index, columns: recorder.columns, values })
  return { header: decodeHeader(encoded.header, 'header'), samples: encoded.samples }
}

const kinds = fc.record({
  n: fc.constantFrom('numeric' as const, 'categorical' as const),
  x: fc.constantFrom('numeric' as const, 'categorical' as const),
})

test('what manifests say is what the samples hold, and a shard is left out or taken whole only where that is right', async () => {
  const property = fc.asyncProperty(
    fc.array(rows, { minLength: 1, maxLength: 6 }),
    fc.array(questions, { minLength: 1, maxLength: 8 }),
    kinds,
    async (samples, wheres, fields) => {
      const manifest = await throughManifest(samples, fields)
      for (const where of wheres) {
        const condition = planQuery(where, Row)
        const wanted = samples.map((sample) => answers(where, sample))
        const matches = matcherOf(condition)
        expect(samples.map((sample) => matches(sample))).toEqual(wanted)
        const read = await decodeSamples(manifest.samples, columnsOf(condition), 'samples', { foreign: false })
        expect(read.numbersOf(matches)).toEqual(wanted.flatMap((is, i) => (is ? i : [])))
        expect(samples.map((_, i) => read.row(i)).map(({ key, offset, sizeBytes }) => [key, offset, sizeBytes])).toEqual(
          samples.map((_, i) => [`key/${i}`, 512 + 1024 * i, 10 + i]),
        )
        const { some, every } = judge(condition, manifest.header)
        if (!some) expect(wanted).not.toContain(true)
        if (every) expect(wanted).not.toContain(false)
      }
    },
  )
  await fc.assert(property, { numRuns: 400 })
})

test('a shard is left out whenever a single range or value tells', async () => {
  const samples = [1, 2, 3].map((n) => ({ n, x: n / 2, s: `s${n}`, b: true, list: ['a'] }))
  const { header } = await throughManifest(samples, {})
  const verdict = (where: object) => judge(planQuery(where, Row), header)
  for (const where of [
    { n: 4 },
    { n: { gt: 3 } },
    { x: { lt: 0.5 } },
    { s: 's4' },
    { s: { in: ['x', 'y'] } },
    { b: false },
    { list: { has: 'b' } },
    { maybe: 1 },
  ])
    expect(verdict(where)).toEqual({ some: false, every: false })
  for (const where of [
    { n: { gte: 1 } },
    { x: { lte: 1.5 } },
    { b: true },
    { s: { in: ['s1', 's2', 's3'] } },
    { not: { n: 4 } },
    { s: { ne: 's4' } },
    { s: { gt: 's0' } },
  ])
    expect(verdict(where)).toEqual({ some: true, every: true })
})

test('numbers beyond those of JSON are kept, and NaN hides none of the others', async () => {
  const ints = [2n ** 53n + 1n, -(2n ** 63n), 2n ** 64n - 1n, 7]
  const floats = [Infinity, -Infinity, -0, 5e-324]
  const samples = [Number.NaN, 1, 2].map((x) => ({ n: 2n ** 64n - 1n, x, s: '', b: true, list: [], ints, floats }))
  const { header, samples: bytes } = await throughManifest(samples, {})
  expect(header.aggregates.get('x')).toEqual({ type: 'numeric', min: 1, max: 2, mean: 1.5, count: 2 })
  const rows = await decodeSamples(bytes, manifestColumns(Row), 'samples', { foreign: false })
  expect(rows.row(0).fields).toMatchObject({ n: 2n ** 64n - 1n, x: Number.NaN, ints, floats })
  const { header: mixed, samples: left } = await throughManifest([...samples, { ...samples[0]!, n: -1 }], {})
  expect([...mixed.aggregates.keys()]).not.toContain('n')
  await expect(decodeSamples(left, manifestColumns(Row), 'samples', { foreign: false })).rejects.toMatchObject({
    code: 'index.corrupt',
  })
})

test('too many values are only counted, and too much text is left out', async () => {
  const sample = (i: number) => ({ n: i, x: 0, s: `s${i}`, b: true, list: [`i${i}`, 'a'] })
  const { header } = await throughManifest(
    Array.from({ length: 1001 }, (_, i) => sample(i)),
    {},
  )
  expect(header.aggregates.get('s')).toEqual({ type: 'categorical', cardinality: 1001, value_counts: {} })
  expect(header.aggregates.get('list')).toEqual({ type: 'set', cardinality: 1002, all_values: [] })
  expect(judge(planQuery({ s: 'nowhere', list: { has: 'nothing' } }, Row), header)).toEqual({ some: true, every: false })
  const large = 'x'.repeat(2 ** 24)
  const { header: without } = await throughManifest(
    [0, 1, 2].map((i) => ({ ...sample(i), s: large })),
    {},
  )
  expect([...without.aggregates.keys()]).toEqual(['n', 'maybe', 'x', 'b', 'list', 'ints', 'floats'])
})

test('of what atdata counts in another way, no more is concluded than is so', async () => {
  const { header } = await throughManifest([{ n: 1, x: 1, s: '', b: true, list: [] }], {})
  const [name, value] = [`${2n ** 60n + 1n}`, 2 ** 60]
  const theirs = {
    ...header,
    aggregates: new Map<string, Aggregate>([
      ['n', { type: 'numeric', min: 1, max: 1, mean: null, count: 1 }],
      ['x', { type: 'categorical', cardinality: 1, value_counts: { [name]: 1 } }],
      ['floats', { type: 'set', all_values: [name] }],
    ]),
  }
  for (const where of [{ n: 1 }, { n: { gte: 1 } }, { x: value }, { floats: { has: value } }])
    expect(judge(planQuery(where, Row), theirs)).toEqual({ some: true, every: false })
  expect(judge(planQuery({ n: 2 }, Row), theirs).some).toBe(false)
})

test('a question has one text, however its parts stand', () => {
  const text = (where: object) => conditionText(planQuery(where, Row))
  expect(text({ n: 3, s: 'a' })).toBe('["and",["in","n",3],["in","s","a"]]')
  fc.assert(
    fc.property(fc.array(questions, { maxLength: 4 }), (parts) => {
      expect(text({ or: parts })).toBe(text({ or: [...parts].reverse() }))
      expect(text({ and: parts.map((part) => Object.fromEntries(Object.entries(part).reverse())) })).toBe(
        text({ and: [...parts, ...parts] }),
      )
    }),
  )
  for (const one of [{ and: [{ n: 1 }] }, { or: [{ n: 1 }] }, { or: [{ and: [{ n: 1 }, { n: 1 }] }] }, { n: 1, s: undefined }])
    expect(text(one)).toBe(text({ n: 1 }))
  expect(text({ or: [] })).not.toBe(text({ and: [] }))
  expect(text({ n: 1 })).not.toBe(text({ n: 2 }))
  expect(text({ x: { in: [-0, 1] } })).toBe(text({ x: { in: [1n, 0] } }))
})
