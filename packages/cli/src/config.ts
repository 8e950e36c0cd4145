import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { ShardexError } from '@shardex/errors'
import { readS3Credentials, type S3Credentials } from '@shardex/storage'
import type { Arguments } from './arguments.ts'
import type { Settings } from './read-environment.ts'
import { usageError } from './usage-error.ts'

/** Where the registry and the shards are, complete and checked. */
export interface Config {
  readonly registry:
    | { readonly kind: 'redis'; readonly url: string; readonly keyPrefix?: string | undefined }
    | { readonly kind: 'sqlite'; readonly path: string }
  readonly store:
    | {
        readonly kind: 's3'
        readonly bucket: string
        /** Without `/` at either end; may be empty. */
        readonly prefix: string
        /** Left out: the default chain of the AWS SDK. */
        readonly credentials?: S3Credentials | undefined
      }
    | { readonly kind: 'disk'; readonly root: string }
  /** How accounts of the AT Protocol are found. */
  readonly atmosphere: {
    readonly plcUrl?: string | undefined
    readonly handleResolver?: string | undefined
    readonly allowPrivate: boolean
  }
}

/**
 * Flags beat settings, settings beat defaults.
 * @throws {ShardexError} `usage.invalid` for flags that exclude each other; `config.invalid`, `credentials.missing` for what they say
 */
export function readConfig(args: Pick<Arguments, 'text'>, settings: Settings, cwd: string): Config {
  assertOneOf(args, 'redis', 'db')
  assertOneOf(args, 's3', 'root')
  const home = resolve(cwd, args.text('home') ?? settings.SHARDEX_HOME ?? join(homedir(), '.shardex'))
  return {
    registry: registryOf(args, settings, home, cwd),
    store: storeOf(args, settings, home, cwd),
    atmosphere: atmosphereOf(settings),
  }
}

function registryOf(args: Pick<Arguments, 'text'>, settings: Settings, home: string, cwd: string): Config['registry'] {
  const path = args.text('db')
  if (path !== undefined) return { kind: 'sqlite', path: resolve(cwd, path) }
  // Who names a home means what is in it, whatever the environment says.
  const url = args.text('redis') ?? (args.text('home') === undefined ? settings.REDIS_URL : undefined)
  if (url === undefined) return { kind: 'sqlite', path: join(home, 'index.db') }
  assertRedisUrl(url)
  return { kind: 'redis', url, ...(settings.SHARDEX_KEY_PREFIX !== undefined && { keyPrefix: settings.SHARDEX_KEY_PREFIX }) }
}

function storeOf(args: Pick<Arguments, 'text'>, settings: Settings, home: string, cwd: string): Config['store'] {
  const root = args.text('root')
  const file = args.text('s3-credentials')
  const place = args.text('s3') ?? (root === undefined && args.text('home') === undefined ? settings.SHARDEX_S3 : undefined)
  if (place === undefined) {
    if (file !== undefined) throw usageError('--s3-credentials', 'no bucket', '--s3 BUCKET[/PREFIX] beside it')
    return { kind: 'disk', root: root === undefined ? join(home, 'data') : resolve(cwd, root) }
  }
  const [bucket = '', ...prefix] = place
    .replace(/^s3:\/\//, '')
    .replace(/\/+$/, '')
    .split('/')
  if (!/^[a-z0-9][a-z0-9.-]{1,62}$/i.test(bucket)) throw invalid('the S3 place', JSON.stringify(place), 'BUCKET or BUCKET/PREFIX')
  return { kind: 's3', bucket, prefix: prefix.join('/'), credentials: credentialsOf(file, settings, cwd) }
}

function credentialsOf(file: string | undefined, settings: Settings, cwd: string): S3Credentials | undefined {
  if (file !== undefined) return readS3Credentials(resolve(cwd, file))
  // An endpoint without keys, or half a pair, is a slip and not a wish for the default chain.
  const given = settings.AWS_ACCESS_KEY_ID ?? settings.AWS_SECRET_ACCESS_KEY ?? settings.AWS_ENDPOINT
  return given === undefined ? undefined : readS3Credentials(settings)
}

function atmosphereOf({ SHARDEX_PLC_URL, SHARDEX_HANDLE_RESOLVER, SHARDEX_ALLOW_PRIVATE = '0' }: Settings): Config['atmosphere'] {
  for (const [name, text] of Object.entries({ SHARDEX_PLC_URL, SHARDEX_HANDLE_RESOLVER })) {
    if (text !== undefined && !/^https?:$/.test(URL.parse(text)?.protocol ?? ''))
      throw invalid(name, JSON.stringify(text), 'https://host')
  }
  if (!/^[01]$/.test(SHARDEX_ALLOW_PRIVATE))
    throw invalid('SHARDEX_ALLOW_PRIVATE', JSON.stringify(SHARDEX_ALLOW_PRIVATE), '1 or 0')
  return { plcUrl: SHARDEX_PLC_URL, handleResolver: SHARDEX_HANDLE_RESOLVER, allowPrivate: SHARDEX_ALLOW_PRIVATE === '1' }
}

function assertOneOf(args: Pick<Arguments, 'text'>, one: string, other: string): void {
  if (args.text(one) !== undefined && args.text(other) !== undefined)
    throw usageError(`--${one}`, `--${other} too`, 'one of the two')
}

function assertRedisUrl(text: string): void {
  if (/^rediss?:$/.test(URL.parse(text)?.protocol ?? '')) return
  // Not repeated: it may hold a password.
  throw invalid('the address of Redis', 'something else', 'redis://host:port/database or rediss://…')
}

function invalid(setting: string, found: string, wanted: string): ShardexError {
  return new ShardexError(
    'config.invalid',
    { setting, found, wanted },
    { message: `${setting}: found ${found}, wanted ${wanted}` },
  )
}
