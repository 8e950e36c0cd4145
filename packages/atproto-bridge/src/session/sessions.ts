import { join } from 'node:path'
import type { Agent } from '@atproto/api'
import { ShardexError } from '@shardex/errors'
import { type Fetch, guardedFetch } from '../identity/guarded-fetch.ts'
import { type IdentityOptions, openIdentity } from '../identity/resolve-account.ts'
import type { BrowserLogin } from './browser-login.ts'
import { configFolder } from './config-folder.ts'
import type { Sender } from './sender.ts'
import { sessionMissing } from './session-error.ts'
import { openSessionFiles, type SavedSession, type SessionFiles } from './session-file.ts'

export interface SessionsOptions extends IdentityOptions {
  /** Where sessions are kept, each in a file that only its owner reads. Default: `sessions` in the folder that the platform has for such things. */
  readonly folder?: string | undefined
}

/** Who is logged in, without anything secret. */
export interface SessionInfo {
  readonly did: string
  readonly handle: string
  /** The origin of the PDS. */
  readonly pds: string
  readonly kind: 'app-password' | 'oauth'
}

export interface Session extends SessionInfo {
  /** Acts for the account. Once the server takes the session no more, every call fails with `session.expired` as its cause. */
  readonly agent: Agent
}

export interface LoginOptions {
  readonly appPassword: string
  /** Default: the one that the account names. */
  readonly pds?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The sessions of this user on this machine. Tokens stay in their files and in memory: no error, no text and no JSON of what is given out here has them.
 *
 * ```ts
 * const sessions = new Sessions()
 * await sessions.login('alice.example.com', { appPassword })
 * const { agent } = await sessions.open('alice.example.com')
 * ```
 */
export class Sessions {
  readonly #options: IdentityOptions
  readonly #files: SessionFiles
  readonly #fetch: Fetch

  constructor({ folder, ...options }: SessionsOptions = {}) {
    this.#options = options
    this.#files = openSessionFiles(folder ?? join(configFolder(), 'sessions'))
    this.#fetch = guardedFetch(options)
  }

  /**
   * With an app password, which is not kept.
   * @param account a handle or a DID; it is resolved even if `pds` is given, so that no server gives a session of another account
   * @throws {ShardexError} `credentials.refused`; `account.not_found`; `atmosphere.unavailable`; `config.invalid` where sessions cannot be kept
   */
  async login(account: string, { appPassword, pds, signal }: LoginOptions): Promise<SessionInfo> {
    const given = pds === undefined ? {} : { pds: originOf(pds) }
    const home = { ...(await openIdentity(this.#options).resolve(account, { signal })), ...given }
    const { loginByPassword } = await import('./app-password.ts')
    return this.#keep(await loginByPassword(this.#fetch, home, { password: appPassword, signal }))
  }

  /**
   * With the browser of a person: OAuth, with tokens that are bound to a key of this machine.
   * @throws {ShardexError} `credentials.refused`; `atmosphere.unavailable`; `config.invalid` where sessions cannot be kept
   */
  async loginByBrowser(login: BrowserLogin): Promise<SessionInfo> {
    const { loginByBrowser } = await import('./browser-login.ts')
    return this.#keep(await loginByBrowser(this.#files, login, this.#options))
  }

  async list(): Promise<SessionInfo[]> {
    return this.#files.list().map(infoOf)
  }

  /**
   * @param account a handle or a DID. Default: the only one that is logged in
   * @throws {ShardexError} `session.missing`; `usage.invalid` if it is not said which of several is meant
   */
  async open(account?: string): Promise<Session> {
    const saved = this.#find(account)
    const [{ Agent }, { send }] = await Promise.all([import('@atproto/api'), this.#senderOf(saved)])
    const dispatchUrl = new URL(saved.pds)
    const agent = new Agent({ did: saved.did, fetchHandler: send, dispatchUrl } as ConstructorParameters<typeof Agent>[0])
    // Whoever prints a session or makes JSON of it means whose it is.
    return Object.defineProperty({ ...infoOf(saved) } as Session, 'agent', { value: agent })
  }

  /** Ends the session here, and at its server if that can be reached. @throws {ShardexError} as {@link open} */
  async logout(account?: string): Promise<SessionInfo> {
    this.#files.sweep()
    const saved = this.#find(account)
    const sender = await this.#senderOf(saved)
    await sender.end().catch(() => {}) // away or not, it is forgotten here
    this.#files.remove(saved.did)
    return infoOf(saved)
  }

  #keep(saved: SavedSession): SessionInfo {
    this.#files.write(saved)
    return infoOf(saved)
  }

  #find(account: string | undefined): SavedSession {
    const all = this.#files.list()
    const handles = all.map(({ handle }) => handle)
    const found =
      account === undefined
        ? all
        : all.filter(({ did, handle }) => did === account || handle.toLowerCase() === account.toLowerCase())
    const [one, ...others] = found
    if (one === undefined) throw sessionMissing(account ?? '', handles)
    if (others.length === 0) return one
    const [argument, wanted] = ['account', `one of ${handles.join(', ')}`]
    throw new ShardexError(
      'usage.invalid',
      { argument, found: 'none', wanted },
      { message: `several accounts are logged in; say which is meant: ${wanted}` },
    )
  }

  /** The clients of the protocol take half a second to load; who only reads needs none. */
  async #senderOf(saved: SavedSession): Promise<Sender> {
    if (saved.kind === 'oauth') return (await import('./oauth-session.ts')).resumeOAuth(this.#files, saved, this.#options)
    return (await import('./app-password.ts')).resumePassword(this.#fetch, this.#files, saved)
  }
}

function infoOf({ did, handle, pds, kind }: SavedSession): SessionInfo {
  return { did, handle, pds, kind }
}

function originOf(pds: string): string {
  const url = URL.parse(pds)
  if (url !== null && /^https?:$/.test(url.protocol) && url.username + url.password === '') return url.origin
  const [found, wanted] = [JSON.stringify(pds.slice(0, 100)), 'https://host']
  throw new ShardexError(
    'url.invalid',
    { url: pds.slice(0, 200), found, wanted },
    { message: `${found} is not the address of a PDS; wanted ${wanted}` },
  )
}
