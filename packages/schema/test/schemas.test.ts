import { describe, expect, test } from 'vitest'
import * as schema from '../src/index.ts'
import { refusalOf } from './refusals.ts'
import { loadVectors } from './vectors.ts'

interface SchemaVectors {
  schemas: { class: string; stored_json_text: string }[]
}

const vectors = loadVectors<SchemaVectors>('atdata-schemas')

const Full = schema.defineSample(
  'mymodule.Full',
  {
    image: schema.ndarray('float32', [null, null, 3], { dimensionNames: ['y', 'x', 'channel'] }),
    times: schema.ndarray('datetime64[ns]').optional(),
    anything: schema.ndarray(),
    nested: schema.array(schema.array(schema.int())),
    name: schema.str(),
    weight: schema.float().optional(),
    ok: schema.bool(),
    raw: schema.bytes(),
    table: schema.dataframe(),
    tensor: schema.arrowTensor().optional(),
  },
  { description: 'Größe "x"' },
)
const record = schema.toSchemaRecord(Full, { version: '1.2.3', createdAt: new Date('2024-01-02T03:04:05.678Z') })

describe('schema records', () => {
  for (const { class: name, stored_json_text } of vectors.schemas) {
    test(`${name} of atdata is read, and written again as the same text`, () => {
      expect(schema.stringifyRecord(schema.parseSchemaRecord(stored_json_text))).toBe(stored_json_text)
    })

    test(`${name} of atdata becomes a type that takes arrays of any dtype, because its dtypes are unreliable`, () => {
      const { fields } = schema.sampleTypeFromRecord(schema.parseSchemaRecord(stored_json_text))
      for (const { kind } of Object.values(fields)) if (kind.kind === 'ndarray') expect(kind).toEqual({ kind: 'ndarray' })
    })
  }

  test('ours begins with what atdata would write, and its marks come last', () => {
    const text = schema.stringifyRecord(record)
    expect(
      text.startsWith(
        '{"name": "Full", "version": "1.2.3", "fields": [{"name": "image", "fieldType": {"$type": "local#ndarray", "dtype": "float32"',
      ),
    ).toBe(true)
    expect(
      text.endsWith(
        '"description": "Gr\\u00f6\\u00dfe \\"x\\"", "createdAt": "2024-01-02T03:04:05.678000+00:00", "shardex": {"format": 1, "module": "mymodule"}}',
      ),
    ).toBe(true)
  })

  test('ours comes back as the same definition, dtypes, shapes and dimension names included', () => {
    const parsed = schema.parseSchemaRecord(schema.stringifyRecord(record))
    expect(parsed).toEqual(record)
    const type = schema.sampleTypeFromRecord(parsed)
    expect(type.name).toBe('mymodule.Full')
    expect(schema.describeSchema(type)).toBe(schema.describeSchema(Full))
    expect(schema.sampleTypeFromRecord(parsed, 'other.Name').name).toBe('other.Name')
  })

  test('a type read from a record packs and unpacks the same bytes', () => {
    const Point = schema.defineSample('geo.Point', { at: schema.ndarray('float64', [2]), label: schema.str() })
    const copy = schema.sampleTypeFromRecord(
      schema.parseSchemaRecord(schema.toSchemaRecord(Point, { version: '1.0.0', createdAt: '' })),
    )
    const bytes = Point.pack({ at: schema.NDArray.from(new Float64Array([1, 2])), label: 'here' })
    expect(copy.pack(copy.unpack(bytes))).toEqual(bytes)
    refusalOf('sample.invalid', () => copy.pack({ at: schema.NDArray.from(new Float64Array(3)), label: '' }))
  })

  test('is ASCII as Python writes it, whatever the description', () => {
    const odd = schema.toSchemaRecord(Full, { version: '1.0.0', createdAt: '', description: '\x7f\n\x01😀' })
    expect(schema.stringifyRecord(odd)).toContain('"description": "\\u007f\\n\\u0001\\ud83d\\ude00"')
  })

  test.each<[string, unknown]>([
    ['text that is not JSON', '{'],
    ['a list', '[]'],
    ['no name', { version: '1', fields: [] }],
    ['a name that is a path', { name: '../x', version: '1', fields: [] }],
    ['no fields', { name: 'A', version: '1', fields: [] }],
    ['an unknown kind', { name: 'A', version: '1', fields: [{ name: 'a', fieldType: { $type: 'local#tuple' } }] }],
    ['a reference', { name: 'A', version: '1', fields: [{ name: 'a', fieldType: { $type: 'local#ref', ref: 'x' } }] }],
    [
      'an unknown primitive',
      { name: 'A', version: '1', fields: [{ name: 'a', fieldType: { $type: 'local#primitive', primitive: 'dict' } }] },
    ],
    ['a field twice', { name: 'A', version: '1', fields: ['a', 'a'].map((name) => ({ name, fieldType: { primitive: 'int' } })) }],
    ['a field every object has', { name: 'A', version: '1', fields: [{ name: 'constructor', fieldType: { primitive: 'int' } }] }],
    [
      'a dimension beyond every number',
      '{"name":"A","version":"1","fields":[{"name":"a","fieldType":{"$type":"local#ndarray","shape":[1e400]}}]}',
    ],
    [
      'a dimension of ours that cannot be',
      {
        name: 'A',
        version: '1',
        fields: [{ name: 'a', fieldType: { $type: 'local#ndarray', shape: [-1] } }],
        shardex: { format: 1 },
      },
    ],
    [
      'a dtype of ours that is none',
      {
        name: 'A',
        version: '1',
        fields: [{ name: 'a', fieldType: { $type: '#ndarray', dtype: 'float33' } }],
        shardex: { format: 1 },
      },
    ],
    [
      'a later format',
      { name: 'A', version: '1', fields: [{ name: 'a', fieldType: { primitive: 'int' } }], shardex: { format: 2 } },
    ],
  ])('%s is refused', (_, source) => {
    refusalOf('schema.invalid', () => schema.parseSchemaRecord(source as string | object))
  })

  test('kinds are read from whatever stands before the #, and from the key "kind"', () => {
    const fields = [
      {
        name: 'a',
        fieldType: { $type: 'ac.foundation.dataset.sampleSchema#array', items: { kind: 'primitive', primitive: 'int' } },
      },
      { name: 'b', fieldType: { kind: 'sparse' }, optional: true },
    ]
    const parsed = schema.parseSchemaRecord({ name: 'A', version: '1.0.0', fields, $ref: 'x' })
    expect(schema.describeFields(schema.sampleTypeFromRecord(parsed))).toEqual(['a: list of int', 'b: sparse, optional'])
  })
})

