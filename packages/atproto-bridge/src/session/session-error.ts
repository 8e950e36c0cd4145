import { ShardexError } from '@shardex/errors'

const LOGIN = 'shardex login'

export function sessionMissing(account: string, known: readonly string[]): ShardexError {
  const others = known.length === 0 ? '' : ` There is one for ${known.join(', ')}.`
  const message = `there is no session for ${account || 'any account'}.${others} Log in: ${LOGIN} ${account || 'HANDLE'}`
  return new ShardexError('session.missing', { account }, { message })
}

/** No cause: what a server says of tokens may hold them. */
export function sessionExpired(account: string, pds: string): ShardexError {
  const message = `the session of ${account} has ended: ${pds} does not take it any more. Log in again: ${LOGIN} ${account}`
  return new ShardexError('session.expired', { account }, { message })
}

export function loginRefused(account: string, url: string, why: string): ShardexError {
  const message = `${url} did not log ${account} in: ${why}`
  return new ShardexError('credentials.refused', { url }, { message })
}
