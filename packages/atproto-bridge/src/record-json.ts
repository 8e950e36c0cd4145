import { lexToJson } from '@atproto/lexicon'
import type { DatasetRecord } from './records.ts'

/** A record as it goes over the wire: bytes as `$bytes`, links as `$link`, and nothing that is undefined. */
export function recordToJson(record: DatasetRecord): Record<string, unknown> {
  return JSON.parse(JSON.stringify(lexToJson(record))) as Record<string, unknown>
}
