import { jsonToLex, lexToIpld } from '@atproto/lexicon'
import { describe, isShardexError } from '@shardex/errors'
import { dagCborCid } from '@shardex/index'
import type { DatasetRecord, OldDatasetRecord } from '../records.ts'
import { parseRecord } from '../validate-record.ts'
import { invalidRecord } from './invalid-record.ts'

/** A record as a PDS has given it. */
export interface FetchedRecord {
  /** By DID, so that it stays when the handle changes. */
  readonly uri: string
  /** Of the content. */
  readonly cid: string
  readonly record: DatasetRecord | OldDatasetRecord
}

/** Maps and lists in each other, with the record itself. No record of a dataset is deeper; what walks one need not count. */
export const MAX_DEPTH = 32

/**
 * A record out of the JSON of a stranger: that it is what its CID says, and what the lexicons allow.
 * @param uri which record was asked for
 * @throws {ShardexError} `record.invalid`
 */
export function decodeRecord(uri: string, cid: unknown, value: unknown): FetchedRecord {
  if (typeof cid !== 'string' || cid.length > 200) throw invalidRecord(uri, `the CID ${describe(cid)}`, 'a CID')
  const fault = faultOfJson(value, MAX_DEPTH)
  if (fault !== undefined) throw invalidRecord(uri, fault, 'a record of a dataset')
  const { record, found } = convert(uri, value)
  if (found !== cid) throw invalidRecord(uri, `content with the CID ${found}`, `the CID that its PDS gives it, ${cid}`)
  return { uri, cid, record: parseRecord(record, uri) }
}

function convert(uri: string, value: unknown): { record: unknown; found: string } {
  try {
    const record: unknown = jsonToLex(value)
    return { record, found: dagCborCid(lexToIpld(record)) }
  } catch (error) {
    if (isShardexError(error)) throw error
    throw invalidRecord(uri, error instanceof Error ? error.message.slice(0, 200) : 'an error', 'values of the data model', error)
  }
}

/** What JSON can hold and no record does. */
function faultOfJson(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'half of a surrogate pair, which is not text'
  if (typeof value !== 'object' || value === null) return undefined
  if (depth === 0) return `values more than ${MAX_DEPTH} deep`
  for (const [key, inner] of Object.entries(value)) {
    const fault = faultOfJson(key, depth) ?? faultOfJson(inner, depth - 1)
    if (fault !== undefined) return fault
  }
  return undefined
}
