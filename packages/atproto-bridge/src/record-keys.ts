import { createHash } from 'node:crypto'
import { encode } from '@ipld/dag-cbor'
import type { DatasetEntryRecord, DatasetLabelRecord, DatasetSchemaRecord } from './records.ts'

/**
 * Record keys follow from what the record is about, so the same thing has the same URI whoever publishes it when and how often, and whether a record is one that
 * we write can be told from the record alone. docs/decisions/0012-records.md says which part of a record makes its key.
 */

/** Of the definition: module, name, version and fields. A description may change. */
export function schemaKey({ name, version, schema, shardex }: DatasetSchemaRecord): string {
  const definition = JSON.parse(JSON.stringify([shardex?.module, name, version, schema, shardex?.fields])) as unknown
  const digest = createHash('sha256').update(encode(definition)).digest('hex')
  return `${keyPart(name)}:${keyPart(version)}:${digest.slice(0, 24)}`
}

/** Of the name and the data: the schema and the digest of each shard, wherever they lie. */
export function entryKey({ name, schemaRef, storage }: Pick<DatasetEntryRecord, 'name' | 'schemaRef' | 'storage'>): string {
  const items = 'blobs' in storage ? storage.blobs : storage.shards
  return tidOf([
    'entry',
    name,
    schemaRef.slice(schemaRef.lastIndexOf('/') + 1),
    items.map(({ checksum }) => checksum?.digest ?? ''),
  ])
}

/** Of the name and the version: it stays when the label moves. */
export function labelKey({ name, version }: Pick<DatasetLabelRecord, 'name' | 'version'>): string {
  return tidOf(['label', name, version ?? ''])
}

/** The lexicons want keys in the form of a TID: 13 characters of a sortable base32, the first bit 0. */
function tidOf(about: unknown): string {
  const bits = createHash('sha256').update(encode(about)).digest().readBigUInt64BE() & 0x7fff_ffff_ffff_ffffn
  return Array.from({ length: 13 }, (_, i) => TID_DIGITS[Number((bits >> BigInt(5 * (12 - i))) & 31n)]).join('')
}

const TID_DIGITS = '234567abcdefghijklmnopqrstuvwxyz'

/** What a record key may hold, short enough that three parts stay far below 512. */
function keyPart(text: string): string {
  return text.replace(/[^A-Za-z0-9_.~-]/g, '-').slice(0, 100)
}
