import { describe, isShardexError, ShardexError } from '@shardex/errors'
import { BINARY_FORMATS, PRIMITIVES } from '../field-kind.ts'
import { checkSampleName } from '../sample-name.ts'
import type { FieldRecord, FieldTypeRecord, RecordMark, SchemaRecord } from './schema-record.ts'
import { sampleTypeFromRecord } from './to-record.ts'

const MAX_TEXT_LENGTH = 4 * 2 ** 20
const MAX_DEPTH = 32

/**
 * Read a schema record of the registry, written by us or by any version of atdata that wrote such records. Keys we do not know are
 * dropped.
 * @param source JSON text of at most 4 MiB, or the value it stands for
 * @throws {ShardexError} `schema.invalid` if it is not a record or describes no type that we could read or write
 */
export function parseSchemaRecord(source: string | object): SchemaRecord {
  const value = asObject(typeof source === 'string' ? parseJson(source) : source, 'the record')
  const name = asString(value['name'], 'name')
  checkSampleName(name)
  const mark = parseMark(value['shardex'], name)
  const record: SchemaRecord = {
    name,
    version: asString(value['version'], `version of ${name}`),
    fields: asList(value['fields'], `fields of ${name}`).map((field) => parseField(field, name)),
    description: value['description'] == null ? null : asString(value['description'], `description of ${name}`),
    ...(typeof value['createdAt'] === 'string' && { createdAt: value['createdAt'] }),
    ...(mark !== undefined && { shardex: mark }),
  }
  const names = new Set(record.fields.map((field) => field.name))
  if (names.size < record.fields.length) throw refuse(name, 'two fields of one name', 'every field once')
  checkDefinition(record)
  return record
}

/** Whatever else a definition must keep to, {@link sampleTypeFromRecord} knows. */
function checkDefinition(record: SchemaRecord): void {
  try {
    sampleTypeFromRecord(record)
  } catch (error) {
    if (isShardexError(error, 'schema.invalid')) throw error
    const found = error instanceof Error ? error.message : describe(error)
    throw new ShardexError(
      'schema.invalid',
      { schema: record.name, found, wanted: 'a dtype, shape and dimension names that can be' },
      { message: `the schema record ${record.name} describes no type: ${found}`, cause: error },
    )
  }
}

function parseMark(value: unknown, schema: string): RecordMark | undefined {
  if (value === undefined || value === null) return undefined
  const { format, module } = asObject(value, `shardex mark of ${schema}`)
  if (format !== 1)
    throw refuse(
      schema,
      `record format ${describe(format)}`,
      'format 1; a newer shardex may have written this, upgrade to read it',
    )
  return { format, ...(module !== undefined && { module: asString(module, `module of ${schema}`) }) }
}

function parseField(value: unknown, schema: string): FieldRecord {
  const field = asObject(value, `field of ${schema}`)
  const name = asString(field['name'], `field name of ${schema}`)
  const optional = field['optional'] ?? false
  if (typeof optional !== 'boolean') throw refuse(`${schema}.${name}`, `optional: ${describe(optional)}`, 'true or false')
  return { name, fieldType: parseFieldType(field['fieldType'], `${schema}.${name}`, 0), optional }
}

function parseFieldType(value: unknown, where: string, depth: number): FieldTypeRecord {
  if (depth > MAX_DEPTH) throw refuse(where, `lists more than ${MAX_DEPTH} deep`, 'fewer levels')
  const type = asObject(value, `type of ${where}`)
  const kind = kindName(type, where)
  if (kind === 'array') return { $type: 'local#array', items: parseFieldType(type['items'], where, depth + 1) }
  if (kind === 'ndarray') return parseNdarray(type, where)
  if (kind === 'primitive') {
    const primitive = PRIMITIVES.find((name) => name === type['primitive'])
    if (primitive === undefined)
      throw refuse(where, `primitive ${describe(type['primitive'])}`, `one of ${PRIMITIVES.join(', ')}`)
    return { $type: 'local#primitive', primitive }
  }
  const format = BINARY_FORMATS.find((name) => name === kind)
  if (format === undefined)
    throw refuse(where, `kind ${describe(kind)}`, `primitive, ndarray, array, ${BINARY_FORMATS.join(', ')}`)
  return { $type: `local#${format}` }
}

/** What follows `#` in `$type`, whatever stands before it; else `kind`; else, as atdata has it, a primitive. */
function kindName(type: Readonly<Record<string, unknown>>, where: string): string {
  const { $type, kind } = type
  if (typeof $type === 'string' && $type.includes('#')) return $type.slice($type.lastIndexOf('#') + 1)
  return kind === undefined ? 'primitive' : asString(kind, `kind of ${where}`)
}

function parseNdarray({ dtype, shape, dimensionNames }: Readonly<Record<string, unknown>>, where: string): FieldTypeRecord {
  return {
    $type: 'local#ndarray',
    ...(dtype != null && { dtype: asString(dtype, `dtype of ${where}`) }),
    ...(shape != null && { shape: asList(shape, `shape of ${where}`).map((size) => parseDimension(size, where)) }),
    ...(dimensionNames != null && {
      dimensionNames: asList(dimensionNames, `dimension names of ${where}`).map((name) =>
        asString(name, `dimension name of ${where}`),
      ),
    }),
  }
}

function parseDimension(size: unknown, where: string): number | null {
  // JSON has numbers beyond every double, which would come out as Infinity and go back as null.
  if (size !== null && !Number.isSafeInteger(size)) throw refuse(where, `dimension ${describe(size)}`, 'an integer or null')
  return size as number | null
}

function parseJson(text: string): unknown {
  if (text.length > MAX_TEXT_LENGTH) throw refuse('', `${text.length} characters`, `at most ${MAX_TEXT_LENGTH}`)
  try {
    return JSON.parse(text)
  } catch (cause) {
    const details = { schema: '', found: 'text that is not JSON', wanted: 'the JSON of a schema record' }
    throw new ShardexError('schema.invalid', details, { message: `not a schema record: ${details.found}`, cause })
  }
}

function asObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse(what, describe(value), 'an object')
  return value as Readonly<Record<string, unknown>>
}

function asList(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw refuse(what, describe(value), 'a list')
  return value
}

function asString(value: unknown, what: string): string {
  if (typeof value !== 'string') throw refuse(what, describe(value), 'a text')
  return value
}

function refuse(schema: string, found: string, wanted: string): ShardexError<'schema.invalid'> {
  const where = schema === '' ? '' : ` (${schema})`
  return new ShardexError(
    'schema.invalid',
    { schema, found, wanted },
    { message: `not a schema record we can use${where}: found ${found}, wanted ${wanted}` },
  )
}
