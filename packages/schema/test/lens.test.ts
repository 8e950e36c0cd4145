import fc from 'fast-check'
import { expect, expectTypeOf, test } from 'vitest'
import {
  array,
  bool,
  brokenLensLaws,
  defineLens,
  defineSample,
  findLens,
  float,
  formatLensRef,
  type Infer,
  int,
  type Lens,
  lensOfMapping,
  NDArray,
  ndarray,
  parseLensRecord,
  parseLensRef,
  registerLens,
  str,
  stringifyLens,
  viewsOf,
} from '../src/index.ts'
import { refusalOf } from './refusals.ts'
import { loadVectors } from './vectors.ts'

const Source = defineSample('tests.Source', {
  text: str(),
  stars: int(),
  score: float(),
  spam: bool(),
  maybe: int().optional(),
  tags: array(str()),
  pixels: ndarray('uint8', [2]),
})
const View = defineSample('tests.View', {
  body: str(),
  stars: str(),
  spam: int(),
  maybe: int(),
  language: str(),
  pixels: ndarray(),
})
const pixels = NDArray.from(Uint8Array.of(1, 2), [2])
const source: Infer<typeof Source> = { text: 'good', stars: 4, score: 0.5, spam: false, tags: ['a'], pixels }
const lens = defineLens(Source, View, {
  fields: {
    body: 'text',
    stars: { field: 'stars', cast: 'str' },
    spam: { field: 'spam', cast: 'int' },
    maybe: { field: 'maybe', default: -1 },
    language: { const: 'en' },
  },
})

test('a declared lens renames, casts, fills in and adds, and takes the rest by name', () => {
  const view = lens.get(source)
  expect(view).toEqual({ body: 'good', stars: '4', spam: 0, maybe: -1, language: 'en', pixels })
  expectTypeOf(view).toEqualTypeOf<Infer<typeof View>>()
  expect(lens.put({ ...view, body: 'bad', stars: '1', spam: 1 }, source)).toEqual({
    ...source,
    text: 'bad',
    stars: 1,
    spam: true,
  })
  expect(lens.put({ ...view, maybe: 7 }, source)).toEqual({ ...source, maybe: 7 })
  expect(lens.put(view, source)).toEqual(source)
})

test('what could not be read back is not put', () => {
  const view = lens.get(source)
  for (const change of [{ language: 'de' }, { stars: '007' }, { stars: 'four' }, { spam: 2 }])
    expect(refusalOf('sample.invalid', () => lens.put({ ...view, ...change }, source))).toMatchObject({
      code: 'sample.invalid',
      details: { field: Object.keys(change)[0] },
    })
  const Twice = defineSample('tests.Twice', { one: str(), other: str() })
  const twice = defineLens(Source, Twice, { fields: { one: 'text', other: 'text' } })
  expect(twice.put({ one: 'new', other: 'new' }, source).text).toBe('new')
  expect(refusalOf('sample.invalid', () => twice.put({ one: 'new', other: 'good' }, source))).toMatchObject({
    code: 'sample.invalid',
  })
})

test.each<[string, object, RegExp]>([
  ['a field that is not there', { body: 'title' }, /"title"/],
  ['a field of another kind', { body: 'stars' }, /stars of kind int for body, wanted str, or a cast/],
  ['a cast that loses', { body: { field: 'score', cast: 'str' } }, /a cast from float to str/],
  ['a cast to another kind', { body: { field: 'stars', cast: 'float' } }, /a cast of body to float/],
  ['a constant of another kind', { body: { const: 3 } }, /the constant of body, 3/],
  ['a constant array', { body: 'text', pixels: { const: 'x' } }, /other kinds have none/],
  ['what may be missing', { body: 'text', spam: { field: 'maybe' } }, /may be missing/],
  ['a field that the view has not', { body: 'text', title: 'text' }, /a mapping for "title"/],
  ['nothing', {}, /nothing for the field body/],
  ['a name that every object has', { body: 'constructor' }, /"constructor"/],
])('%s is refused', (_, fields, message) => {
  const complete = {
    stars: { field: 'stars', cast: 'str' },
    spam: { field: 'spam', cast: 'int' },
    maybe: { const: 1 },
    language: { const: '' },
  }
  const error = refusalOf('lens.invalid', () => defineLens(Source, View, { fields: { ...complete, ...fields } as never }))
  expect(error).toMatchObject({ code: 'lens.invalid' })
  expect((error as Error).message).toMatch(message)
})