describe('the digest of a definition', () => {
  const base = { id: schema.int(), image: schema.ndarray('uint8', [null]) }
  const digest = schema.schemaDigest(schema.defineSample('a.T', base))

  test('does not depend on module, description, version and time, nor on whether a type or its record is given', () => {
    expect(digest).toMatch(/^[0-9a-f]{64}$/)
    const same = schema.defineSample('b.T', base, { description: 'other' })
    expect(schema.schemaDigest(same)).toBe(digest)
    const text = schema.stringifyRecord(schema.toSchemaRecord(same, { version: '9.0.0', createdAt: 'x' }))
    expect(schema.schemaDigest(schema.parseSchemaRecord(text))).toBe(digest)
  })

  test.each<[string, string, schema.Fields]>([
    ['name', 'a.U', base],
    ['order', 'a.T', { image: base.image, id: base.id }],
    ['dtype', 'a.T', { ...base, image: schema.ndarray('int8', [null]) }],
    ['shape', 'a.T', { ...base, image: schema.ndarray('uint8', [3]) }],
    ['dimension names', 'a.T', { ...base, image: schema.ndarray('uint8', [null], { dimensionNames: ['x'] }) }],
    ['optionality', 'a.T', { ...base, id: schema.int().optional() }],
    ['kind', 'a.T', { ...base, id: schema.str() }],
  ])('depends on %s', (_, name, fields) => {
    expect(schema.schemaDigest(schema.defineSample(name, fields))).not.toBe(digest)
  })

  test('of a published definition never changes', () => {
    expect(digest).toMatchInlineSnapshot(`"25328bafb187b762075df64fa37f15c89e34a4f8dc46472749c25537ea4638f9"`)
  })
})
