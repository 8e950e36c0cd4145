import { AsyncLocalStorage } from 'node:async_hooks'
import type { OAuthSession } from '@atproto/oauth-client-node'
import type { IdentityOptions } from '../identity/resolve-account.ts'
import { type KeptSession, openOAuthClient } from './oauth-client.ts'
import type { Sender } from './sender.ts'
import { sessionExpired } from './session-error.ts'
import type { SavedOAuth, SessionFiles } from './session-file.ts'

/** A session that was kept: renewed when that is needed, and kept again. */
export function resumeOAuth(files: SessionFiles, saved: SavedOAuth, options: IdentityOptions): Sender {
  const signals = new AsyncLocalStorage<AbortSignal | undefined>()
  const client = openOAuthClient(saved.redirectUri, keptIn(files, saved), files, options, () => signals.getStore())
  let session: OAuthSession | undefined

  async function dispatch(url: string, init: RequestInit): Promise<Response> {
    session ??= await client.restore(saved.did)
    return session.fetchHandler(url, init)
  }

  return {
    async send(url, init) {
      try {
        const response = await signals.run(init.signal ?? undefined, dispatch, url, init)
        if (files.read(saved.did) !== undefined) return response
        await response.body?.cancel()
      } catch (error) {
        if (files.read(saved.did) !== undefined) throw error
      }
      // The client has thrown it away, since the server will never take it again.
      throw sessionExpired(saved.handle, saved.pds)
    },
    end: () => client.revoke(saved.did),
  }
}

/** Other processes renew it too, so it is read each time. */
function keptIn(files: SessionFiles, saved: SavedOAuth): KeptSession {
  return {
    get(did) {
      const found = files.read(did)
      return found?.kind === 'oauth' ? found.session : undefined
    },
    set: (_, session) => files.write({ ...saved, session }),
    del: (did) => files.remove(did),
  }
}
