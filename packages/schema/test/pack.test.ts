import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  array,
  ByteWriter,
  decodeMsgpackMap,
  defineSample,
  encodeMsgpack,
  float,
  int,
  NDArray,
  ndarray,
  str,
} from '../src/index.ts'
import { samples } from './arbitrary.ts'
import { refusalOf } from './refusals.ts'
import { toHex } from './vectors.ts'

const Thing = defineSample('mod.Thing', { id: int(), label: str(), score: float().optional() })

describe('packing', () => {
  test('any sample of any type comes back as it was', () => {
    fc.assert(
      fc.property(samples, ({ type, sample }) => {
        const packed = type.pack(sample)
        const unpacked = type.unpack(packed)
        expect(unpacked).toEqual(sample)
        expect(type.pack(unpacked)).toEqual(packed)
      }),
    )
  })

  test('every key is there in field order, an absent optional field as nil', () => {
    const bytes = Thing.pack({ score: undefined, label: 'a', id: 1 })
    expect(Object.entries(decodeMsgpackMap(bytes))).toEqual([
      ['id', 1],
      ['label', 'a'],
      ['score', null],
    ])
    expect(toHex(Thing.pack({ id: 1, label: 'a' }))).toBe(toHex(bytes))
    expect(Thing.unpack(bytes)).toEqual({ id: 1, label: 'a', score: undefined })
  })

  test('the sample’s key is not part of its bytes', () => {
    const sample = { __key__: '000001', id: 1, label: 'a' }
    expect(Thing.pack(sample)).toEqual(Thing.pack({ id: 1, label: 'a' }))
  })

  test('samples append to a writer, and a refused one leaves nothing behind', () => {
    const writer = new ByteWriter(4)
    Thing.packInto(writer, { id: 1, label: 'first' }, 'one')
    const { length } = writer
    refusalOf('sample.invalid', () => Thing.packInto(writer, { id: 2, label: 3 as never }, 'two'))
    expect(writer.length).toBe(length)
    Thing.packInto(writer, { id: 3, label: 'x'.repeat(5000) }, 'three')
    expect(Thing.unpack(writer.bytes.subarray(0, length))).toMatchObject({ label: 'first' })
    expect(Thing.unpack(writer.bytes.subarray(length, writer.length))).toMatchObject({ id: 3 })
  })

  test('what was packed is not touched by packing the next sample', () => {
    const first = Thing.pack({ id: 1, label: 'first' })
    const copy = first.slice()
    Thing.pack({ id: 2, label: 'other' })
    expect(first).toEqual(copy)
  })

  const pixels = NDArray.from(new Float32Array(12), [2, 2, 3])
  const Image = defineSample('mod.Image', { image: ndarray('float32', [null, null, 3]), tags: array(str()) })

  test.each<[string, () => unknown, string, string]>([
    ['a missing field', () => Thing.pack({ id: 1 } as never, '000007'), 'label', 'a string'],
    ['null in a required field', () => Thing.pack({ id: null, label: '' } as never, '000007'), 'id', 'an integer'],
    [
      'an unknown field',
      () => Thing.pack({ id: 1, label: '', extra: 1 } as never, '000007'),
      'extra',
      'only the fields id, label, score',
    ],
    ['a fraction in an int field', () => Thing.pack({ id: 1.5, label: '' }, '000007'), 'id', 'an integer'],
    ['a number that lost its last digits', () => Thing.pack({ id: 2 ** 53, label: '' }, '000007'), 'id', 'a bigint'],
    ['an integer beyond 64 bits', () => Thing.pack({ id: 2n ** 64n, label: '' }, '000007'), 'id', 'from -2^63 to 2^64-1'],
    ['a boolean in an int field', () => Thing.pack({ id: true, label: '' } as never, '000007'), 'id', 'an integer'],
    ['a bigint in a float field', () => Thing.pack({ id: 1, label: '', score: 1n } as never, '000007'), 'score', 'a number'],
    ['half a surrogate pair', () => Thing.pack({ id: 1, label: '\udc00' }, '000007'), 'label', 'whole Unicode'],
    ['an item of a list', () => Image.pack({ image: pixels, tags: ['a', 5] } as never, '000007'), 'tags[1]', 'a string'],
    [
      'a typed array that is no array',
      () => Image.pack({ image: new Float32Array(3), tags: [] } as never, '000007'),
      'image',
      'an NDArray',
    ],
    [
      'another dtype',
      () => Image.pack({ image: NDArray.from(new Uint8Array(3), [1, 1, 3]) as never, tags: [] }, '000007'),
      'image',
      'float32',
    ],
    [
      'another shape',
      () => Image.pack({ image: NDArray.from(new Float32Array(4), [1, 1, 4]), tags: [] }, '000007'),
      'image',
      '[*, *, 3]',
    ],
    ['no object at all', () => Thing.pack(5 as never, '000007'), '', 'an object'],
  ])('%s is refused by sample, field, found and wanted', (_, pack, field, wanted) => {
    const { details, message } = refusalOf('sample.invalid', pack)
    expect(details).toMatchObject({ sample: '000007', field })
    expect(details.wanted).toContain(wanted)
    expect(message).toContain('000007')
    expect(message).toContain(details.found)
  })
})

