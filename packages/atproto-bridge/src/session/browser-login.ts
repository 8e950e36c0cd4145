import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent } from '@atproto/api'
import { type NodeSavedSession, OAuthCallbackError } from '@atproto/oauth-client-node'
import { isShardexError, ShardexError } from '@shardex/errors'
import { abortable } from '@shardex/storage'
import { isAccount } from '../identity/parse-reference.ts'
import type { IdentityOptions } from '../identity/resolve-account.ts'
import { openOAuthClient } from './oauth-client.ts'
import { loginRefused } from './session-error.ts'
import type { SavedOAuth, SessionFiles } from './session-file.ts'

export interface BrowserLogin {
  /** A handle, a DID, or the address of a PDS. */
  readonly account: string
  /** Where the person is to go. */
  readonly onUrl: (url: string) => void
  readonly signal?: AbortSignal | undefined
}

/**
 * OAuth with a browser of the person, which comes back to a port of this machine that is open for as long. Nothing of the password is seen here.
 * @throws {ShardexError} `credentials.refused`; `atmosphere.unavailable`
 */
export async function loginByBrowser(
  files: SessionFiles,
  { account, onUrl, signal }: BrowserLogin,
  options: IdentityOptions,
): Promise<SavedOAuth> {
  await using back = await awaitReturn()
  const sessions = new Map<string, NodeSavedSession>()
  const kept = {
    get: (did: string) => sessions.get(did),
    set: (did: string, session: NodeSavedSession) => void sessions.set(did, session),
    del: (did: string) => void sessions.delete(did),
  }
  const client = openOAuthClient(back.redirectUri, kept, files, options, () => signal)
  try {
    onUrl(String(await abortable(client.authorize(account), signal)))
    const { session } = await client.callback(await abortable(back.params, signal))
    const { did } = session
    const tokens = sessions.get(did)
    if (tokens === undefined) throw loginRefused(account, session.serverMetadata.issuer, 'it gave no session')
    const { data } = await new Agent(session).com.atproto.server.getSession()
    if (isAccount(account) && account !== did && account.toLowerCase() !== data.handle.toLowerCase()) {
      await session.signOut()
      throw loginRefused(account, session.serverMetadata.issuer, `the browser has logged in as ${data.handle}`)
    }
    return {
      kind: 'oauth',
      did,
      handle: data.handle,
      pds: new URL(tokens.tokenSet.aud).origin,
      redirectUri: back.redirectUri,
      session: tokens,
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw failure(account, error)
  }
}

interface Return extends AsyncDisposable {
  readonly redirectUri: string
  /** What the browser brings back. */
  readonly params: Promise<URLSearchParams>
}

const PATH = '/shardex'

async function awaitReturn(): Promise<Return> {
  const { promise: params, resolve } = Promise.withResolvers<URLSearchParams>()
  const server: Server = createServer((request, response) => {
    const url = URL.parse(request.url ?? '', 'http://127.0.0.1')
    if (url?.pathname !== PATH || !url.searchParams.has('state')) return void response.writeHead(404).end()
    response.writeHead(200, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      connection: 'close',
    })
    // Not before the person has been told: then the server goes away.
    response.once('close', () => resolve(url.searchParams))
    response.end('Done. Close this page and go back to the terminal.\n')
  })
  await new Promise<void>((listening, failed) => server.once('error', failed).listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    redirectUri: `http://127.0.0.1:${port}${PATH}`,
    params,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      // Browsers open some in advance, and send nothing on them.
      server.closeAllConnections()
      await closed
    },
  }
}

/** Without the cause: it may hold what the server gave. */
function failure(account: string, error: unknown): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (isShardexError(cause)) return cause
  const why = (error instanceof Error ? error.message : String(error)).slice(0, 200)
  if (error instanceof OAuthCallbackError)
    return loginRefused(account, 'its server', `${why}. Try again: shardex login ${account}`)
  const message = `${account} could not be logged in: ${why}. Check the spelling and that its PDS can be reached; an app password works without a browser (--app-password-stdin).`
  return new ShardexError('atmosphere.unavailable', { url: account }, { message })
}
