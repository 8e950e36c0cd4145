import fc from 'fast-check'
import * as schema from '../src/index.ts'

/** A field and the values it takes. */
export interface ArbitraryField {
  readonly field: schema.Field<unknown, false>
  readonly values: fc.Arbitrary<unknown>
}

const integers = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -300, max: 70_000 }),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
)
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ maxLength: 40 }), fc.string({ minLength: 250, maxLength: 300 }))
const arrays = fc
  .uint8Array({ maxLength: 48 })
  .chain((bytes) =>
    fc.constantFrom(
      ...['|u1', '<i2', '>f4', '<f8', '<c8', '<U2', '|S3', '|V1', '<M8[ns]', '|b1'].map((dtype) => ({ dtype, bytes })),
    ),
  )
  .map(({ dtype, bytes }) => {
    const element = new schema.NDArray(dtype, [0], new Uint8Array())
    const size =
      dtype === '|u1' || dtype.startsWith('|V') || dtype === '|b1'
        ? 1
        : Number(/\d+/.exec(dtype)?.[0]) * (dtype[1] === 'U' ? 4 : 1)
    const count = Math.floor(bytes.length / size)
    return new schema.NDArray(element.dtype, count % 2 === 0 ? [2, count / 2] : [count], bytes.subarray(0, count * size))
  })

const simple: fc.Arbitrary<ArbitraryField> = fc.constantFrom<ArbitraryField>(
  { field: schema.str(), values: text },
  { field: schema.int(), values: integers },
  { field: schema.float(), values: fc.double() },
  { field: schema.bool(), values: fc.boolean() },
  { field: schema.bytes(), values: fc.uint8Array({ maxLength: 300 }) },
  { field: schema.ndarray(), values: arrays },
  { field: schema.safetensors(), values: fc.uint8Array() },
)

export const fields: fc.Arbitrary<ArbitraryField> = fc.oneof(
  { weight: 4, arbitrary: simple },
  {
    weight: 1,
    arbitrary: simple.map(({ field, values }) => ({ field: schema.array(field), values: fc.array(values, { maxLength: 20 }) })),
  },
)

/** A sample type and a sample of it. */
export const samples: fc.Arbitrary<{ type: schema.SampleType; sample: Record<string, unknown> }> = fc
  .dictionary(
    fc.stringMatching(/^[a-z][a-zA-Z_]{0,40}$/).filter((name) => !(name in Object.prototype)),
    fc.tuple(fields, fc.boolean()),
    {
      minKeys: 1,
      maxKeys: 20,
    },
  )
  .chain((chosen) => {
    const entries = Object.entries(chosen)
    const type = schema.defineSample(
      'test.Sample',
      Object.fromEntries(entries.map(([name, [{ field }, optional]]) => [name, optional ? field.optional() : field])),
    )
    const values = entries.map(([name, [{ values }, optional]]) => [
      name,
      optional ? fc.option(values, { nil: undefined }) : values,
    ])
    return fc.record(Object.fromEntries(values) as Record<string, fc.Arbitrary<unknown>>).map((sample) => ({ type, sample }))
  })
