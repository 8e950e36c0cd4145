import { ShardexError } from '@shardex/errors'

export function invalidArray(found: string, wanted: string, cause?: unknown): ShardexError<'array.invalid'> {
  return new ShardexError(
    'array.invalid',
    { found, wanted },
    { message: `not an array we take: found ${found}, wanted ${wanted}`, cause },
  )
}
