import { describe, ShardexError } from '@shardex/errors'
import type { Fields } from '../field.ts'
import { type BinaryKind, describeKind, type FieldKind } from '../field-kind.ts'
import { misfit } from '../misfit.ts'
import { sampleError } from '../sample-error.ts'
import type { SampleType } from '../sample-type.ts'
import { type CastKind, type CastValue, castOf } from './cast.ts'
import { sameValue } from './same-value.ts'

/** Where a field of a view comes from. Data, so it can be stored. */
export type FieldMapping =
  | {
      readonly view: string
      readonly source: string
      /** The kind of the view, where that of the source is another one. */
      readonly cast?: CastKind | undefined
      /** For what is missing in the source. */
      readonly default?: CastValue | undefined
    }
  | { readonly view: string; readonly const: CastValue }

/** One mapping for each field of the view that is not always missing. */
export type LensMapping = readonly FieldMapping[]

type Sample = Readonly<Record<string, unknown>>

/** Both directions of a mapping, compiled. */
export interface CompiledMapping {
  get(source: Sample): Record<string, unknown>
  /** @throws `sample.invalid` if {@link get} would not give the view back */
  put(view: Sample, source: Sample): Record<string, unknown>
}

interface Step {
  readonly view: string
  /** `undefined` for a constant. */
  readonly source: string | undefined
  forward(value: unknown): unknown
  backward(value: unknown): unknown
}

/** @throws `lens.invalid` if the mapping does not fit the types */
export function compileMapping(source: SampleType, view: SampleType, mapping: LensMapping): CompiledMapping {
  const wrong = (found: string, wanted: string) => invalidLens(source, view, found, wanted)
  const mapped = new Set(mapping.map((field) => field.view))
  for (const [name, { isOptional }] of Object.entries(view.fields))
    if (!mapped.has(name) && !isOptional) throw wrong(`nothing for the field ${name}`, 'a mapping for it')
  if (mapped.size < mapping.length) throw wrong('two mappings for one field', 'one')
  const steps = mapping.map((field) => compileField(source.fields, view.fields, field, wrong))
  const get = (sample: Sample): Record<string, unknown> => {
    const made: Record<string, unknown> = {}
    for (const step of steps) made[step.view] = guarded(view.typeName, step.view, () => step.forward(valueIn(sample, step)))
    return made
  }
  const isSeen = (step: Step, sample: Sample, before: Sample): boolean =>
    guarded(view.typeName, step.view, () => sameValue(step.forward(valueIn(before, step)), sample[step.view]))
  const put = (sample: Sample, before: Sample): Record<string, unknown> => {
    const made: Record<string, unknown> = { ...before }
    for (const step of steps) {
      if (step.source === undefined || isSeen(step, sample, before)) continue
      made[step.source] = guarded(view.typeName, step.view, () => step.backward(sample[step.view]))
    }
    for (const step of steps) {
      if (isSeen(step, sample, made)) continue
      throw sampleError(view.typeName, step.view, misfit(sample[step.view], 'a value that the source can hold beside the others'))
    }
    return made
  }
  return { get, put }
}

/** The mapping of fields that have the same names. */
export function mappingByName(view: Fields, source: Fields): LensMapping {
  return Object.keys(view).flatMap((name) => (Object.hasOwn(source, name) ? [{ view: name, source: name }] : []))
}

/** Whether a field can be taken as it is. */
export function isSameKind(source: FieldKind, view: FieldKind): boolean {
  if (source.kind === 'ndarray' && view.kind === 'ndarray') return true // which arrays fit is seen when they are packed
  if (source.kind === 'array' && view.kind === 'array') return isSameKind(source.items, view.items)
  return source.kind === view.kind
}

/** @returns `lens.invalid` */
export function invalidLens(source: SampleType, view: SampleType, found: string, wanted: string): ShardexError<'lens.invalid'> {
  const lens = `${source.name} → ${view.name}`
  return new ShardexError(
    'lens.invalid',
    { lens, found, wanted },
    { message: `the lens ${lens}: found ${found}, wanted ${wanted}` },
  )
}

function compileField(
  source: Fields,
  view: Fields,
  mapping: FieldMapping,
  wrong: (found: string, wanted: string) => ShardexError,
): Step {
  const { view: name } = mapping
  const target = Object.hasOwn(view, name) ? view[name] : undefined
  if (target === undefined) throw wrong(`a mapping for ${describe(name)}`, `one for ${Object.keys(view).join(', ')}`)
  if ('const' in mapping) {
    assertValue(mapping.const, target.kind, `the constant of ${name}`, wrong)
    return { view: name, source: undefined, forward: () => mapping.const, backward: () => undefined }
  }
  const origin = Object.hasOwn(source, mapping.source) ? source[mapping.source] : undefined
  if (origin === undefined)
    throw wrong(`the field ${describe(mapping.source)}`, `one of the source: ${Object.keys(source).join(', ')}`)
  const { cast, default: fallback } = mapping
  if (cast !== undefined && cast !== target.kind.kind)
    throw wrong(`a cast of ${name} to ${cast}`, `to ${describeKind(target.kind)}`)
  const isSame = isSameKind(origin.kind, target.kind)
  if (!isSame && cast === undefined)
    throw wrong(
      `${mapping.source} of kind ${describeKind(origin.kind)} for ${name}`,
      `${describeKind(target.kind)}, or a cast to it`,
    )
  const [forward, backward] = isSame ? [keep, keep] : castsBetween(origin.kind, target.kind)
  if (forward === undefined || backward === undefined)
    throw wrong(
      `a cast from ${describeKind(origin.kind)} to ${describeKind(target.kind)}`,
      'one between text, integers, floats and booleans',
    )
  if (fallback !== undefined) assertValue(fallback, target.kind, `the default of ${name}`, wrong)
  if (origin.isOptional && !target.isOptional && fallback === undefined)
    throw wrong(`${mapping.source}, which may be missing, for ${name}`, 'a default for it')
  return {
    view: name,
    source: mapping.source,
    forward: (value) => (isMissing(value) ? fallback : forward(value)),
    backward: (value) => (isMissing(value) ? undefined : backward(value)),
  }
}

function castsBetween(from: FieldKind, to: FieldKind) {
  type Scalar = Exclude<FieldKind, BinaryKind>['kind'] & CastKind
  return [castOf(from.kind as Scalar, to.kind as Scalar), castOf(to.kind as Scalar, from.kind as Scalar)] as const
}

function assertValue(
  value: unknown,
  { kind }: FieldKind,
  what: string,
  wrong: (found: string, wanted: string) => ShardexError,
): void {
  const isOfKind =
    kind === 'str'
      ? typeof value === 'string'
      : kind === 'bool'
        ? typeof value === 'boolean'
        : kind === 'float'
          ? typeof value === 'number'
          : kind === 'int' && (typeof value === 'bigint' || Number.isSafeInteger(value))
  if (!isOfKind) throw wrong(`${what}, ${describe(value)}`, `a value of kind ${kind}; other kinds have none`)
}

function valueIn(sample: Sample, { source }: Step): unknown {
  return source === undefined ? undefined : sample[source]
}

function keep(value: unknown): unknown {
  return value
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null
}

function guarded<T>(typeName: string, field: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw sampleError(typeName, field, error)
  }
}
