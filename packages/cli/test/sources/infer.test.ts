import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inferSampleType, startInference } from '../../src/sources/inference/infer.ts'
import { sampleTypeOf } from '../../src/sources/inference/sample-type.ts'
import { jsonText, parseJson } from '../../src/sources/json-text.ts'
import { fieldsOf } from '../../src/sources/typed-rows.ts'

const cell = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>,
  fc.integer(),
  fc.double(),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.constantFrom(null, undefined, -0, 2 ** 53, 1e300, 'true', '7', '\ud800'),
  fc.string({ unit: 'binary' }),
  fc.array(fc.oneof(fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.string())),
  fc.uint8Array({ maxLength: 8 }),
  fc.date({ noInvalidDate: false }),
)
const rows = fc.array(fc.record({ a: cell, b: cell, c: fc.integer(), d: cell }, { requiredKeys: ['c'] }), {
  minLength: 1,
  maxLength: 12,
})
const texts = fc.array(
  fc.record({
    a: fc.oneof(
      fc.integer().map(String),
      fc.double().map(String),
      fc.bigInt().map(String),
      fc.string(),
      fc.constantFrom(undefined, 'true', 'False', '007', '1e5', '.5', '-0', '1e999', 'inf', ' 7 ', '0x10', '٣'),
    ),
    c: fc.constant('x'),
  }),
  { minLength: 1, maxLength: 8 },
)

function pack(rowsOfTable: readonly Readonly<Record<string, unknown>>[], textCells: boolean): Record<string, unknown>[] {
  const inference = startInference('table', textCells)
  for (const row of rowsOfTable) inference.add(row)
  const { columns } = inference.columns()
  const type = sampleTypeOf('Table', columns)
  return rowsOfTable.map((row, index) => {
    const fields = fieldsOf('table', row, columns, `row ${index}`)
    type.unpack(type.pack(fields))
    return fields
  })
}

describe('inference', () => {
  test('every row of any table packs with the type inferred from it', () => {
    fc.assert(fc.property(rows, (table) => void pack(table, false)))
  })

  test('every row of any text table packs with the type inferred from it', () => {
    fc.assert(fc.property(texts, (table) => void pack(table, true)))
  })

  test('a text that becomes a number is the same number, and any other text stays as it is', () => {
    fc.assert(
      fc.property(texts, (table) => {
        for (const [index, { a }] of pack(table, true).entries()) {
          const cell = table[index]?.a
          if (typeof a === 'string') expect(a).toBe(cell?.toWellFormed())
          if (typeof a === 'bigint') expect(String(a)).toBe(cell?.trim())
          if (typeof a === 'number' && Number.isFinite(a)) expect(a).toBe(Number(cell))
        }
      }),
    )
  })

  test.each([
    ['numbers and a text in JSON', [1, 2, 'n/a'], false, ['a: 2 int and 1 str ("n/a" in row 3), stored as str']],
    [
      'numbers and a text in cells',
      ['1', '2.5', '', 'n/a', '3'],
      true,
      ['a: 2 int, 1 float and 1 str ("n/a" in row 4), stored as str'],
    ],
    ['texts and a number in JSON', ['x', 'y', true], false, ['a: 2 str and 1 bool (true in row 3), stored as str']],
    ['texts of which one spells a number', ['1917', 'Psycho', 'Alien'], true, []],
    ['integers and floats', [1, 2.5], false, []],
    ['nothing but texts', ['1', '2'], false, []],
  ])('a column of %s is told if it turns to text by a mixture', (_, values, textCells, notices) => {
    const inference = startInference('table', textCells)
    for (const a of values) inference.add({ a: a === '' ? undefined : a })
    expect(inference.columns().notices).toEqual(notices)
  })

  test('the order of rows does not change the type', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (table) => {
        const there = await inferSampleType('T', table)
        const back = await inferSampleType('T', table.toReversed())
        for (const [name, field] of Object.entries(there.fields))
          expect(back.fields[name]).toEqual({ ...field, optional: expect.any(Function) })
      }),
    )
  })

  test('JSON text keeps the digits of every integer', () => {
    fc.assert(
      fc.property(fc.bigInt(), (value) => {
        const read = parseJson(jsonText({ value })) as { value: number | bigint }
        expect(BigInt(read.value)).toBe(value)
      }),
    )
  })
})
