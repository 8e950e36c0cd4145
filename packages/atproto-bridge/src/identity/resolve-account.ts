import {
  DidNotFoundError,
  DidPlcResolver,
  DidResolver,
  getHandle,
  getPds,
  HandleResolver,
  MemoryCache,
  PoorlyFormattedDidDocumentError,
} from '@atproto/identity'
import { isValidDid } from '@atproto/syntax'
import { safeFetchWrap } from '@atproto-labs/fetch-node'
import { ShardexError } from '@shardex/errors'
import { abortable } from '@shardex/storage'
import { type Fetch, guardedFetch, type Reach } from './guarded-fetch.ts'
import { isAccount } from './parse-reference.ts'
import { xrpcGet } from './xrpc.ts'

/** Where an account lives. */
export interface Account {
  readonly did: string
  /** If it was asked for by handle; the DID document names the handle too. */
  readonly handle?: string | undefined
  /** The origin of its PDS: `https://host`. */
  readonly pds: string
}

export interface IdentityOptions extends Reach {
  /** The directory of `did:plc`. Default `https://plc.directory`. */
  readonly plcUrl?: string | undefined
  /** A PDS or another service that is asked for handles. Default: none, a handle is looked up in DNS and at its own host. */
  readonly handleResolver?: string | undefined
}

export interface Identity {
  /**
   * @param account a DID (`did:plc`, `did:web`) or a handle
   * @throws {ShardexError} `account.not_found`; `ref.invalid`; `url.invalid`; `atmosphere.unavailable`
   */
  resolve(account: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<Account>
}

const TIMEOUT_MS = 10_000
const PLC_URL = 'https://plc.directory'

/** Accounts by the resolvers of `@atproto/identity`. What was found is kept for an hour. */
export function openIdentity({ plcUrl = PLC_URL, handleResolver, allowPrivate = false }: IdentityOptions = {}): Identity {
  // Documents are small and come quickly. Whom you have named yourself is dialed wherever that is; whom others name, only at public addresses.
  const trusted = safeFetchWrap({ ssrfProtection: false, forbiddenDomainNames: [], timeout: TIMEOUT_MS })
  const fetch = allowPrivate ? trusted : safeFetchWrap({ allowIpHost: false, timeout: TIMEOUT_MS })
  const didCache = new MemoryCache()
  const dids = new DidResolver({ timeout: TIMEOUT_MS, didCache, fetch, plcUrl })
  dids.methods.set('plc', new DidPlcResolver(plcUrl, TIMEOUT_MS, didCache, trusted))
  const handles = new HandleResolver({ timeout: TIMEOUT_MS, fetch })
  const ask: Fetch = guardedFetch({ allowPrivate: true })

  async function resolve(account: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<Account> {
    signal?.throwIfAborted()
    if (!isAccount(account)) throw notAnAccount(account)
    if (account.startsWith('did:')) return { did: account, pds: pdsOf(account, await documentOf(account, signal)) }
    const did = await didOf(account.toLowerCase(), signal)
    const document = await documentOf(did, signal)
    const claimed = getHandle(document)?.toLowerCase()
    // Anybody can let a handle point to the account of another.
    if (claimed !== account.toLowerCase())
      throw notFound(account, `it points to ${did}, whose handle is ${claimed ?? 'not given'}`)
    return { did, handle: claimed, pds: pdsOf(account, document) }
  }

  async function didOf(handle: string, signal: AbortSignal | undefined): Promise<string> {
    const did =
      handleResolver === undefined
        ? await abortable(handles.resolve(handle), signal)
        : await askForHandle(ask, handleResolver, handle, signal)
    if (did !== undefined && isValidDid(did)) return did
    const places = handleResolver ?? `the DNS TXT record of _atproto.${handle} and https://${handle}/.well-known/atproto-did`
    throw notFound(handle, `${places} name no account`)
  }

  async function documentOf(did: string, signal: AbortSignal | undefined) {
    try {
      return await abortable(dids.ensureResolve(did), signal)
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof DidNotFoundError) throw notFound(did, 'no such DID', error)
      if (error instanceof PoorlyFormattedDidDocumentError) throw notFound(did, 'its DID document is not one', error)
      if (!/^did:(plc|web):/.test(did)) throw notFound(did, 'only did:plc and did:web can be resolved', error)
      throw unreachable(did, did.startsWith('did:plc:') ? plcUrl : did, error)
    }
  }

  return { resolve }
}

async function askForHandle(
  fetch: Fetch,
  service: string,
  handle: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const found = await xrpcGet(fetch, service, 'com.atproto.identity.resolveHandle', { handle }, { signal })
  const did = typeof found === 'object' && found !== null && 'did' in found ? found.did : undefined
  return typeof did === 'string' ? did : undefined
}

function pdsOf(account: string, document: Parameters<typeof getPds>[0]): string {
  const endpoint = getPds(document)
  const url = endpoint === undefined ? null : URL.parse(endpoint)
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url.origin
  throw notFound(account, 'its DID document names no PDS')
}

function notAnAccount(account: string): ShardexError {
  const [found, wanted] = [JSON.stringify(account.slice(0, 100)), 'a handle like alice.example.com, or a DID']
  return new ShardexError(
    'ref.invalid',
    { ref: account.slice(0, 1024), found, wanted },
    { message: `${found} is no account: wanted ${wanted}` },
  )
}

function notFound(account: string, why: string, cause?: unknown): ShardexError {
  return new ShardexError(
    'account.not_found',
    { account },
    { message: `the account ${account} was not found: ${why}. Check the spelling.`, cause },
  )
}

function unreachable(did: string, url: string, cause: unknown): ShardexError {
  const why = cause instanceof Error ? cause.message : String(cause)
  const message = `${did} could not be resolved (${why}); check the network, and the address of the PLC directory if it is your own`
  return new ShardexError('atmosphere.unavailable', { url }, { message, cause })
}
