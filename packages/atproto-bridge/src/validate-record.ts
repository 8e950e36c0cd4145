import { describe, ShardexError } from '@shardex/errors'
import { lexicons } from './lexicons.ts'
import { NSID, OLD_NSID } from './nsid.ts'
import type { DatasetRecord, OldDatasetRecord } from './records.ts'

const KNOWN: ReadonlySet<string> = new Set([...Object.values(NSID), ...Object.values(OLD_NSID)])

/**
 * What the lexicons have against a record that somebody wants to write, in their words (`Record/name must not be longer than 200 characters`).
 * @param record as `@atproto/api` takes it: bytes are `Uint8Array`, blobs `BlobRef`
 */
export function faultOfRecord(record: { readonly $type: string }): string | undefined {
  const result = lexicons().validate(record.$type, record)
  return result.success ? undefined : result.error.message
}

/**
 * A record that somebody published, as the type it is. The typed `metadata` that atdata 0.4 and later write against their own lexicon is let pass.
 * @param value as `@atproto/api` gives it
 * @param where what the error calls it: its `at://` URI
 * @throws {ShardexError} `record.invalid`
 */
export function parseRecord(value: unknown, where: string): DatasetRecord | OldDatasetRecord {
  const $type = typeof value === 'object' && value !== null && '$type' in value ? value.$type : undefined
  if (typeof value !== 'object' || value === null || typeof $type !== 'string' || !KNOWN.has($type))
    throw invalid(where, `$type ${describe($type)}`, `one of ${[...KNOWN].join(', ')}`)
  const fault = lexicons().validate($type, $type === NSID.entry ? withoutTypedMetadata(value) : value)
  if (!fault.success) throw invalid(where, fault.error.message, `a record of ${$type}`)
  return value as DatasetRecord | OldDatasetRecord
}

function withoutTypedMetadata(value: object): object {
  const { metadata, ...rest } = value as { metadata?: unknown }
  const typed = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata) && !(metadata instanceof Uint8Array)
  return typed ? rest : value
}

function invalid(record: string, found: string, wanted: string): ShardexError {
  return new ShardexError('record.invalid', { record, found, wanted }, { message: `${record}: ${found}; wanted ${wanted}` })
}
