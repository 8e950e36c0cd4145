import { describe, expect, expectTypeOf, test } from 'vitest'
import * as schema from '../src/index.ts'
import { refusalOf } from './refusals.ts'

describe('defining a sample type', () => {
  const ImageSample = schema.defineSample('mymodule.ImageSample', {
    image: schema.ndarray('float32', [null, null, 3]),
    label: schema.str(),
    score: schema.float().optional(),
    ids: schema.array(schema.int()),
  })

  test('infers the TypeScript type of its samples', () => {
    expectTypeOf<schema.Infer<typeof ImageSample>>().toEqualTypeOf<{
      image: schema.NDArray<'float32'>
      label: string
      ids: (number | bigint)[]
      score?: number | undefined
    }>()
    expectTypeOf<schema.NDArray<'float32'>['values']>().toEqualTypeOf<Float32Array>()
    expectTypeOf<schema.NDArray<'datetime64[ns]'>['values']>().toEqualTypeOf<BigInt64Array>()
    expectTypeOf<schema.ValuesOf<'>f2'>>().toEqualTypeOf<Float16Array>()
    expectTypeOf<schema.ValuesOf<'|S7'>>().toEqualTypeOf<readonly Uint8Array[]>()
    expectTypeOf<schema.ValuesOf<'<M8[25s]'>>().toEqualTypeOf<BigInt64Array>()
    expectTypeOf<schema.ValuesOf<'unheard-of'>>().toEqualTypeOf<schema.ArrayValues>()
    expectTypeOf<schema.NDArray<'<U5'>['values']>().toEqualTypeOf<readonly string[]>()
    expectTypeOf<schema.NDArray<'float32'>>().toExtend<schema.NDArray>()
    expectTypeOf(ImageSample).toExtend<schema.SampleType>()
    expectTypeOf<schema.Infer<schema.SampleType>>().toExtend<{ [name: string]: unknown }>()
  })

  test('describes itself to people', () => {
    expect(ImageSample).toMatchObject({ name: 'mymodule.ImageSample', typeName: 'ImageSample' })
    expect(schema.describeFields(ImageSample)).toEqual([
      'image: ndarray float32 [*, *, 3]',
      'label: str',
      'score: float, optional',
      'ids: list of int',
    ])
  })

  test.each(['', '1a', 'a.', '.a', 'a b', 'a/b', 'a-b', 'a\n', 'x'.repeat(256)])('the name %j is refused', (name) => {
    refusalOf('schema.invalid', () => schema.defineSample(name, { a: schema.int() }))
  })

  test.each(['', '1a', 'a.b', 'a b', '__key__', '__a', 'constructor', 'toString', 'a\0', '__proto__'])(
    'the field name %j is refused',
    (name) => {
      refusalOf('schema.invalid', () => schema.defineSample('A', Object.fromEntries([[name, schema.int()]])))
    },
  )

  test.each<[string, () => unknown]>([
    ['an unknown dtype', () => schema.ndarray('float33')],
    ['objects', () => schema.ndarray('|O')],
    ['a name every object has', () => schema.ndarray('constructor')],
    ['a byte order mark that does not tell', () => schema.ndarray('|f4')],
    ['a negative dimension', () => schema.ndarray('float32', [-1])],
    ['a fraction of a dimension', () => schema.ndarray('float32', [1.5])],
  ])('an array field of %s is refused', (_, define) => {
    refusalOf('array.invalid', define)
  })

  test('misuse is a TypeError', () => {
    expect(() => schema.ndarray('float32', [1, 2], { dimensionNames: ['x'] })).toThrow(TypeError)
    expect(() => schema.array(schema.int().optional() as never)).toThrow(TypeError)
  })
})
