import type { PublishedSchema } from '@shardex/index'
import { NSID } from '../nsid.ts'
import type { DatasetSchemaRecord } from '../records.ts'
import { toJsonSchema } from './json-schema.ts'

/** @param time its own, if the registry does not know it */
export function schemaRecord(
  { name, version, fields, description, createdAt, shardex }: PublishedSchema,
  time: string,
): DatasetSchemaRecord {
  return {
    $type: NSID.schema,
    name,
    version,
    schemaType: 'jsonSchema',
    schema: toJsonSchema(fields),
    createdAt: createdAt ?? time,
    atdataSchemaVersion: 1,
    ...(description !== null && description !== '' && { description }),
    ...(shardex !== undefined && {
      shardex: { format: 1, ...(shardex.module !== undefined && { module: shardex.module }), fields },
    }),
  }
}
