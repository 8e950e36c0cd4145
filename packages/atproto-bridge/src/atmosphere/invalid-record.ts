import { ShardexError } from '@shardex/errors'

/** What somebody has published cannot be used. */
export function invalidRecord(record: string, found: string, wanted: string, cause?: unknown): ShardexError<'record.invalid'> {
  return new ShardexError(
    'record.invalid',
    { record, found, wanted },
    { message: `${record} has ${found}; wanted ${wanted}`, cause },
  )
}
