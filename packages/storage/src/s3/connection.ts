import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { DEFAULT_ATTEMPTS, type RetryOptions } from '../backoff.ts'
import { assertEndpoint, readS3Credentials, type S3Credentials } from './credentials.ts'
import { s3ErrorOf } from './s3-error.ts'

export interface S3Options {
  readonly bucket: string
  /** Keys are relative to it, and nothing outside it is reached. Without `/` at either end. Default: the whole bucket. */
  readonly prefix?: string | undefined
  /** Path of a `.env` file or an object; `undefined` is the AWS default chain (environment, profile, instance role). */
  readonly credentials?: S3Credentials | string | undefined
  /** Overrides that of the credentials. Neither: AWS itself. */
  readonly endpoint?: string | undefined
  /** Overrides that of the credentials and the environment. Default `us-east-1`. */
  readonly region?: string | undefined
  readonly retry?: RetryOptions | undefined
  readonly timeouts?: S3Timeouts | undefined
  readonly upload?: S3UploadOptions | undefined
}

export interface S3Timeouts {
  /** To reach the server, in ms. Default 5000. */
  readonly connectMs?: number | undefined
  /** Without a byte either way, in ms; then the request is tried again. Default 30,000. */
  readonly stallMs?: number | undefined
}

export interface S3UploadOptions {
  /**
   * Size of the first thousand parts, in bytes, at least 5 MiB; it doubles after every further thousand, so that with 8 MiB the
   * 10,000 parts of one upload hold more than 5 TiB. Default 8 MiB.
   */
  readonly partBytes?: number | undefined
  /** Parts of one object on the way at the same time. Memory is `(parallelParts + 2) * partBytes` per object. Default 4. */
  readonly parallelParts?: number | undefined
  /**
   * The largest object that is sent in one request, rounded down to whole parts; at most 2 GiB. One request is all or nothing for the server too, and
   * servers on a file system write what comes in parts twice. Default: as much as is held of an upload anyway, 48 MiB.
   */
  readonly wholeBytes?: number | undefined
}

/** A bucket and the way to it. */
export interface S3Connection {
  readonly client: S3Client
  readonly bucket: string
  readonly retry: RetryOptions
  /** For error messages. */
  readonly endpoint: string
  /** Run one request and give its errors our names. `url` is what it was about. */
  call<T>(url: string, signal: AbortSignal | undefined, send: (options: { abortSignal?: AbortSignal }) => Promise<T>): Promise<T>
  /** True once the bucket has answered: an absent object is then just absent. */
  readonly bucketSeen: () => boolean
  readonly noteBucketSeen: () => void
}

export function connectS3(options: S3Options): S3Connection {
  const { bucket, retry = {} } = options
  const credentials = options.credentials === undefined ? undefined : readS3Credentials(options.credentials)
  const endpoint = options.endpoint ?? credentials?.AWS_ENDPOINT
  if (endpoint !== undefined) assertEndpoint(endpoint)
  const client = new S3Client(clientConfig(options, credentials, endpoint))
  sendPayloadsUnsigned(client)
  const place = { bucket, endpoint: endpoint ?? 'AWS' }
  let seen = false
  return {
    client,
    bucket,
    retry,
    endpoint: place.endpoint,
    async call(url, signal, send) {
      try {
        // A signal of its own: the SDK listens on it, and Node warns about a caller's signal with more than ten listeners.
        return await send(signal === undefined ? {} : { abortSignal: AbortSignal.any([signal]) })
      } catch (error) {
        signal?.throwIfAborted()
        throw s3ErrorOf(error, { ...place, url })
      }
    },
    bucketSeen: () => seen,
    noteBucketSeen: () => {
      seen = true
    },
  }
}

function clientConfig(
  { region, retry, timeouts = {}, upload = {} }: S3Options,
  credentials: S3Credentials | undefined,
  endpoint: string | undefined,
): S3ClientConfig {
  return {
    region: region ?? credentials?.AWS_REGION ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1',
    ...(endpoint === undefined ? { followRegionRedirects: true } : { endpoint, forcePathStyle: true }),
    ...(credentials !== undefined && {
      credentials: {
        accessKeyId: credentials.AWS_ACCESS_KEY_ID,
        secretAccessKey: credentials.AWS_SECRET_ACCESS_KEY,
        ...(credentials.AWS_SESSION_TOKEN !== undefined && { sessionToken: credentials.AWS_SESSION_TOKEN }),
      },
    }),
    maxAttempts: retry?.attempts ?? DEFAULT_ATTEMPTS,
    // We give our own CRC-32 with every body; the SDK's trailer would cost a copy and older servers refuse it.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // With it the SDK opens a new connection for every part.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: timeouts.connectMs ?? 5000,
      socketTimeout: timeouts.stallMs ?? 30_000,
      httpAgent: { maxSockets: SOCKETS_PER_UPLOAD * (upload.parallelParts ?? 4) },
      httpsAgent: { maxSockets: SOCKETS_PER_UPLOAD * (upload.parallelParts ?? 4) },
    },
  }
}

/** Room for as many uploads side by side, each with all its parts. */
const SOCKETS_PER_UPLOAD = 16

/**
 * On plain http the SDK takes a SHA-256 of every body for the signature, and the server takes it again: two thirds of all time.
 * The headers stay signed; the body is proved by the CRC-32 in one of them.
 */
function sendPayloadsUnsigned(client: S3Client): void {
  client.middlewareStack.add(
    (next, context) => (args) => {
      const isUpload = context['commandName'] === 'PutObjectCommand' || context['commandName'] === 'UploadPartCommand'
      if (isUpload && hasHeaders(args.request)) args.request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD'
      return next(args)
    },
    { step: 'build', name: 'sendPayloadsUnsigned' },
  )
}

function hasHeaders(request: unknown): request is { headers: Record<string, string> } {
  return typeof request === 'object' && request !== null && 'headers' in request
}
