import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseWhere } from '../../src/query/parse-where.ts'

test.each<[string, object]>([
  ['label=3', { label: { eq: 3 } }],
  ['label = 3 and score>=0.5', { and: [{ label: { eq: 3 } }, { score: { gte: 0.5 } }] }],
  ['a=1 or b=2 and not c=3', { or: [{ a: { eq: 1 } }, { and: [{ b: { eq: 2 } }, { not: { c: { eq: 3 } } }] }] }],
  ['(a=1 or b=2) and c!=3', { and: [{ or: [{ a: { eq: 1 } }, { b: { eq: 2 } }] }, { c: { ne: 3 } }] }],
  ["split in (train, 'a b', \"it's\")", { split: { in: ['train', 'a b', "it's"] } }],
  ['tags has rare and note exists', { and: [{ tags: { has: 'rare' } }, { note: { exists: true } }] }],
  ['n < -1.5e3', { n: { lt: -1500 } }],
  ['n <= 18446744073709551615', { n: { lte: 2n ** 64n - 1n } }],
  ['ok = true', { ok: { eq: true } }],
  ["ok = 'true'", { ok: { eq: 'true' } }],
  ["s = '\\'\\\\'", { s: { eq: "'\\" } }],
  ['__key__ = a.b-c', { __key__: { eq: 'a.b-c' } }],
  ['grün == été', { grün: { eq: 'été' } }],
])('%s', (text, where) => {
  expect(parseWhere(text)).toEqual(where)
})

test.each<[string, RegExp]>([
  ['', /found the end, wanted a field/],
  ['label', /found the end, wanted = != </],
  ['label 3', /found "3" at character 7, wanted = !=/],
  ['label =', /found the end, wanted a value/],
  ['label = 3 score = 4', /found "score" at character 11, wanted and, or, or the end/],
  ['(label = 3', /wanted a closing bracket/],
  ['label in 3', /wanted an opening bracket/],
  ['label in (3', /wanted a comma or a closing bracket/],
  ['label = and', /found "and" at character 9, wanted a value/],
  ['not = 3', /found "=" at character 5, wanted a field/],
  ["label = 'open", /"'open" at character 8|closing quote/],
  ['label = 3x', /closing quote|"3x"/],
  ['label ; 3', /character 6/],
  [`${'('.repeat(50)}a=1${')'.repeat(50)}`, /at most 32 levels/],
  [`${'not '.repeat(50)}a=1`, /at most 32 levels/],
  ['a'.repeat(100_001), /at most 100000/],
])('%s is refused', (text, message) => {
  expect(() => parseWhere(text)).toThrow(message)
})

type Value = string | number | bigint | boolean
const values = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 5 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value)),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n }),
  fc.boolean(),
)
const fields = fc.constantFrom('a', 'label', '_x9', 'größe', 'andy', 'orange', 'nothing', 'inn')
const wheres = fc.letrec<{ any: object; leaf: object }>((tie) => ({
  leaf: fc.oneof(
    fc
      .tuple(fields, fc.constantFrom('eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'has'), values)
      .map(([field, op, value]) => ({ [field]: { [op]: value } })),
    fc.tuple(fields, fc.array(values, { minLength: 1, maxLength: 4 })).map(([field, list]) => ({ [field]: { in: list } })),
    fields.map((field) => ({ [field]: { exists: true } })),
  ),
  any: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    fc.record({ not: tie('any') }),
    fc.record({ and: fc.array(tie('any'), { minLength: 2, maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('any'), { minLength: 2, maxLength: 3 }) }),
  ),
})).any

const SIGNS: Record<string, string> = { eq: '=', ne: '!=', lt: '<', lte: '<=', gt: '>', gte: '>=', has: 'has' }

/** The question as a person would write it, with all brackets. */
function written(where: object): string {
  const [[name, asked]] = Object.entries(where) as [[string, never]]
  if (name === 'not') return `not (${written(asked)})`
  if (name === 'and' || name === 'or') return (asked as object[]).map((part) => `(${written(part)})`).join(` ${name} `)
  const [[op, value]] = Object.entries(asked as object) as [[string, unknown]]
  if (op === 'exists') return `${name} exists`
  if (op === 'in') return `${name} in (${(value as Value[]).map(spelled).join(',')})`
  return `${name} ${SIGNS[op]} ${spelled(value as Value)}`
}

function spelled(value: Value): string {
  if (typeof value !== 'string') return Object.is(value, -0) ? '-0' : String(value)
  return `"${value.replace(/["\\]/g, '\\$&')}"`
}

test('what is written with all brackets is read as what it is', () => {
  fc.assert(
    fc.property(wheres, (where) => {
      expect(parseWhere(written(where))).toEqual(where)
    }),
    { numRuns: 1000 },
  )
})

test('any text is read or refused, soon', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-c=<>!()' "andort0-9.,]{0,40}$/)), (text) => {
      try {
        parseWhere(text)
      } catch (error) {
        expect(error).toMatchObject({ code: 'usage.invalid', details: { argument: '<where>' } })
      }
    }),
    { numRuns: 2000 },
  )
})
