import { join } from 'node:path'
import {
  buildAtprotoLoopbackClientMetadata,
  NodeOAuthClient,
  type NodeSavedSession,
  type NodeSavedState,
} from '@atproto/oauth-client-node'
import { guardedFetch } from '../identity/guarded-fetch.ts'
import type { IdentityOptions } from '../identity/resolve-account.ts'
import { withFileLock } from './file-lock.ts'
import type { SessionFiles } from './session-file.ts'

/** Reading the own profile, writing records and blobs: there is no narrower scope that every PDS knows. */
const SCOPE = 'atproto transition:generic'

/** What a client keeps of a session. */
export interface KeptSession {
  get(did: string): NodeSavedSession | undefined
  set(did: string, session: NodeSavedSession): void
  del(did: string): void
}

/**
 * A public client of this machine: it is known by where the browser is sent back to, and registered nowhere. Tokens are bound to a key (DPoP) that is kept with them.
 * @param signalOfCall of the call that is on its way: the client passes none on to its lock
 */
export function openOAuthClient(
  redirectUri: string,
  kept: KeptSession,
  files: SessionFiles,
  { allowPrivate = false, plcUrl, handleResolver }: IdentityOptions,
  signalOfCall: () => AbortSignal | undefined,
): NodeOAuthClient {
  const states = new Map<string, NodeSavedState>()
  return new NodeOAuthClient({
    clientMetadata: buildAtprotoLoopbackClientMetadata({
      scope: SCOPE,
      redirect_uris: [redirectUri as `http://127.0.0.1/${string}`],
    }),
    stateStore: {
      get: (key) => states.get(key),
      set: (key, state) => void states.set(key, state),
      del: (key) => void states.delete(key),
    },
    sessionStore: {
      get: (did) => kept.get(did),
      set: (did, session) => kept.set(did, session),
      del: (did) => kept.del(did),
    },
    // A refresh token is good for one use: of two processes the second must see what the first was given.
    requestLock: (_, run) => withFileLock(join(files.folder, 'renewing.lock'), async () => run(), signalOfCall()),
    fetch: guardedFetch({ allowPrivate }),
    allowHttp: allowPrivate,
    ...(plcUrl !== undefined && { plcDirectoryUrl: plcUrl as `https://${string}` }),
    ...(handleResolver !== undefined && { handleResolver }),
  })
}
