import type { Field, Fields, InferFields } from '../field.ts'
import type { SampleType } from '../sample-type.ts'
import type { CastKind, CastValue } from './cast.ts'
import { compileMapping, type FieldMapping, invalidLens, isSameKind, type LensMapping, mappingByName } from './mapping.ts'

/**
 * A way to see samples of one type as samples of another one, and to bring changes back. A lens behaves well if `put(get(s), s)` is `s`
 * and `get(put(v, s))` is `v`; {@link brokenLensLaws} tells.
 */
export interface Lens<S extends Fields = Fields, V extends Fields = Fields> {
  readonly source: SampleType<S>
  readonly view: SampleType<V>
  /** @throws `sample.invalid` for a value that has no counterpart in the view */
  get(source: InferFields<S>): InferFields<V>
  /**
   * The source with the changes of the view.
   * @throws `sample.invalid` if the view is none that `get` could give; `lens.invalid` if the lens has no `put`
   */
  put(view: InferFields<V>, source: InferFields<S>): InferFields<S>
  /** What it does, as data. Only a lens that has one can be stored: code never is. */
  readonly mapping: LensMapping | undefined
}

/** Where a field of the view comes from: a field of the source by name, the same with a cast or a default, or a constant. */
export type LensField<Name extends string = string> =
  | Name
  | { readonly field: Name; readonly cast?: CastKind | undefined; readonly default?: CastValue | undefined }
  | { readonly const: CastValue }

/** A lens by what it says of the fields of the view. Those that are left out come from the fields of the same name. */
export interface DeclaredLens<S extends Fields, V extends Fields> {
  readonly fields: { readonly [K in keyof V]?: LensField<keyof S & string> | undefined }
}

/** A lens by functions. */
export interface CodedLens<S extends Fields, V extends Fields> {
  get(source: InferFields<S>): InferFields<V>
  put?(view: InferFields<V>, source: InferFields<S>): InferFields<S>
}

/**
 * Define a lens from one sample type to another.
 *
 * ```ts
 * const lens = defineLens(Review, Line, { fields: { body: 'text', stars: { field: 'stars', cast: 'float' }, language: { const: 'en' } } })
 * for await (const line of reviews.as(lens)) console.log(line.body)
 * ```
 * Casts are between text, integers, floats and booleans, and lose nothing: a value that would is refused.
 * @throws `lens.invalid` if a field of the view comes from nowhere, or from a field of another kind
 */
export function defineLens<S extends Fields, V extends Fields>(
  source: SampleType<S>,
  view: SampleType<V>,
  by: DeclaredLens<S, V> | CodedLens<S, V> = { fields: {} },
): Lens<S, V> {
  if ('get' in by) {
    const put = by.put?.bind(by)
    const refuse = (): never => {
      throw invalidLens(source, view, 'no put', 'one, to bring changes back')
    }
    return { source, view, get: (sample) => by.get(sample), put: put ?? refuse, mapping: undefined }
  }
  const declared = new Map(Object.entries(by.fields as Readonly<Record<string, LensField | undefined>>))
  const others = mappingByName(view.fields, source.fields).filter((field) => declared.get(field.view) === undefined)
  const mapping = [...declared].flatMap(([name, field]) => (field === undefined ? [] : toMapping(name, field)))
  return lensOfMapping(source, view, [...mapping, ...others])
}

/** @throws `lens.invalid` if the mapping does not fit the types */
export function lensOfMapping<S extends Fields, V extends Fields>(
  source: SampleType<S>,
  view: SampleType<V>,
  mapping: LensMapping,
): Lens<S, V> {
  // In the order of the view, so that the same lens is always the same data.
  const order = Object.keys(view.fields)
  const sorted = mapping.toSorted((a, b) => order.indexOf(a.view) - order.indexOf(b.view))
  const directions = compileMapping(source, view, sorted) as Pick<Lens<S, V>, 'get' | 'put'>
  return { source, view, ...directions, mapping: sorted }
}

/** Whether the fields of a view are all in the source, of the same kinds: then nothing needs to be said. */
export function isPartOf(view: Fields, source: Fields): boolean {
  const isIn = ([name, { kind, isOptional }]: [string, Field]) => {
    const origin = Object.hasOwn(source, name) ? source[name] : undefined
    return origin !== undefined && isSameKind(origin.kind, kind) && (isOptional || !origin.isOptional)
  }
  return Object.entries(view).every(isIn)
}

function toMapping(view: string, field: LensField): FieldMapping {
  if (typeof field === 'string') return { view, source: field }
  if ('const' in field) return { view, const: field.const }
  const { field: source, cast, default: fallback } = field
  return { view, source, ...(cast !== undefined && { cast }), ...(fallback !== undefined && { default: fallback }) }
}
