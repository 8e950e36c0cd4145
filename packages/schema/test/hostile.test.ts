import { isShardexError } from '@shardex/errors'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import {
  array,
  bytes,
  decodeArray,
  decodeMsgpack,
  defineSample,
  encodeArray,
  encodeMsgpack,
  encodeNpy,
  float,
  int,
  NDArray,
  ndarray,
  parseSchemaRecord,
  str,
} from '../src/index.ts'
import { samples } from './arbitrary.ts'
import { refusalOf } from './refusals.ts'
import { fromHex } from './vectors.ts'

const Everything = defineSample('E', {
  a: str(),
  b: int(),
  c: float().optional(),
  d: ndarray().optional(),
  e: array(bytes()).optional(),
})

/** Whatever happens, it is a value or a refusal of ours. */
function survives(run: () => unknown): void {
  try {
    run()
  } catch (error) {
    if (!isShardexError(error)) throw error
  }
}

const mostlyMsgpack = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0x80, 0x82, 0xa1, 0x61, 0x91, 0xc4, 0xdb, 0xdf, 0xcb, 0xd9)),
  { maxLength: 60 },
)

describe('bytes from strangers', () => {
  test('arbitrary bytes are read or refused, as msgpack, sample and array', () => {
    fc.assert(
      fc.property(mostlyMsgpack, (numbers) => {
        const input = Uint8Array.from(numbers)
        survives(() => decodeMsgpack(input))
        survives(() => Everything.unpack(input))
        survives(() => decodeArray(input).values)
      }),
      { numRuns: 3000 },
    )
  })

  test('a sample that ends early is always refused', () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), ({ type, sample }, part) => {
        const packed = type.pack(sample)
        refusalOf('sample.invalid', () => type.unpack(packed.subarray(0, Math.floor(packed.length * part))))
      }),
    )
  })

  test('an array that ends early or goes on is always refused, in both forms', () => {
    const whole = NDArray.from(new Int32Array([1, 2, 3, 4, 5, 6]), [2, 3])
    for (const encoded of [encodeArray(whole), encodeNpy(whole)]) {
      for (let end = 0; end < encoded.length; end++) refusalOf('array.invalid', () => decodeArray(encoded.subarray(0, end)))
      refusalOf('array.invalid', () => decodeArray(Uint8Array.of(...encoded, 0)))
    }
  })

  test('a flipped byte in a sample is a value or a refusal, never another error', () => {
    fc.assert(
      fc.property(samples, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ type, sample }, at, flip) => {
        const packed = type.pack(sample)
        packed[at % packed.length] = (packed[at % packed.length] as number) ^ flip
        survives(() => type.unpack(packed))
      }),
    )
  })

  test.each([
    ['a list said to have 4 billion items', 'ddffffffff'],
    ['a map said to have 4 billion entries', 'dfffffffff00'],
    ['a string said to have 4 billion bytes', 'dbffffffff61'],
    ['bytes said to be 4 billion', 'c6ffffffff00'],
    ['text that is not UTF-8', 'a2c328'],
    ['half a surrogate pair in UTF-8', 'a3eda080'],
    ['an overlong zero', 'a2c080'],
    ['an extension type', 'd40100'],
    ['a timestamp', 'd6ff00000000'],
    ['the reserved byte', 'c1'],
    ['a number as a map key', '810101'],
    ['a map key twice', '82a16101a16102'],
    ['a prototype as a map key', '81a95f5f70726f746f5f5f80'],
    ['nothing', ''],
    ['two values', 'c0c0'],
  ])('%s is refused', (_, hex) => {
    refusalOf('msgpack.invalid', () => decodeMsgpack(fromHex(hex)))
  })

  test('nesting is bounded, for reading and for writing', () => {
    refusalOf('msgpack.invalid', () => decodeMsgpack(new Uint8Array(100_000).fill(0x91)))
    refusalOf('sample.invalid', () =>
      Everything.unpack(Uint8Array.of(0x81, 0xa1, 0x78, ...new Uint8Array(5000).fill(0x91), 0xc0)),
    )
    const loop: { self?: unknown } = {}
    loop.self = loop
    refusalOf('msgpack.invalid', () => encodeMsgpack(loop as never))
  })

  test.each([
    ['an expression', "{'descr': __import__('os').getcwd(), 'fortran_order': False, 'shape': (1,), }"],
    ['an object', "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"],
    ['an object inside a record', "{'descr': [('a', '|O')], 'fortran_order': False, 'shape': (1,), }"],
    ['a key too many', "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), 'x': 1, }"],
    ['a key too few', "{'descr': '|u1', 'fortran_order': False}"],
    ['a key twice', "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,)}"],
    ['a negative dimension', "{'descr': '|u1', 'fortran_order': False, 'shape': (-1,), }"],
    ['a shape that is no tuple', "{'descr': '|u1', 'fortran_order': False, 'shape': (1), }"],
    ['something after the header', "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), } 1"],
    ['deep nesting', `{'descr': ${'['.repeat(9000)}, 'fortran_order': False, 'shape': (1,), }`],
    ['a huge record', "{'descr': [('a', '|u1', (999999999, 999999999))], 'fortran_order': False, 'shape': (1,), }"],
  ])('a .npy header with %s is refused', (_, header) => {
    const file = Buffer.concat([
      Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 0xff, header.length >> 8]),
      Buffer.from(header),
      Buffer.of(7),
    ])
    refusalOf('array.invalid', () => decodeArray(file))
  })

  test('arbitrary JSON is a schema record or refused', () => {
    fc.assert(
      fc.property(fc.json(), fc.anything(), (text, thing) => {
        survives(() => parseSchemaRecord(text))
        survives(() => parseSchemaRecord({ name: 'A', version: '1', fields: [{ name: 'a', fieldType: thing }] }))
      }),
    )
  })
})
