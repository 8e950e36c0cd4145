import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { SampleType } from '../sample-type.ts'
import { pythonJson } from './python-json.ts'
import type { FieldRecord, SchemaRecord } from './schema-record.ts'
import { fieldRecords, sampleTypeFromRecord } from './to-record.ts'

/** The text of a record as it is stored in the registry, equal byte for byte to atdata's for the same content. */
export function stringifyRecord(record: SchemaRecord): string {
  // Interfaces have no index signature; the record is plain JSON.
  return pythonJson({
    ...record,
    fields: record.fields as readonly FieldRecord[] as never,
    shardex: record.shardex && { ...record.shardex },
  })
}

/**
 * What makes two definitions the same: SHA-256, 64 lower-case hex digits, over the bare name and the fields in order with their kinds, dtypes,
 * shapes, dimension names and whether they are optional. Module, description, version and time do not count.
 */
export function schemaDigest(definition: SampleType | SchemaRecord): string {
  const type = 'pack' in definition ? definition : sampleTypeFromRecord(definition)
  const canonical = pythonJson({ name: type.typeName, fields: fieldRecords(type.fields) as never })
  return bytesToHex(sha256(utf8ToBytes(canonical)))
}
