import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  defineLens,
  defineSample,
  formatLensRef,
  lensOfMapping,
  parseLensRecord,
  parseLensRef,
  str,
  stringifyLens,
} from '../src/index.ts'
import { ints, lens, Scalars, Source, source, View } from './lenses.ts'
import { refusalOf } from './refusals.ts'
import { loadVectors } from './vectors.ts'

test('a stored lens is the same lens again, and plain ones are what atdata stores', () => {
  const options = {
    name: 'l',
    version: '1.0.0',
    createdAt: new Date(1704164645678),
    sourceRef: 'local://schemas/tests.Source@1.0.0',
    viewRef: 'local://schemas/tests.View@1.0.0',
  }
  const record = parseLensRecord(stringifyLens(lens, options))
  expect(record).toMatchObject({
    name: 'l',
    sourceSchema: 'Source',
    viewSchema: 'View',
    sourceRef: options.sourceRef,
    mapping: lens.mapping,
  })
  expect(lensOfMapping(Source, View, record.mapping ?? []).get(source)).toEqual(lens.get(source))
  expect(stringifyLens(lens, options)).toContain('"kind": "shardex_mapping"')
  const Name = defineSample('View', { name: str() })
  const plain = stringifyLens(defineLens(defineSample('Src', { name: str() }), Name), {
    ...options,
    name: 'pick',
    description: 'd',
  })
  const [theirs] = loadVectors<{ local_lens_json: { created_at: string }[] }>('atdata-records').local_lens_json
  const { shardex: _, ...ours } = JSON.parse(plain) as Record<string, unknown>
  expect(JSON.stringify({ ...ours, created_at: theirs?.created_at, description: 'd' })).toBe(JSON.stringify({ ...theirs }))
})

test('every value that a lens may hold is stored as it is', () => {
  const values = fc.oneof(ints, fc.double(), fc.constantFrom(-0, Number.NaN, Infinity))
  fc.assert(
    fc.property(fc.string(), values, fc.boolean(), ints, (s, number, b, o) => {
      const f = Number(number)
      const fields = { s: { const: s }, i: { field: 'o', default: o }, f: { const: f }, b: { const: b } } as const
      const { mapping } = defineLens(Scalars, Scalars, { fields })
      const options = { name: 'l', version: '1', createdAt: new Date(0), sourceRef: 'a', viewRef: 'b' }
      expect(parseLensRecord(stringifyLens(defineLens(Scalars, Scalars, { fields }), options)).mapping).toEqual(mapping)
    }),
  )
})

test('records of atdata are read: mappings as mappings, code by name, and never run', () => {
  const { local_lens_json: records } = loadVectors<{ local_lens_json: object[] }>('atdata-records')
  const [mapped, coded] = records.map((record) => parseLensRecord(JSON.stringify(record)))
  expect(mapped).toEqual({
    name: 'pick',
    version: '1.0.0',
    sourceSchema: 'Src',
    viewSchema: 'View',
    mapping: [{ source: 'name', view: 'name' }],
    description: 'd',
    createdAt: '2024-01-02T03:04:05.678901+00:00',
  })
  expect(coded).toMatchObject({ name: 'ren', version: '1.0.1', mapping: undefined, code: '__main__.ren' })
})

test('a putter that is not the getter is not made up: the record says that nothing is brought back', () => {
  const [record] = loadVectors<{ local_lens_json: { getter: { mappings: object[] } }[] }>('atdata-records').local_lens_json
  const read = (putter: unknown) => parseLensRecord(JSON.stringify({ ...record, putter }))
  expect(read(record?.getter)).not.toHaveProperty('isGetOnly')
  const other = { kind: 'field_mapping', mappings: [{ source_field: 'other', view_field: 'name', transform: null }] }
  const kind = { ...record?.getter, kind: 'shardex_mapping' }
  for (const putter of [{ kind: 'opaque' }, { kind: 'code_reference', module: 'm', qualname: 'put' }, other, kind, {}, null])
    expect(read(putter)).toMatchObject({ mapping: [{ source: 'name', view: 'name' }], isGetOnly: true })
  expect(refusalOf('lens.invalid', () => read(3))).toMatchObject({ code: 'lens.invalid' })
})

test('code is not stored, and what is no record is refused', () => {
  const coded = defineLens(Source, Source, { get: (sample) => sample })
  const options = { name: 'l', version: '1', createdAt: new Date(0), sourceRef: 'a', viewRef: 'b' }
  const error = refusalOf('lens.invalid', () => stringifyLens(coded, options))
  expect(error).toMatchObject({ code: 'lens.invalid', details: { lens: 'tests.Source → tests.Source' } })
  expect((error as Error).message).toMatch(/code is never stored/)
  const record = { name: 'l', version: '1', source_schema: 'S', view_schema: 'V' }
  const mapping = (field: object) => JSON.stringify({ ...record, getter: { kind: 'field_mapping', mappings: [field] } })
  for (const text of [
    'no json',
    '[]',
    '{}',
    JSON.stringify({ ...record, getter: 3 }),
    JSON.stringify({ ...record, getter: { kind: 'field_mapping', mappings: 3 } }),
    JSON.stringify({ ...record, getter: {}, shardex: { format: 2 } }),
    mapping({ source_field: 'a' }),
    mapping({ source_field: 'a', view_field: 'b', transform: { eval: 'x' } }),
    mapping({ source_field: 'a', view_field: 'b', transform: { cast: 'code' } }),
    mapping({ source_field: null, view_field: 'b', transform: { const: { int: '1e9' } } }),
  ])
    expect(refusalOf('lens.invalid', () => parseLensRecord(text))).toMatchObject({ code: 'lens.invalid' })
})

test('references are read as atdata reads them', () => {
  const { parse_lens_ref: vectors } = loadVectors<{ parse_lens_ref: Record<string, { ok?: [string, string] }> }>('atdata-refs')
  for (const [ref, { ok }] of Object.entries(vectors)) {
    if (ok === undefined) expect(refusalOf('ref.invalid', () => parseLensRef(ref))).toMatchObject({ code: 'ref.invalid' })
    else expect(parseLensRef(ref)).toEqual({ name: ok[0], version: ok[1] })
    if (ok !== undefined) expect(formatLensRef(...ok)).toBe(ref)
  }
  for (const name of ['', 'a b', 'a@b', 'a/b', 'x'.repeat(201)])
    expect(refusalOf('ref.invalid', () => formatLensRef(name, '1.0.0'))).toMatchObject({ code: 'ref.invalid' })
})
