import { describe, expect, test } from 'vitest'
import { type ArraySource, decodeArray, defineSample, encodeArray, encodeNpy, NDArray, sparse } from '../src/index.ts'
import { refusalOf } from './refusals.ts'
import { fromHex, loadVectors, toHex } from './vectors.ts'

interface ArrayVectors {
  encode: {
    name: string
    dtype_str: string
    shape: number[]
    elements_c_order: (number | string | [number, number])[]
    bytes_hex: string
    legacy_npy_hex: string
  }[]
  decode_errors: { name: string; bytes_hex: string }[]
  legacy_npy_decode: { name: string; bytes_hex: string; dtype_str?: string; shape?: number[] }[]
  sparse_npz: { name: string; bytes_hex: string }[]
  structured_npy: { name: string; shape: number[]; npy_hex: string }[]
}

const vectors = loadVectors<ArrayVectors>('atdata-arrays')

/** The vectors spell as text what JSON cannot say. */
function element(value: number | string, dtype: string): number | bigint {
  if (typeof value === 'number') return value
  if (value.startsWith('NaT')) return -(2n ** 63n)
  return /[iM]8/.test(dtype) ? BigInt(value) : Number(value.replace('nan', 'NaN').replace('inf', 'Infinity'))
}

describe('the compact form of arrays', () => {
  for (const { name, dtype_str, shape, elements_c_order, bytes_hex, legacy_npy_hex } of vectors.encode) {
    const elements = elements_c_order.flat().map((value) => element(value, dtype_str))

    test(`${name} is written byte for byte as atdata writes it`, () => {
      expect(toHex(encodeArray(NDArray.from(elements, shape, dtype_str)))).toBe(bytes_hex)
    })

    test(`${name} is read back with its dtype, shape and values, from either form`, () => {
      for (const bytes of [fromHex(bytes_hex), fromHex(legacy_npy_hex)]) {
        const array = decodeArray(bytes)
        expect([array.dtype, array.shape]).toEqual([dtype_str, shape])
        expect(Array.from(array.values as ArrayLike<unknown>, Number)).toEqual(elements.map(Number))
        expect(toHex(encodeArray(array))).toBe(bytes_hex)
      }
    })

    // numpy stores the transposed one column by column; we always write rows.
    if (name !== 'transposed_f4') {
      test(`${name} becomes the .npy file that numpy writes`, () => {
        expect(toHex(encodeNpy(decodeArray(fromHex(bytes_hex))))).toBe(legacy_npy_hex)
      })
    }
  }

  for (const { name, bytes_hex } of vectors.decode_errors) {
    // Python reads a dimension of -1 as "whatever fits"; we take no array that does not say what it is.
    test(`${name} is refused`, () => {
      refusalOf('array.invalid', () => decodeArray(fromHex(bytes_hex)))
    })
  }

  for (const { name, bytes_hex, dtype_str, shape } of vectors.legacy_npy_decode) {
    test(dtype_str === undefined ? `${name} is refused, never unpickled` : `${name} is read`, () => {
      if (dtype_str === undefined) refusalOf('array.invalid', () => decodeArray(fromHex(bytes_hex)))
      else {
        const bytes = fromHex(bytes_hex)
        const array = decodeArray(bytes)
        expect(array).toMatchObject({ dtype: dtype_str, shape })
        expect(Array.from(array.values as ArrayLike<number>)).toEqual([0, 1, 2])
        // The payload of either form is what stands at its end.
        expect(toHex(encodeArray(array)).slice(-24)).toBe(bytes_hex.slice(-24))
      }
    })
  }

  for (const { name, bytes_hex } of vectors.sparse_npz) {
    test(`${name}, which scipy packed, goes through a sample untouched`, () => {
      const Matrix = defineSample('Matrix', { cells: sparse() })
      expect(toHex(Matrix.unpack(Matrix.pack({ cells: fromHex(bytes_hex) })).cells)).toBe(bytes_hex)
    })
  }

  for (const { name, npy_hex, shape } of vectors.structured_npy) {
    test(`${name} keeps its .npy form, byte for byte`, () => {
      const array = decodeArray(fromHex(npy_hex))
      expect(array.shape).toEqual(shape)
      expect(array.descr).toContain('(')
      expect(toHex(encodeArray(array))).toBe(npy_hex)
    })
  }
})

