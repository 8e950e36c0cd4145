import { parseSchemaRecord, schemaDigest } from '@shardex/schema'

/** The digest of the definition in a stored record; empty for a text that is no record, which equals no other definition. */
export function digestOfStored(text: string): string {
  try {
    return schemaDigest(parseSchemaRecord(text))
  } catch {
    return ''
  }
}
