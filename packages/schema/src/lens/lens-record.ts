import { describe, ShardexError } from '@shardex/errors'
import { pythonJson } from '../record/python-json.ts'
import { pythonTime } from '../record/to-record.ts'
import type { CastKind, CastValue } from './cast.ts'
import type { Lens } from './define-lens.ts'
import { type FieldMapping, invalidLens, type LensMapping } from './mapping.ts'

/** The record of a lens in the registry, as atdata keeps it and as we do. */
export interface LensRecord {
  readonly name: string
  readonly version: string
  /** Of the sample types, without module. */
  readonly sourceSchema: string
  readonly viewSchema: string
  /** References to the schemas; only in records that we wrote. */
  readonly sourceRef?: string | undefined
  readonly viewRef?: string | undefined
  /** `undefined` for a lens that is code, which stays with whoever wrote it. */
  readonly mapping: LensMapping | undefined
  /** Its putter is something else than the getter, such as code: it can be seen through, and brings no changes back. */
  readonly isGetOnly?: true | undefined
  /** What it is instead of a mapping: a reference to Python code, or `opaque`. */
  readonly code?: string | undefined
  readonly description?: string | undefined
  /** ISO 8601, as the writer wrote it. */
  readonly createdAt?: string | undefined
}

export interface LensRecordOptions {
  readonly name: string
  readonly version: string
  readonly description?: string | undefined
  readonly createdAt: Date
  readonly sourceRef: string
  readonly viewRef: string
}

const MAX_TEXT_LENGTH = 4 * 2 ** 20
const MAX_FIELDS = 10_000
/** What atdata can do. A mapping with casts, defaults or constants has a kind of our own: atdata would leave them out without a word. */
const PLAIN = 'field_mapping'
const DECLARED = 'shardex_mapping'
const CASTS: readonly string[] = ['str', 'int', 'float', 'bool'] satisfies CastKind[]

/**
 * The text of a record, with the keys of atdata in their order.
 * @throws `lens.invalid` for a lens that is code
 */
export function stringifyLens({ source, view, mapping }: Lens, options: LensRecordOptions): string {
  const { name, version, description, createdAt, sourceRef, viewRef } = options
  if (mapping === undefined) {
    const next = 'a lens that says what it does by { fields }: code is never stored'
    throw invalidLens(source, view, 'functions', next)
  }
  const isPlain = mapping.every((field) => 'source' in field && field.cast === undefined && field.default === undefined)
  const direction = { kind: isPlain ? PLAIN : DECLARED, mappings: mapping.map(toStored) }
  return pythonJson({
    name,
    version,
    source_schema: source.typeName,
    view_schema: view.typeName,
    getter: direction,
    putter: direction,
    created_at: pythonTime(createdAt),
    description,
    shardex: { format: 1, source: sourceRef, view: viewRef },
  })
}

/**
 * Read a record that we wrote, or atdata. Nothing in it is ever run: what refers to code comes without a mapping.
 * @throws `lens.invalid`
 */
export function parseLensRecord(text: string): LensRecord {
  const record = asObject(parseJson(text), 'the record')
  const name = asText(record['name'], 'name')
  const getter = asObject(record['getter'], `getter of ${name}`)
  const mapping = parseMapping(getter, name)
  const mark = record['shardex'] == null ? undefined : asObject(record['shardex'], `shardex mark of ${name}`)
  if (mark !== undefined && mark['format'] !== 1)
    throw refuse(
      name,
      `record format ${describe(mark['format'])}`,
      'format 1; a newer shardex may have written this, upgrade to read it',
    )
  return {
    name,
    version: asText(record['version'], `version of ${name}`),
    sourceSchema: asText(record['source_schema'], `source_schema of ${name}`),
    viewSchema: asText(record['view_schema'], `view_schema of ${name}`),
    mapping,
    ...(mark && { sourceRef: asText(mark['source'], `source of ${name}`), viewRef: asText(mark['view'], `view of ${name}`) }),
    ...(mapping === undefined
      ? { code: codeOf(getter) }
      : !isPutter(record['putter'], mapping, getter['kind'], name) && { isGetOnly: true }),
    ...(record['description'] != null && { description: asText(record['description'], `description of ${name}`) }),
    ...(typeof record['created_at'] === 'string' && { createdAt: record['created_at'] }),
  }
}

