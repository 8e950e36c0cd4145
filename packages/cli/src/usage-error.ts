import { ShardexError } from '@shardex/errors'
import { printable } from './output/printable.ts'

/** A command line that cannot be: exit code 2. */
export function usageError(argument: string, found: string, wanted: string, advice?: string): ShardexError<'usage.invalid'> {
  const message = `${argument}: found ${printable(found)}, wanted ${wanted}${advice === undefined ? '' : `; ${advice}`}`
  return new ShardexError('usage.invalid', { argument, found, wanted }, { message })
}
