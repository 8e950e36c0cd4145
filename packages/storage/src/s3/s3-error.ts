import { ShardexError } from '@shardex/errors'
import { credentialsMissing } from './credentials.ts'

/** What a request was about. */
export interface S3Place {
  readonly bucket: string
  readonly endpoint: string
  readonly url: string
}

/** The names that S3 servers give their refusals, and ours for them. */
const REFUSED_CREDENTIALS: ReadonlySet<string> = new Set([
  'InvalidAccessKeyId',
  'XAdminUserNotFound', // versitygw
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidToken',
  'TokenRefreshRequired',
  'RequestTimeTooSkewed',
  'InvalidSecurity',
  'AuthorizationHeaderMalformed',
])
const DENIED: ReadonlySet<string> = new Set(['AccessDenied', 'AllAccessDisabled', 'AccountProblem', 'Forbidden'])
const FULL: ReadonlySet<string> = new Set(['QuotaExceeded', 'InsufficientStorage', 'XMinioStorageFull', 'InsufficientCapacity'])
const DAMAGED: ReadonlySet<string> = new Set(['BadDigest', 'XAmzContentChecksumMismatch', 'XAmzContentSHA256Mismatch'])
const TAKEN: ReadonlySet<string> = new Set(['PreconditionFailed', 'ConditionalRequestConflict'])
const NETWORK: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPROTO',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** The server's own name for what it refused. A HEAD has no body, so there it is only `NotFound`, `Forbidden` or `Unknown`. */
export function s3NameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

export function s3StatusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  const metadata: unknown = error.$metadata
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata ? metadata.httpStatusCode : undefined
  return typeof status === 'number' ? status : undefined
}

export function isS3Error(error: unknown, ...names: string[]): boolean {
  return names.includes(s3NameOf(error instanceof ShardexError ? error.cause : error))
}

/** Wraps once, and leaves alone what is ours already or what nothing can be said about. */
export function s3ErrorOf(error: unknown, { bucket, endpoint, url }: S3Place): unknown {
  if (error instanceof ShardexError || !(error instanceof Error)) return error
  const name = s3NameOf(error)
  const status = s3StatusOf(error)
  const cause = withoutTransport(error)
  if (name === 'NoSuchBucket')
    return new ShardexError(
      'storage.bucket_missing',
      { bucket, endpoint },
      { message: `there is no bucket ${bucket} at ${endpoint}; create it or correct its name`, cause },
    )
  if (name === 'CredentialsProviderError' || name === 'CredentialsError')
    return credentialsMissing(
      'the AWS default chain',
      ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
      'the AWS default chain has none',
      cause,
    )
  if (REFUSED_CREDENTIALS.has(name))
    return new ShardexError(
      'credentials.refused',
      { url },
      { message: `${endpoint} refused the credentials for ${url} (${name}); ${adviceFor(name)}`, cause },
    )
  if (TAKEN.has(name) || status === 412)
    return new ShardexError('storage.exists', { url }, { message: `${url} exists already and was left as it is`, cause })
  if (FULL.has(name) || status === 507)
    return new ShardexError('storage.full', { url }, { message: `${endpoint} has no space for ${url} (${name})`, cause })
  if (DAMAGED.has(name))
    return new ShardexError(
      'storage.corrupt',
      { url, found: 'another checksum', wanted: 'the checksum that was sent' },
      { message: `the bytes of ${url} changed on their way to ${endpoint}; put it again`, cause },
    )
  if (DENIED.has(name) || status === 403 || status === 401)
    return new ShardexError(
      'storage.denied',
      { url },
      { message: `${endpoint} denies access to ${url}; check the policy of the bucket and of the access key`, cause },
    )
  if (isAway(error, status))
    return new ShardexError(
      'storage.unavailable',
      { url },
      {
        message: `${endpoint} did not answer for ${url} (${reasonOf(error, status)}); check that it runs and can be reached`,
        cause,
      },
    )
  return error
}

/** The server was there and broke the connection off. */
export function isHangUp(error: unknown): boolean {
  return (
    error instanceof ShardexError && error.cause instanceof Error && ['ECONNRESET', 'EPIPE'].includes(codeOf(error.cause) ?? '')
  )
}

/** Of a failed system call. */
function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function isAway(error: Error, status: number | undefined): boolean {
  if (NETWORK.has(codeOf(error) ?? '') || error.name === 'TimeoutError') return true
  // An answer that is not S3's XML comes from something that stands in front of the store.
  return status === undefined ? error instanceof AggregateError || error instanceof SyntaxError : status >= 500 || status === 429
}

function reasonOf(error: Error, status: number | undefined): string {
  const code = codeOf(error) ?? error.name
  return status === undefined ? code : `${code}, HTTP ${status}`
}

function adviceFor(name: string): string {
  if (name === 'RequestTimeTooSkewed') return 'set the clock of this machine'
  if (name === 'AuthorizationHeaderMalformed') return 'check the region and the key'
  if (name.startsWith('Expired') || name === 'TokenRefreshRequired') return 'they have expired: get new ones'
  return 'check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
}

/** A copy: the SDK hangs the response, and with it the signed request, on its errors, and none of that belongs into a log. */
function withoutTransport(error: Error): Error {
  const copy = Object.assign(new Error(error.message), { code: codeOf(error) })
  copy.name = error.name
  if (error.stack !== undefined) copy.stack = error.stack
  return copy
}
