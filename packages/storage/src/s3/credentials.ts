import { readFileSync } from 'node:fs'
import { ShardexError } from '@shardex/errors'
import { parse } from 'dotenv'

/** Spelled as in a `.env` file, so that `process.env` is one too. */
export interface S3Credentials {
  /** `http(s)://host[:port]` of an S3-compatible store; left out for AWS itself. */
  readonly AWS_ENDPOINT?: string | undefined
  readonly AWS_ACCESS_KEY_ID: string
  readonly AWS_SECRET_ACCESS_KEY: string
  readonly AWS_REGION?: string | undefined
  readonly AWS_SESSION_TOKEN?: string | undefined
}

const MAX_FILE_BYTES = 1 << 20

/**
 * @param source the path of a `.env` file, or an object with the same keys (`process.env` will do); the rest of it is ignored
 * @returns a copy whose secrets can be read but are not enumerable: JSON, `util.inspect` and spreading leave them out
 * @throws {ShardexError} `credentials.missing` with the keys that are missing or empty; `config.invalid` for an endpoint that is no URL
 */
export function readS3Credentials(source: string | Readonly<Record<string, string | undefined>> | S3Credentials): S3Credentials {
  const isPath = typeof source === 'string'
  const from = isPath ? source : 'the credentials object'
  const values: Readonly<Record<string, string | undefined>> = isPath ? readEnvFile(source) : { ...source, ...secretsOf(source) }
  const missing = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].filter((key) => !values[key])
  if (missing.length > 0) throw credentialsMissing(from, missing, `${from} lacks ${missing.join(' and ')}`)
  const endpoint = values['AWS_ENDPOINT'] || undefined
  if (endpoint !== undefined) assertEndpoint(endpoint)
  return concealed(values, endpoint)
}

/** @throws {ShardexError} `config.invalid` */
export function assertEndpoint(endpoint: string): void {
  const url = URL.parse(endpoint)
  const isClean =
    url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.search === ''
  if (isClean) return
  const wanted = 'http://host:port or https://host, without credentials or query'
  const found = url === null || url.username === '' ? endpoint.slice(0, 100) : 'a URL with credentials inside'
  throw new ShardexError(
    'config.invalid',
    { setting: 'AWS_ENDPOINT', found, wanted },
    { message: `AWS_ENDPOINT is ${found}; wanted ${wanted}` },
  )
}

export function credentialsMissing(source: string, missing: readonly string[], what: string, cause?: unknown): ShardexError {
  const advice = 'give the path of a .env file, an object, or set up the AWS default chain'
  return new ShardexError('credentials.missing', { source, missing }, { message: `no S3 credentials: ${what}; ${advice}`, cause })
}

function readEnvFile(path: string): Record<string, string> {
  const missing = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    throw credentialsMissing(path, missing, `${path} cannot be read`, cause)
  }
  if (bytes.length > MAX_FILE_BYTES)
    throw credentialsMissing(path, missing, `${path} has ${bytes.length} bytes and is no .env file`)
  return parse(bytes)
}

/** Of an object that this module made: they are not enumerable there. */
function secretsOf(source: object): Record<string, string | undefined> {
  return {
    AWS_SECRET_ACCESS_KEY: Reflect.get(source, 'AWS_SECRET_ACCESS_KEY'),
    AWS_SESSION_TOKEN: Reflect.get(source, 'AWS_SESSION_TOKEN'),
  }
}

function concealed(values: Readonly<Record<string, string | undefined>>, endpoint: string | undefined): S3Credentials {
  const shown = {
    ...(endpoint !== undefined && { AWS_ENDPOINT: endpoint }),
    ...(values['AWS_REGION'] && { AWS_REGION: values['AWS_REGION'] }),
    AWS_ACCESS_KEY_ID: values['AWS_ACCESS_KEY_ID'] ?? '',
    AWS_SECRET_ACCESS_KEY: values['AWS_SECRET_ACCESS_KEY'] ?? '',
    ...(values['AWS_SESSION_TOKEN'] && { AWS_SESSION_TOKEN: values['AWS_SESSION_TOKEN'] }),
  }
  for (const key of ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) {
    if (key in shown) Object.defineProperty(shown, key, { enumerable: false })
  }
  return Object.freeze(shown)
}
