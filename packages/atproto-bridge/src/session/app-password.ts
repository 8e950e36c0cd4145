import { CredentialSession } from '@atproto/api'
import { isShardexError, ShardexError } from '@shardex/errors'
import { abortable } from '@shardex/storage'
import type { Fetch } from '../identity/guarded-fetch.ts'
import type { Sender } from './sender.ts'
import { loginRefused, sessionExpired } from './session-error.ts'
import type { SavedAppPassword, SessionFiles } from './session-file.ts'

/**
 * A session for an app password, which is not kept.
 * @throws {ShardexError} `credentials.refused`; `atmosphere.unavailable`
 */
export async function loginByPassword(
  fetch: Fetch,
  { account, password, pds, signal }: { account: string; password: string; pds: string; signal?: AbortSignal | undefined },
): Promise<SavedAppPassword> {
  const credentials = new CredentialSession(new URL(pds), fetch)
  try {
    await abortable(credentials.login({ identifier: account, password }), signal)
  } catch (error) {
    signal?.throwIfAborted()
    throw loginFailure(account, pds, error)
  }
  const { session } = credentials
  if (session === undefined) throw loginRefused(account, pds, 'it gave no session')
  return { kind: 'app-password', did: session.did, handle: session.handle, pds: credentials.dispatchUrl.origin, session }
}

/** A session that was kept: renewed when that is needed, and kept again. */
export function resumePassword(fetch: Fetch, files: SessionFiles, saved: SavedAppPassword): Sender {
  const credentials = new CredentialSession(new URL(saved.pds), fetch, (event, session) => {
    if (session !== undefined && event === 'update') files.write({ ...saved, session })
    // Another process may have renewed it meanwhile; what it has kept is good.
    if (event === 'expired' && isStillKept()) files.remove(saved.did)
  })
  credentials.session = saved.session
  let lastToken = saved.session.refreshJwt

  function isStillKept(): boolean {
    const kept = files.read(saved.did)
    return kept?.kind === 'app-password' && kept.session.refreshJwt === lastToken
  }

  return {
    async send(url, init) {
      const response = await credentials.fetchHandler(url, init)
      lastToken = credentials.session?.refreshJwt ?? lastToken
      if (credentials.session !== undefined) return response
      await response.body?.cancel()
      throw sessionExpired(saved.handle, saved.pds)
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
