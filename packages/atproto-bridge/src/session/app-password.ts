import { CredentialSession } from '@atproto/api'
import { describe, isShardexError, ShardexError } from '@shardex/errors'
import { abortable } from '@shardex/storage'
import type { Fetch } from '../identity/guarded-fetch.ts'
import type { Account } from '../identity/resolve-account.ts'
import type { Sender } from './sender.ts'
import { loginRefused, sessionExpired } from './session-error.ts'
import type { SavedAppPassword, SessionFiles } from './session-file.ts'

/**
 * A session for an app password, which is not kept. It is one of the account that was resolved, whatever the server says.
 * @throws {ShardexError} `credentials.refused`; `atmosphere.unavailable`
 */
export async function loginByPassword(
  fetch: Fetch,
  { did, handle, pds }: Account,
  { password, signal }: { password: string; signal?: AbortSignal | undefined },
): Promise<SavedAppPassword> {
  const account = handle ?? did
  const credentials = new CredentialSession(new URL(pds), fetch)
  try {
    await abortable(credentials.login({ identifier: account, password }), signal)
  } catch (error) {
    signal?.throwIfAborted()
    throw loginFailure(account, pds, error)
  }
  const { session } = credentials
  if (session === undefined) throw loginRefused(account, pds, 'it gave no session')
  if (session.did !== did) throw loginRefused(account, pds, `it gave a session of ${describe(session.did, 100)}, not of ${did}`)
  return { kind: 'app-password', did, handle: handle ?? session.handle, pds: credentials.dispatchUrl.origin, session }
}

/** A session that was kept: renewed when that is needed, and kept again. Other processes may do the same at the same time. */
export function resumePassword(fetch: Fetch, files: SessionFiles, saved: SavedAppPassword): Sender {
  let current = saved.session
  const credentials = new CredentialSession(new URL(saved.pds), fetch, (event, session) => {
    if (event === 'update' && session !== undefined) {
      current = session
      files.write({ ...saved, session })
    }
    // What another process has renewed meanwhile is good.
    if (event === 'expired' && renewedElsewhere() === undefined) files.remove(saved.did)
  })
  credentials.session = current

  function renewedElsewhere(): SavedAppPassword['session'] | undefined {
    const kept = files.read(saved.did)
    return kept?.kind === 'app-password' && kept.session.refreshJwt !== current.refreshJwt ? kept.session : undefined
  }

  return {
    async send(url, init) {
      const response = await credentials.fetchHandler(url, init)
      if (credentials.session !== undefined) return response
      const renewed = renewedElsewhere()
      if (renewed === undefined) {
        await response.body?.cancel()
        throw sessionExpired(saved.handle, saved.pds)
      }
      current = renewed
      credentials.session = renewed
      // A stream is gone; whoever sent it is told that the token had expired, and sends another.
      if (init.body instanceof ReadableStream) return response
      await response.body?.cancel()
      return credentials.fetchHandler(url, init)
    },
    end: () => credentials.logout(),
  }
}

/** Nothing of what the server says is passed on but its word for it: it has seen the password. */
function loginFailure(account: string, url: string, error: unknown): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (isShardexError(cause)) return cause
  const { status = 1, error: word = '' } = Object(error) as { status?: number; error?: unknown }
  if (word === 'AuthFactorTokenRequired')
    return loginRefused(
      account,
      url,
      'this password needs a code from an e-mail. Make an app password in the settings of the account and use that.',
    )
  if (status === 401 || status === 400)
    return loginRefused(
      account,
      url,
      'handle or app password are not right. App passwords are made in the settings of the account.',
    )
  const why = status >= 400 ? `HTTP ${status}` : 'no answer'
  const message = `${url} did not answer to the login of ${account} (${why}); check that it runs and can be reached`
  return new ShardexError('atmosphere.unavailable', { url }, { message })
}
