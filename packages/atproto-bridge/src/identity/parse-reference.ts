import { isValidDid, isValidHandle, isValidNsid, isValidRecordKey } from '@atproto/syntax'
import { describe, ShardexError } from '@shardex/errors'

/** One record of an account. */
export interface RecordUri {
  /** A DID or a handle. */
  readonly authority: string
  readonly collection: string
  readonly rkey: string
}

/** What an account calls a dataset. */
export interface NameReference {
  /** A DID or a handle. */
  readonly authority: string
  readonly name: string
  readonly version?: string | undefined
}

const MAX_LENGTH = 8192

/**
 * `at://did/collection/rkey`, `handle/name`, `handle/name@version`, both also with a DID or with `@` before the handle.
 * @throws {ShardexError} `ref.invalid`
 */
export function parseReference(text: string): RecordUri | NameReference {
  return text.startsWith('at://') ? parseRecordUri(text) : parseName(text)
}

/** @throws {ShardexError} `ref.invalid` */
export function parseRecordUri(text: string): RecordUri {
  const [authority = '', collection = '', rkey = '', ...rest] = text.slice('at://'.length).split('/')
  const isRight =
    text.startsWith('at://') &&
    text.length <= MAX_LENGTH &&
    rest.length === 0 &&
    isAccount(authority) &&
    isValidNsid(collection) &&
    isValidRecordKey(rkey)
  if (!isRight) throw refuse(text, 'at://did:plc:…/science.alt.dataset.entry/…')
  return { authority: normal(authority), collection, rkey }
}

/** The `at://` URI, of parts that are taken as they are: {@link parseRecordUri} has looked at them, or they are ours. */
export function formatRecordUri({ authority, collection, rkey }: RecordUri): string {
  return `at://${authority}/${collection}/${rkey}`
}

/** Whether a text has the form of a DID or a handle. Nothing is resolved. */
export function isAccount(text: string): boolean {
  return text.length <= MAX_LENGTH && (text.startsWith('did:') ? isValidDid(text) : isValidHandle(text))
}

function parseName(text: string): NameReference {
  const slash = text.indexOf('/')
  const authority = withoutAt(text.slice(0, Math.max(slash, 0)))
  const rest = text.slice(slash + 1)
  const at = rest.lastIndexOf('@')
  const [name, version] = at > 0 ? [rest.slice(0, at), rest.slice(at + 1)] : [rest, undefined]
  if (text.length > MAX_LENGTH || !isAccount(authority) || name === '' || version === '')
    throw refuse(text, 'an at:// URI, or handle/name, or handle/name@version')
  return { authority: normal(authority), name, ...(version !== undefined && { version }) }
}

function withoutAt(text: string): string {
  return text.startsWith('@') ? text.slice(1) : text
}

/** Handles are domain names. */
function normal(account: string): string {
  return account.startsWith('did:') ? account : account.toLowerCase()
}

function refuse(ref: string, wanted: string): ShardexError {
  const found = describe(ref, 200)
  return new ShardexError(
    'ref.invalid',
    { ref: ref.slice(0, 1024), found, wanted },
    { message: `${found} is no reference: wanted ${wanted}` },
  )
}
