import fc from 'fast-check'
import { expect, expectTypeOf, test } from 'vitest'
import {
  brokenLensLaws,
  defineLens,
  defineSample,
  findLens,
  type Infer,
  int,
  type Lens,
  registerLens,
  str,
  viewsOf,
} from '../src/index.ts'
import { ints, lens, pixels, Scalars, Source, source, View } from './lenses.ts'
import { refusalOf } from './refusals.ts'

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

const kinds = { s: 'str', i: 'int', f: 'float', b: 'bool', o: 'int' } as const
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

test('TypeScript knows the fields of both sides', () => {
  // @ts-expect-error the source has no such field
  expect(() => defineLens(Source, View, { fields: { body: 'title' } })).toThrow()
  // @ts-expect-error the view has no such field
  expect(() => defineLens(Source, View, { fields: { title: 'text' } })).toThrow()
})
