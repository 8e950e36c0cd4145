import { type Details, isShardexError, ShardexError } from '@shardex/errors'

/**
 * What is done about bytes that are not what was written. `error`: the damage is thrown. `skip`: in a stream the damaged samples are passed
 * over; where one sample is asked for, the damage is thrown. `refetch`: the right bytes are fetched from a mirror that the entry lists, in
 * their place; if none has them, the damage is thrown.
 */
export type OnCorrupt = 'error' | 'skip' | 'refetch'

const DAMAGE = [
  'shard.not_found',
  'shard.truncated',
  'shard.corrupt',
  'index.corrupt',
  'storage.not_found',
  'storage.corrupt',
] as const

/** Something that damaged bytes are told by. */
export type Damage = ShardexError<(typeof DAMAGE)[number]>

/** Samples that damage takes away. */
export type Lost = NonNullable<Details['shard.corrupt']['lost']>

/** A mirror that was asked in vain, and what it said. */
export type Refusal = NonNullable<Details['shard.corrupt']['mirrors']>[number]

/** Bytes that are wrong or gone; a store that is away, or does not let us in, says nothing about its bytes. */
export function isDamage(error: unknown): error is Damage {
  return isShardexError(error, ...DAMAGE)
}

/** The same error, which also tells what is lost by it. */
export function withLoss(error: Damage, lost: Lost): Damage {
  const { samples, firstKey, lastKey } = lost
  const keys = firstKey === lastKey ? `"${firstKey}"` : `"${firstKey}" to "${lastKey}"`
  const loss = samples === 0 ? 'No sample is lost.' : `Lost: ${samples} ${samples === 1 ? 'sample' : 'samples'}, ${keys}.`
  return more(error, { lost }, loss)
}

/** The same error, which also tells that no mirror could help. */
export function withMirrors(error: Damage, mirrors: readonly Refusal[]): Damage {
  const said = mirrors.map(({ url, found }) => `${url}: ${found}`).join(' | ')
  return more(error, { mirrors }, mirrors.length === 0 ? 'No mirror is known.' : `No mirror has it right. ${said}`)
}

function more(
  { code, details, message, cause }: Damage,
  facts: Pick<Damage['details'], 'lost' | 'mirrors'>,
  text: string,
): Damage {
  return new ShardexError(code, { ...details, ...facts } as Damage['details'], { message: `${message} ${text}`, cause }) as Damage
}