/** What atdata calls a mapping, with what it has no words for. Integers that JSON numbers do not hold are told as text. */
function toStored(field: FieldMapping) {
  if ('const' in field) return { source_field: null, view_field: field.view, transform: { const: storedValue(field.const) } }
  const { source, view, cast, default: fallback } = field
  const transform = { cast, default: fallback === undefined ? undefined : storedValue(fallback) }
  const isPlain = cast === undefined && fallback === undefined
  return { source_field: source, view_field: view, transform: isPlain ? null : transform }
}

function storedValue(value: CastValue) {
  if (typeof value === 'bigint') return { int: String(value) }
  if (Object.is(value, -0)) return { float: '-0' }
  return typeof value === 'number' && !Number.isFinite(value) ? { float: String(value) } : value
}

function parseMapping(getter: Readonly<Record<string, unknown>>, lens: string): LensMapping | undefined {
  const { kind, mappings } = getter
  if (kind !== PLAIN && kind !== DECLARED) return undefined
  if (!Array.isArray(mappings) || mappings.length > MAX_FIELDS)
    throw refuse(lens, `mappings ${describe(mappings)}`, `a list of at most ${MAX_FIELDS}`)
  return mappings.map((field) => parseField(asObject(field, `mapping of ${lens}`), lens))
}

function isPutter(value: unknown, mapping: LensMapping, kind: unknown, lens: string): boolean {
  const putter = asObject(value ?? {}, `putter of ${lens}`)
  const textOf = (fields: LensMapping | undefined) => JSON.stringify(fields?.map(toStored))
  return putter['kind'] === kind && textOf(parseMapping(putter, lens)) === textOf(mapping)
}

function parseField(field: Readonly<Record<string, unknown>>, lens: string): FieldMapping {
  const view = asText(field['view_field'], `view_field of ${lens}`)
  const transform = field['transform'] == null ? {} : asObject(field['transform'], `transform of ${lens}.${view}`)
  const { cast, const: constant, default: fallback, ...others } = transform
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    throw refuse(lens, `the transform ${describe(unknown)} of ${view}`, 'cast, const or default; upgrade to read it')
  if (constant !== undefined) return { view, const: parseValue(constant, `${lens}.${view}`) }
  if (cast !== undefined && !(typeof cast === 'string' && CASTS.includes(cast)))
    throw refuse(lens, `a cast of ${view} to ${describe(cast)}`, `one to ${CASTS.join(', ')}`)
  return {
    view,
    source: asText(field['source_field'], `source_field of ${lens}.${view}`),
    ...(cast !== undefined && { cast: cast as CastKind }),
    ...(fallback !== undefined && { default: parseValue(fallback, `${lens}.${view}`) }),
  }
}

function parseValue(value: unknown, where: string): CastValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  const { int, float } = asObject(value, `value of ${where}`)
  if (typeof int === 'string' && /^-?\d{1,20}$/.test(int)) return BigInt(int)
  if (float === 'NaN' || float === 'Infinity' || float === '-Infinity' || float === '-0') return Number(float)
  throw refuse(where, `the value ${describe(value)}`, 'a text, a number, true or false')
}

function codeOf({ kind, module, qualname }: Readonly<Record<string, unknown>>): string {
  if (kind !== 'code_reference') return typeof kind === 'string' ? kind.slice(0, 200) : 'opaque'
  return [module, qualname]
    .filter((part) => typeof part === 'string')
    .join('.')
    .slice(0, 200)
}

function parseJson(text: string): unknown {
  if (text.length > MAX_TEXT_LENGTH) throw refuse('', `${text.length} characters`, `at most ${MAX_TEXT_LENGTH}`)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw refuse('', 'text that is not JSON', 'the JSON of a lens record', cause)
  }
}

function asObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse(what, describe(value), 'an object')
  return value as Readonly<Record<string, unknown>>
}

function asText(value: unknown, what: string): string {
  if (typeof value !== 'string') throw refuse(what, describe(value), 'a text')
  return value
}

function refuse(lens: string, found: string, wanted: string, cause?: unknown): ShardexError<'lens.invalid'> {
  const where = lens === '' ? '' : ` (${lens})`
  const message = `not a lens record we can use${where}: found ${found}, wanted ${wanted}`
  return new ShardexError('lens.invalid', { lens, found, wanted }, { message, cause })
}
