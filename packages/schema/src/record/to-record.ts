import { type Fields, field } from '../field.ts'
import { typeNameOf } from '../sample-name.ts'
import { defineSample, type SampleType } from '../sample-type.ts'
import { fieldTypeOf, kindOf } from './field-type.ts'
import type { FieldRecord, SchemaRecord } from './schema-record.ts'

export interface RecordOptions {
  readonly version: string
  /** A text is taken as it is. */
  readonly createdAt: Date | string
  /** Default: the description of the type. */
  readonly description?: string | undefined
}

/** The record of a sample type: atdata's keys in atdata's order, then our mark. */
export function toSchemaRecord(type: SampleType, { version, createdAt, description }: RecordOptions): SchemaRecord {
  const module = type.name.slice(0, -type.typeName.length - 1)
  return {
    name: type.typeName,
    version,
    fields: fieldRecords(type.fields),
    description: description ?? type.description ?? null,
    createdAt: typeof createdAt === 'string' ? createdAt : pythonTime(createdAt),
    shardex: { format: 1, ...(module !== '' && { module }) },
  }
}

/**
 * The sample type a record describes. Of a record that we did not write, arrays may have any dtype and shape.
 * @param name what to call the type; default, the record's name with its module if it knows one
 */
export function sampleTypeFromRecord(record: SchemaRecord, name?: string): SampleType {
  const { module } = record.shardex ?? {}
  const fields = record.fields.map(({ name, fieldType, optional }) => {
    const required = field(kindOf(fieldType, record.shardex !== undefined))
    return [name, optional ? required.optional() : required] as const
  })
  return defineSample(
    name ?? (module === undefined ? record.name : `${module}.${typeNameOf(record.name)}`),
    Object.fromEntries(fields),
    {
      description: record.description ?? undefined,
    },
  )
}

export function fieldRecords(fields: Fields): FieldRecord[] {
  return Object.entries(fields).map(([name, { kind, isOptional }]) => ({
    name,
    fieldType: fieldTypeOf(kind),
    optional: isOptional,
  }))
}

/** As Python's `datetime.isoformat` writes UTC, microseconds included. */
export function pythonTime(time: Date): string {
  return `${time.toISOString().slice(0, -1)}000+00:00`
}