const Scalars = defineSample('tests.Scalars', { s: str(), i: int(), f: float(), b: bool(), o: int().optional() })
const kinds = { s: 'str', i: 'int', f: 'float', b: 'bool', o: 'int' } as const
const ints = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(2n ** 60n, -(2n ** 63n), 2n ** 64n - 1n))
const scalars = fc.record({
  s: fc.oneof(fc.string({ maxLength: 3 }), ints.map(String), fc.constantFrom('true', 'false', '007', '-0')),
  i: fc.oneof(ints, fc.constantFrom(0, 1)),
  f: fc.oneof(fc.double({ noNaN: false }), fc.integer({ min: -5, max: 5 }), fc.constantFrom(-0, 0.5, 2 ** 60)),
  b: fc.boolean(),
  o: fc.option(ints, { nil: undefined }),
})
/** Each field of the view from some field of the source, cast where it has to be; no defaults. */
const mappings = fc.record(
  Object.fromEntries(
    (['s', 'i', 'f', 'b'] as const).map((view) => [
      view,
      fc
        .constantFrom(...(['s', 'i', 'f', 'b'] as const))
        .map((field) => (kinds[field] === kinds[view] ? field : { field, cast: kinds[view] })),
    ]),
  ),
)

test('declared lenses keep the laws wherever they give a view, for all casts', () => {
  let kept = 0
  fc.assert(
    fc.property(mappings, scalars, scalars, scalars, (fields, one, second, third) => {
      let declared: Lens<typeof Scalars.fields, typeof Scalars.fields>
      try {
        declared = defineLens(Scalars, Scalars, { fields: { ...fields, o: 'o' } as never })
      } catch (error) {
        expect(error).toMatchObject({ code: 'lens.invalid' }) // no such cast
        return
      }
      try {
        expect(brokenLensLaws(declared, one, declared.get(second), declared.get(third))).toEqual([])
        kept += 1
      } catch (error) {
        expect(error).toMatchObject({ code: 'sample.invalid' }) // no such value
      }
    }),
    { numRuns: 3000 },
  )
  expect(kept).toBeGreaterThan(20)
})

test('a lens by functions does what they do, and its broken laws are found', () => {
  const Upper = defineSample('tests.Upper', { text: str() })
  const upper = defineLens(Source, Upper, {
    get: ({ text }) => ({ text: text.toUpperCase() }),
    put: ({ text }, before) => ({ ...before, text }),
  })
  expect(upper.get(source)).toEqual({ text: 'GOOD' })
  expect(brokenLensLaws(upper, source, { text: 'A' }, { text: 'B' })).toEqual(['GetPut'])
  expect(brokenLensLaws(upper, source, { text: 'a' }, { text: 'B' })).toEqual(['GetPut', 'PutGet'])
  const readOnly = defineLens(Source, Upper, { get: ({ text }) => ({ text }) })
  expect(refusalOf('lens.invalid', () => readOnly.put({ text: '' }, source))).toMatchObject({ code: 'lens.invalid' })
})

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

test('a lens is found by its types, the registered one before the one by name', () => {
  const Small = defineSample('tests.Small', { text: str() })
  expect(findLens(Source, Small)?.get(source)).toEqual({ text: 'good' })
  expect(findLens(Source, defineSample('tests.Maybe', { maybe: int() }))).toBeUndefined()
  expect(findLens(Source, View)).toBeUndefined()
  expect(viewsOf(Source)).toEqual([])
  registerLens(defineLens(Source, Small, { fields: { text: { const: 'registered' } } }))
  expect(findLens(Source, Small)?.get(source)).toEqual({ text: 'registered' })
  expect(findLens(defineSample('tests.Source', { ...Source.fields }), Small)?.get(source)).toEqual({ text: 'registered' })
  expect(viewsOf(Source)).toEqual(['tests.Small'])
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

test('TypeScript knows the fields of both sides', () => {
  // @ts-expect-error the source has no such field
  expect(() => defineLens(Source, View, { fields: { body: 'title' } })).toThrow()
  // @ts-expect-error the view has no such field
  expect(() => defineLens(Source, View, { fields: { title: 'text' } })).toThrow()
})
