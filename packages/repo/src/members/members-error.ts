import { isShardexError, ShardexError } from '@shardex/errors'
import type { Selector } from './selector.ts'

/** What a member is not. Never leaves this folder. */
export class Unfit extends Error {
  readonly found: string
  readonly wanted: string

  constructor(found: string, wanted: string, cause?: unknown) {
    super(undefined, { cause })
    this.found = found
    this.wanted = wanted
  }
}

export interface MemberPlace {
  readonly shard: string
  readonly key: string
  /** Empty if it is not one field. */
  readonly field: string
  readonly extension: string | undefined
}

export function noMember({ text }: Selector, members: ReadonlyMap<string, unknown>): Unfit {
  const there = [...members.keys()]
  const shown = there.slice(0, 8).join(', ') + (there.length > 8 ? `, and ${there.length - 8} more` : '')
  return new Unfit(`only the members ${shown}`, `the member ${text}`)
}

/** `sample.invalid` that says where; everything else as it is. */
export function wrongMember({ shard, key, field, extension }: MemberPlace, error: unknown): unknown {
  const facts = factsOf(error)
  if (facts === undefined) return error
  const { found, wanted } = facts
  const member = extension === undefined ? key : `${key}.${extension}`
  const where = `${member} in ${shard}${field === '' ? '' : `, field ${field}`}`
  const message = `${where}: found ${found}, wanted ${wanted}; name another member for the field, make it optional, or change the type`
  return new ShardexError(
    'sample.invalid',
    { sample: key, field: fieldOf(error) ?? field, found, wanted },
    { message, cause: error },
  )
}

function factsOf(error: unknown): { readonly found: string; readonly wanted: string } | undefined {
  if (error instanceof Unfit) return error
  return isShardexError(error, 'sample.invalid', 'array.invalid', 'msgpack.invalid') ? error.details : undefined
}

function fieldOf(error: unknown): string | undefined {
  return isShardexError(error, 'sample.invalid') ? error.details.field : undefined
}
