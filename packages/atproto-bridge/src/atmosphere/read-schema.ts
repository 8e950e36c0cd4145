import { describe, isShardexError } from '@shardex/errors'
import { type FieldRecord, type FieldTypeRecord, parseSchemaRecord, type SchemaRecord } from '@shardex/schema'
import { NSID, OLD_NSID } from '../nsid.ts'
import type { DatasetSchemaRecord, OldSchemaRecord } from '../records.ts'
import type { FetchedRecord } from './decode-record.ts'
import { invalidRecord } from './invalid-record.ts'

/** A schema that somebody has published, as the registry has its own. */
export interface AtmosphereSchema extends SchemaRecord {
  /** Its `at://` URI. */
  readonly $ref: string
  /** Of the content of the record. */
  readonly recordCid: string
}

/**
 * The schema out of its record, of any generation: fields in our own mark, which are exact; lists of fields as atdata wrote first; JSON Schema.
 * @throws {ShardexError} `record.invalid`
 */
export function readSchema({ uri, cid, record }: FetchedRecord): AtmosphereSchema {
  if (!isSchemaRecord(record)) throw invalidRecord(uri, `the type ${record.$type}`, `${NSID.schema} or ${OLD_NSID.sampleSchema}`)
  const version = 'atdataSchemaVersion' in record ? record.atdataSchemaVersion : undefined
  if (version !== undefined && version > 1)
    throw invalidRecord(uri, `the schema format ${version}`, 'format 1; a newer atdata may have written it')
  const mark = 'shardex' in record ? record.shardex : undefined
  try {
    const parsed = parseSchemaRecord({
      name: record.name,
      version: record.version,
      description: record.description ?? null,
      createdAt: record.createdAt,
      fields: mark?.fields ?? fieldsOf(uri, record),
      ...(mark !== undefined && { shardex: { format: mark.format, module: mark.module } }),
    })
    return { ...parsed, $ref: uri, recordCid: cid }
  } catch (error) {
    if (!isShardexError(error, 'schema.invalid')) throw error
    throw invalidRecord(uri, error.details.found, error.details.wanted, error)
  }
}

function isSchemaRecord(record: FetchedRecord['record']): record is DatasetSchemaRecord | OldSchemaRecord {
  return record.$type === NSID.schema || record.$type === OLD_NSID.schema || record.$type === OLD_NSID.sampleSchema
}

function fieldsOf(uri: string, record: DatasetSchemaRecord | OldSchemaRecord): readonly unknown[] {
  if ('fields' in record && record.fields !== undefined) return record.fields
  const { schemaBody, ...flat } = Object(record.schema) as { schemaBody?: unknown } & Record<string, unknown>
  const body = Object(schemaBody ?? flat) as Record<string, unknown>
  const properties = body['properties']
  if (typeof properties !== 'object' || properties === null)
    throw invalidRecord(uri, 'no fields', 'a JSON Schema with properties')
  const required = Array.isArray(body['required']) ? body['required'] : []
  return Object.entries(properties).map(
    ([name, property]): FieldRecord => ({ name, fieldType: fieldType(uri, name, property), optional: !required.includes(name) }),
  )
}

/** In this order, as atdata looks for them in a reference. */
const REFERENCES = [
  ['ndarray', 'ndarray'],
  ['sparse', 'sparse'],
  ['structured', 'structured'],
  ['safetensors', 'safetensors'],
  ['arrow', 'arrow_tensor'],
  ['tensor', 'arrow_tensor'],
  ['dataframe', 'dataframe'],
] as const

const PRIMITIVES: Readonly<Record<string, 'str' | 'int' | 'float' | 'bool'>> = {
  string: 'str',
  integer: 'int',
  number: 'float',
  boolean: 'bool',
}

function fieldType(uri: string, name: string, property: unknown): FieldTypeRecord {
  const { $ref, type, format, contentEncoding, items } = Object(property) as Record<string, unknown>
  if (typeof $ref === 'string') {
    const kind = REFERENCES.find(([part]) => $ref.toLowerCase().includes(part))?.[1]
    if (kind !== undefined) return { $type: `local#${kind}` }
    throw invalidRecord(
      uri,
      `the field ${describe(name)} of type ${describe($ref, 200)}`,
      `a reference to one of ${REFERENCES.map(([part]) => part).join(', ')}`,
    )
  }
  if (type === 'array')
    return {
      $type: 'local#array',
      items: items === undefined ? { $type: 'local#primitive', primitive: 'str' } : fieldType(uri, name, items),
    }
  if (type === 'string' && (format === 'byte' || contentEncoding === 'base64'))
    return { $type: 'local#primitive', primitive: 'bytes' }
  const primitive = typeof type === 'string' && Object.hasOwn(PRIMITIVES, type) ? PRIMITIVES[type] : undefined
  if (primitive !== undefined) return { $type: 'local#primitive', primitive }
  throw invalidRecord(
    uri,
    `the field ${describe(name)} of type ${describe(type)}`,
    'string, integer, number, boolean, array or a reference',
  )
}
