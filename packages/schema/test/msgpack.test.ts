import { decode, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeMsgpack, decodeMsgpackMap, encodeMsgpack, type MsgpackValue } from '../src/index.ts'
import { refusalOf } from './refusals.ts'
import { fromHex, toHex } from './vectors.ts'

const scalars = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.integer({ min: -40_000, max: 70_000 }),
  fc.double({ noInteger: true, noNaN: true }),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.uint8Array({ maxLength: 300 }),
)
const keys = fc.string({ unit: 'binary', maxLength: 40 }).filter((key) => key !== '__proto__')
const values: fc.Arbitrary<MsgpackValue> = fc.letrec<{ value: MsgpackValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalars,
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 20, noNullPrototype: true }),
  ),
})).value

describe('msgpack without a schema', () => {
  test('another implementation writes the same bytes and reads ours', () => {
    fc.assert(
      fc.property(values, (value) => {
        const encoded = encodeMsgpack(value)
        expect(toHex(encoded)).toBe(toHex(encode(value)))
        expect(decode(encoded)).toEqual(value)
      }),
    )
  })

  test('whatever was written is read back', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decodeMsgpack(encodeMsgpack(value))).toEqual(value)
      }),
    )
  })

  test('integers are numbers while they are exact, and bigints beyond', () => {
    const edges = [2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 53n) + 1n, -(2n ** 53n), -(2n ** 63n)]
    expect(decodeMsgpack(encodeMsgpack(edges))).toEqual([
      2 ** 53 - 1,
      2n ** 53n,
      2n ** 63n,
      2n ** 64n - 1n,
      -(2 ** 53) + 1,
      -(2n ** 53n),
      -(2n ** 63n),
    ])
    refusalOf('msgpack.invalid', () => encodeMsgpack(2n ** 64n))
    refusalOf('msgpack.invalid', () => encodeMsgpack(-(2n ** 63n) - 1n))
  })

  test('numbers that are no exact integers are 64-bit floats', () => {
    expect([0.5, -0, 2 ** 53, Number.NaN].map((value) => toHex(encodeMsgpack(value)).slice(0, 2))).toEqual([
      'cb',
      'cb',
      'cb',
      'cb',
    ])
    expect(decodeMsgpack(fromHex('ca3fc00000'))).toBe(1.5)
  })

  test('integers in a longer form than needed are read', () => {
    const five = [
      '05',
      'cc05',
      'cd0005',
      'ce00000005',
      'cf0000000000000005',
      'd005',
      'd10005',
      'd200000005',
      'd30000000000000005',
    ]
    expect(five.map((hex) => decodeMsgpack(fromHex(hex)))).toEqual(five.map(() => 5))
  })

  test('a property that is undefined is left out, an item that is undefined refused', () => {
    expect(decodeMsgpackMap(encodeMsgpack({ a: undefined, b: 1 }))).toEqual({ b: 1 })
    expect(refusalOf('msgpack.invalid', () => encodeMsgpack({ list: [undefined as never] })).message).toContain('.list[0]')
  })

  test('a value that is no map is refused where a map must be', () => {
    refusalOf('msgpack.invalid', () => decodeMsgpackMap(encodeMsgpack([1])))
  })
})
