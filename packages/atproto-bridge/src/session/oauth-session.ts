import type { OAuthSession } from '@atproto/oauth-client-node'
import type { IdentityOptions } from '../identity/resolve-account.ts'
import { type KeptSession, openOAuthClient } from './oauth-client.ts'
import type { Sender } from './sender.ts'
import { sessionExpired } from './session-error.ts'
import type { SavedOAuth, SessionFiles } from './session-file.ts'

/** A session that was kept: renewed when that is needed, and kept again. */
export function resumeOAuth(files: SessionFiles, saved: SavedOAuth, options: IdentityOptions): Sender {
  const client = openOAuthClient(saved.redirectUri, keptIn(files, saved), files, options)
  let opening: Promise<OAuthSession> | undefined

  function open(): Promise<OAuthSession> {
    opening ??= client.restore(saved.did).catch((error: unknown) => {
      opening = undefined
      throw error
    })
    return opening
  }

  return {
    async send(url, init) {
      try {
        const session = await open()
        const response = await session.fetchHandler(url, init)
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
