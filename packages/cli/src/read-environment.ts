import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ShardexError } from '@shardex/errors'
import { parse } from 'dotenv'

/** The settings that count, as they were written; empty ones are as good as none. */
export type Settings = Readonly<Partial<Record<(typeof SETTINGS)[number] | (typeof TRUST)[number], string>>>

const SETTINGS = [
  'REDIS_URL',
  'SHARDEX_KEY_PREFIX',
  'SHARDEX_S3',
  'SHARDEX_HOME',
  'AWS_ENDPOINT',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_REGION',
] as const

/** Who is believed about accounts, and so whom a password goes to. A `.env` that came with a folder does not say that. */
const TRUST = ['SHARDEX_PLC_URL', 'SHARDEX_HANDLE_RESOLVER', 'SHARDEX_ALLOW_PRIVATE'] as const

/**
 * The environment, and below it the `.env` of the working directory; how accounts are found, from the environment alone. Nothing else of the command line reads either.
 * @throws {ShardexError} `config.invalid` for a `.env` that is there and cannot be read
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>, cwd: string): Settings {
  const file = readEnvFile(join(cwd, '.env'))
  const found = SETTINGS.map((name) => [name, env[name] || file[name]] as const)
  const trusted = TRUST.map((name) => [name, env[name]] as const)
  return Object.fromEntries([...found, ...trusted].filter(([, value]) => value))
}

const MAX_BYTES = 1 << 20

function readEnvFile(path: string): Readonly<Record<string, string | undefined>> {
  try {
    const text = readFileSync(path, 'utf8')
    if (text.length <= MAX_BYTES) return parse(text) // as a file of --s3-credentials is
    throw unreadable(path, `${text.length} characters`)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // A directory of that name is a virtual environment of Python, for instance.
    if (code === 'ENOENT' || code === 'EISDIR') return {}
    throw error instanceof ShardexError ? error : unreadable(path, String(code ?? error), error)
  }
}

function unreadable(path: string, found: string, cause?: unknown): ShardexError {
  const wanted = 'a file of NAME=value lines that can be read'
  const message = `cannot read ${path}: found ${found}, wanted ${wanted}`
  return new ShardexError('config.invalid', { setting: path, found, wanted }, { message, cause })
}