describe('unpacking', () => {
  test('fields in another order, and fields of a later version, do not disturb', () => {
    const bytes = encodeMsgpack({ added: { deep: [1, 'x'] }, label: 'a', more: null, id: 5 })
    expect(Thing.unpack(bytes)).toEqual({ id: 5, label: 'a', score: undefined })
  })

  test('integers in a float field become numbers', () => {
    expect(Thing.unpack(encodeMsgpack({ id: 1, label: '', score: 3 })).score).toBe(3)
    expect(Thing.unpack(encodeMsgpack({ id: 1, label: '', score: 2n ** 60n })).score).toBe(2 ** 60)
  })

  test('arrays and byte strings are views of the bytes they were read from', () => {
    const Raw = defineSample('Raw', { array: ndarray('uint8') })
    const bytes = Raw.pack({ array: NDArray.from(Uint8Array.of(1, 2, 3)) })
    const { array } = Raw.unpack(bytes)
    bytes[bytes.length - 1] = 9
    expect(array.values).toEqual(Uint8Array.of(1, 2, 9))
  })

  test('samples of a type have the same properties in the same order, whatever the bytes said', () => {
    expect(Object.keys(Thing.unpack(encodeMsgpack({ label: '', id: 1 })))).toEqual(['id', 'label', 'score'])
  })

  test.each<[string, Uint8Array, string]>([
    ['a missing field', encodeMsgpack({ id: 1 }), 'label'],
    ['nil in a required field', encodeMsgpack({ id: 1, label: null }), 'label'],
    ['another type', encodeMsgpack({ id: 'one', label: '' }), 'id'],
    ['a float in an int field', encodeMsgpack({ id: 1.5, label: '' }), 'id'],
    ['bytes after the sample', Uint8Array.of(...Thing.pack({ id: 1, label: '' }), 0), ''],
    ['no map', encodeMsgpack([1, 2]), ''],
    [
      'a field twice',
      Uint8Array.of(0x83, 0xa2, 0x69, 0x64, 1, 0xa2, 0x69, 0x64, 2, 0xa5, 0x6c, 0x61, 0x62, 0x65, 0x6c, 0xa0),
      '',
    ],
  ])('%s is refused by name', (_, bytes, field) => {
    const { details, cause } = refusalOf('sample.invalid', () => Thing.unpack(bytes, '000009'))
    expect(details).toMatchObject({ sample: '000009', field })
    expect(cause).toBeInstanceOf(Error)
  })

  test('an array of another dtype or shape than declared is refused', () => {
    const Any = defineSample('A', { a: ndarray() })
    const bytes = Any.pack({ a: NDArray.from([1, 2], undefined, '>f4') })
    expect(defineSample('A', { a: ndarray('float32', [null]) }).unpack(bytes).a.values).toEqual(new Float32Array([1, 2]))
    refusalOf('sample.invalid', () => defineSample('A', { a: ndarray('<f4') }).unpack(bytes))
    refusalOf('sample.invalid', () => defineSample('A', { a: ndarray('float32', [3]) }).unpack(bytes))
  })
})
