import { isShardexError, ShardexError } from '@shardex/errors'
import { parseSchemaRecord, parseSchemaRef, type SampleType, type SchemaRecord, sampleTypeFromRecord } from '@shardex/schema'
import type { Page, PageOptions } from './paging.ts'
import type { CallOptions, IndexProvider } from './provider.ts'
import { corrupt } from './refusals.ts'

/** A schema record and the reference it is found by. */
export interface PublishedSchema extends SchemaRecord {
  readonly $ref: string
}

/** Where the text of a record is found. */
export type SchemaSource = Pick<IndexProvider, 'findSchema'>

/** @throws {ShardexError} `ref.invalid`; `index.corrupt` if what is stored is no schema record */
export async function getSchema(index: SchemaSource, ref: string, options?: CallOptions): Promise<PublishedSchema | undefined> {
  const { typeName, version, name } = parseSchemaRef(ref)
  const text = await index.findSchema(typeName, version, name, options)
  if (text === undefined) return undefined
  try {
    return { ...parseSchemaRecord(text), $ref: ref }
  } catch (error) {
    throw corrupt(`schema ${typeName}@${version}`, error instanceof Error ? error.message : 'an error', 'a schema record', error)
  }
}

/** @throws {ShardexError} `schema.not_found`, and those of {@link getSchema} */
export async function decodeSchema(index: SchemaSource, ref: string, options?: CallOptions): Promise<SampleType> {
  const record = await getSchema(index, ref, options)
  if (!record) {
    throw new ShardexError(
      'schema.not_found',
      { ref },
      { message: `the index has no schema ${ref}; \`shardex schema ls\` shows those it has` },
    )
  }
  const { name } = parseSchemaRef(ref)
  return sampleTypeFromRecord(record, name.includes('.') ? name : undefined)
}

/** What cannot be read as a record is left out; `getSchema` says why. */
export async function listSchemas(index: IndexProvider, options?: PageOptions): Promise<Page<PublishedSchema>> {
  const page = await index.listSchemas(options)
  return { ...page, items: page.items.flatMap(({ version, text }) => readRecord(text, version)) }
}

function readRecord(text: string, version: string): PublishedSchema[] {
  try {
    const record = parseSchemaRecord(text)
    const module = record.shardex?.module
    return [{ ...record, $ref: `local://schemas/${module === undefined ? '' : `${module}.`}${record.name}@${version}` }]
  } catch (error) {
    if (isShardexError(error)) return []
    throw error
  }
}
