import type { FieldRecord, FieldTypeRecord } from '@shardex/schema'
import { JSON_SCHEMA_FORMAT } from '../nsid.ts'
import type { JsonSchemaBody, JsonSchemaProperty } from '../records.ts'

/** Fields as atdata publishes them. What JSON Schema cannot say of them (their order, dtypes, shapes) is in the mark of the record. */
export function toJsonSchema(fields: readonly FieldRecord[]): JsonSchemaBody {
  const required = fields.filter(({ optional }) => !optional).map(({ name }) => name)
  const versions = Object.fromEntries(fields.flatMap(({ fieldType }) => formatsOf(fieldType)).map((format) => [format, '1.0.0']))
  return {
    $type: JSON_SCHEMA_FORMAT,
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: Object.fromEntries(fields.map(({ name, fieldType }) => [name, property(fieldType)])),
    ...(required.length > 0 && { required }),
    ...(Object.keys(versions).length > 0 && { arrayFormatVersions: versions }),
  }
}

const PRIMITIVES = {
  str: { type: 'string' },
  int: { type: 'integer' },
  float: { type: 'number' },
  bool: { type: 'boolean' },
  bytes: { type: 'string', format: 'byte', contentEncoding: 'base64' },
} as const

/** How atdata calls the formats of bytes: in references, and where it lists their versions. */
const FORMATS = {
  ndarray: ['ndarray', 'ndarrayBytes'],
  sparse: ['sparse', 'sparseBytes'],
  structured: ['structured', 'structuredBytes'],
  arrow_tensor: ['arrow-tensor', 'arrowTensor'],
  safetensors: ['safetensors', 'safetensors'],
  dataframe: ['dataframe', 'dataframe'],
} as const

function property(type: FieldTypeRecord): JsonSchemaProperty {
  if (type.$type === 'local#primitive') return PRIMITIVES[type.primitive]
  if (type.$type === 'local#array') return { type: 'array', items: property(type.items) }
  const [name] = FORMATS[formatOf(type)]
  return { $ref: `https://alt.science/schemas/atdata-${name}-bytes/1.0.0#/$defs/${name.replace('-', '_')}` }
}

function formatsOf(type: FieldTypeRecord): string[] {
  if (type.$type === 'local#primitive') return []
  if (type.$type === 'local#array') return formatsOf(type.items)
  return [FORMATS[formatOf(type)][1]]
}

type Binary = Exclude<FieldTypeRecord, { $type: 'local#primitive' | 'local#array' }>

function formatOf({ $type }: Binary): keyof typeof FORMATS {
  return $type.slice('local#'.length) as keyof typeof FORMATS
}