describe('what an array holds', () => {
  test.each<[string, ArraySource, string, unknown]>([
    ['text', ['ab', 'é😀', ''], '<U2', ['ab', 'é😀', '']],
    ['big-endian text', ['ab', 'c'], '>U2', ['ab', 'c']],
    ['booleans', [true, false], '|b1', [1, 0]],
    ['unsigned 64-bit integers', [0n, 2n ** 64n - 1n], '<u8', [0n, 2n ** 64n - 1n]],
    ['big-endian 16-bit floats', [1.5, -2], '>f2', [1.5, -2]],
    ['times', [1n, -1n], '<m8[25s]', [1n, -1n]],
    ['complex numbers', new Float32Array([1, 2, 3, 4]), '<c8', [1, 2, 3, 4]],
  ])('%s survive encoding', (_, source, dtype, values) => {
    const array = decodeArray(encodeArray(NDArray.from(source, undefined, dtype)))
    expect(array.dtype).toBe(dtype)
    expect(Array.from(array.values as ArrayLike<unknown>)).toEqual(values)
  })

  test('byte strings lose the zeros numpy fills them up with, opaque elements do not', () => {
    const bytes = Uint8Array.of(97, 0, 0, 98, 0, 99)
    expect(new NDArray('|S3', [2], bytes).values).toEqual([Uint8Array.of(97), Uint8Array.of(98, 0, 99)])
    expect(new NDArray('|V3', [2], bytes).values).toEqual([Uint8Array.of(97, 0, 0), Uint8Array.of(98, 0, 99)])
  })

  test('values share memory with aligned bytes, and are a copy of unaligned ones', () => {
    const buffer = new Uint8Array(12)
    expect(new NDArray('<f4', [2], buffer.subarray(4)).values.buffer).toBe(buffer.buffer)
    expect(new NDArray('<f4', [2], buffer.subarray(3, 11)).values.buffer).not.toBe(buffer.buffer)
  })

  test('a typed array becomes an array without being copied', () => {
    const pixels = new Float32Array([1, 2, 3, 4])
    const array = NDArray.from(pixels, [2, 2])
    expect(array).toMatchObject({ dtype: '<f4', shape: [2, 2], size: 4 })
    expect(array.bytes.buffer).toBe(pixels.buffer)
  })

  test('nested lists give shape and dtype', () => {
    expect(NDArray.from([[1, 2, 3]])).toMatchObject({ dtype: '<f8', shape: [1, 3] })
    expect(NDArray.from([[[1n]], [[2n]]])).toMatchObject({ dtype: '<i8', shape: [2, 1, 1] })
    expect(NDArray.from([['a', 'bcd']])).toMatchObject({ dtype: '<U3', shape: [1, 2] })
    expect(NDArray.from(7)).toMatchObject({ dtype: '<f8', shape: [], size: 1 })
  })

  test.each<[string, () => unknown]>([
    ['a ragged list', () => NDArray.from([[1], [1, 2]])],
    ['a list that is deeper in places', () => NDArray.from([1, [2]])],
    ['a number too large for the dtype', () => NDArray.from([256], undefined, 'uint8')],
    ['a fraction as an integer', () => NDArray.from([1.5], undefined, 'int64')],
    ['text as a number', () => NDArray.from(['1'], undefined, 'float32')],
    ['text longer than the dtype', () => NDArray.from(['abc'], undefined, '<U2')],
    ['half a surrogate pair', () => NDArray.from(['\ud800'])],
    ['another number of values than the shape has', () => NDArray.from([1, 2, 3], [2, 2])],
    ['objects', () => new NDArray('|O', [0], new Uint8Array())],
    ['long doubles', () => new NDArray('<f16', [0], new Uint8Array())],
    ['elements of no size', () => new NDArray('|S0', [2 ** 53 - 1], new Uint8Array())],
    ['a negative dimension', () => new NDArray('|u1', [-1], new Uint8Array())],
    ['a typed array of more than 0 and 1 as booleans', () => NDArray.from(Uint8Array.of(0, 2), undefined, 'bool')],
    [
      'too many dimensions',
      () =>
        new NDArray(
          '|u1',
          Array.from({ length: 65 }, () => 1),
          Uint8Array.of(1),
        ),
    ],
    ['an empty array of impossible dimensions', () => new NDArray('|u1', [0, 2 ** 40, 2 ** 40], new Uint8Array())],
    ['a product beyond what a number can count', () => new NDArray('|u1', [2 ** 32, 2 ** 32], new Uint8Array())],
    ['characters beyond Unicode', () => new NDArray('<U1', [1], Uint8Array.of(0, 0, 0x11, 0)).values],
  ])('%s is refused', (_, make) => {
    refusalOf('array.invalid', make)
  })
})
