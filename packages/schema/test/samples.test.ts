import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  array,
  bool,
  bytes,
  decodeArray,
  decodeMsgpack,
  decodeMsgpackMap,
  defineSample,
  encodeMsgpack,
  float,
  int,
  type MsgpackValue,
  NDArray,
  ndarray,
  type SampleType,
  str,
} from '../src/index.ts'
import { refusalOf } from './refusals.ts'
import { fromHex, loadVectors, toHex } from './vectors.ts'

interface SampleVectors {
  samples: {
    name: string
    type: string
    fields: [string, unknown][]
    packed_hex: string | null
    packed_sha256: string
  }[]
  errors: { name: string }[]
}

const vectors = loadVectors<SampleVectors>('atdata-samples')

const TYPES: Readonly<Record<string, SampleType>> = {
  Basic: defineSample('Basic', { name: str(), value: int() }),
  Types: defineSample('Types', { s: str(), i: int(), f: float(), b: bool(), y: bytes() }),
  Opt: defineSample('Opt', { r: str(), oi: int().optional(), oa: ndarray().optional() }),
  Lst: defineSample('Lst', { tags: array(str()), nums: array(float()), nest: array(int()) }),
  Arr: defineSample('Arr', { data: ndarray(), label: str() }),
}

describe('samples are packed byte for byte as atdata packs them', () => {
  for (const { name, type, fields, packed_hex, packed_sha256 } of vectors.samples) {
    // A list of lists beside integers has no field type, and a dict none in atdata either; both are checked as plain msgpack.
    const sampleType = name === 'tuple_as_array' ? undefined : TYPES[type]

    test(name, () => {
      const values = Object.fromEntries(fields.map(([field, value]) => [field, untag(value)]))
      if (sampleType === undefined) {
        expect(decodeMsgpack(fromHex(packed_hex ?? ''))).toEqual(values)
        if (name === 'dict_16_keys') expect(toHex(encodeMsgpack(values as MsgpackValue))).toBe(packed_hex)
        return
      }
      const sample = name === 'array_structured' ? { ...values, data: recordArray(packed_hex ?? '') } : values
      const packed = sampleType.pack(sample)
      if (packed_hex !== null) expect(toHex(packed)).toBe(packed_hex)
      expect(createHash('sha256').update(packed).digest('hex')).toBe(packed_sha256)
      expect(sampleType.pack(sampleType.unpack(packed))).toEqual(packed)
    })
  }
})

describe('what atdata refuses', () => {
  const refused: Readonly<Record<string, () => unknown>> = {
    object_array: () => refusalOf('array.invalid', () => NDArray.from([1], undefined, '|O')),
    list_of_ndarray: () => refusalOf('msgpack.invalid', () => encodeMsgpack({ a: [NDArray.from([1]) as never] })),
    set_value: () => refusalOf('msgpack.invalid', () => encodeMsgpack({ a: new Set() as never })),
    missing_key_on_read: () => refusalOf('sample.invalid', () => TYPES['Basic']?.unpack(fromHex('81a46e616d65a161'))),
    int_map_key_on_read: () => refusalOf('msgpack.invalid', () => decodeMsgpackMap(fromHex('810102'))),
  }
  for (const { name } of vectors.errors) test(`${name} is refused here too`, () => expect(refused[name]?.()).toBeDefined())
})

/** The record array inside a packed sample whose first field it is. */
function recordArray(packedHex: string): NDArray {
  return decodeArray(decodeMsgpackMap(fromHex(packedHex))['data'] as Uint8Array)
}

/** The vectors mark everything JSON cannot say with a `$` key. */
function untag(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untag)
  if (typeof value !== 'object' || value === null) return value
  const [[tag, content] = []] = Object.entries(value)
  switch (tag) {
    case '$int':
      return Number.isSafeInteger(Number(content)) ? Number(content) : BigInt(content)
    case '$float':
      return Buffer.from((value as { $f64be: string }).$f64be, 'hex').readDoubleBE()
    case '$bytes':
      return fromHex(content)
    case '$repeat_str':
      return content[0].repeat(content[1])
    case '$repeat_byte':
      return new Uint8Array(content[1]).fill(Number.parseInt(content[0], 16))
    case '$tuple':
      return content.map(untag)
    case '$map':
      return Object.fromEntries(content.map(([key, item]: [string, unknown]) => [key, untag(item)]))
    case '$ndarray':
      return new NDArray(content.dtype_str, content.shape, fromHex(content.raw_c_order_hex))
    case '$npscalar':
      return scalar(new NDArray(content[0], [], fromHex(content[1])))
    default:
      throw new TypeError(`a vector with the tag ${tag}`)
  }
}

/** What numpy's `.item()` makes of a single element. */
function scalar({ dtype, values }: NDArray): unknown {
  const [item] = values
  if (dtype === '|b1') return item === 1
  return typeof item === 'bigint' ? Number(item) : item
}
