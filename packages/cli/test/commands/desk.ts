import { Readable } from 'node:stream'
import { openStorage } from '@shardex/storage'
import { describe } from 'vitest'
import { describeS3, freshBucket, freshPrefix, redisUrl, type S3Server } from '../../../../test/services/index.ts'
import { main } from '../../src/main.ts'
import { type TempDir, tempDir } from '../temp-dir.ts'

/** How a command line ended, and what it wrote. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  /** As on a terminal that is 100 columns wide. */
  readonly tty?: boolean | undefined
  /** What a person types there. */
  readonly answer?: string | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
}

/** Where somebody types commands: a folder, a registry and a store of their own. */
export interface Desk extends AsyncDisposable {
  readonly dir: TempDir
  readonly env: Readonly<Record<string, string>>
  /** Runs a command line in this process. */
  shardex(argv: readonly string[], options?: CommandOptions): Promise<Ended>
  /** The same with `--json`, which must succeed: its document. */
  json(argv: readonly string[]): Promise<unknown>
  /** URLs of all objects in the store. */
  objects(): Promise<string[]>
}

/** Run the same tests on SQLite and a directory, and on Redis and the S3 servers of the run. */
export function describeDesks(name: string, tests: (open: () => Promise<Desk>) => void): void {
  describe(`${name} on SQLite and disk`, () => tests(openDesk))
  describeS3(`${name} on Redis and S3`, (server) => tests(() => openServerDesk(server)))
}

export async function openDesk(): Promise<Desk> {
  const dir = await tempDir()
  return desk(dir, { SHARDEX_HOME: `${dir.path}/home` }, `${dir.path}/home/data/`)
}

export async function openServerDesk(server: S3Server): Promise<Desk> {
  const dir = await tempDir()
  const bucket = await freshBucket(server)
  const env = {
    SHARDEX_HOME: `${dir.path}/home`,
    REDIS_URL: redisUrl(),
    SHARDEX_KEY_PREFIX: freshPrefix(),
    SHARDEX_S3: `${bucket.name}/sets`,
    AWS_ENDPOINT: server.endpoint,
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
  }
  return desk(dir, env, `s3://${bucket.name}/`, bucket)
}

function desk(dir: TempDir, env: Readonly<Record<string, string>>, root: string, place?: AsyncDisposable): Desk {
  const shardex = (argv: readonly string[], options?: CommandOptions): Promise<Ended> =>
    runMain(argv, { ...options, env: { ...env, ...options?.env }, cwd: dir.path })
  return {
    dir,
    env,
    shardex,
    async json(argv) {
      const { code, stdout, stderr } = await shardex([...argv, '--json'])
      if (code !== 0) throw new Error(`shardex ${argv.join(' ')}: exit ${code}\n${stderr}`)
      return JSON.parse(stdout)
    },
    objects: () => listObjects(root, env),
    async [Symbol.asyncDispose]() {
      await place?.[Symbol.asyncDispose]()
      await dir[Symbol.asyncDispose]()
    },
  }
}

/** `main`, with streams that keep what is written. */
export async function runMain(
  argv: readonly string[],
  {
    tty = false,
    answer = '',
    env = {},
    cwd = '/',
    signal = new AbortController().signal,
  }: CommandOptions & { cwd?: string } = {},
): Promise<Ended> {
  const written = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr') => ({
    ...(tty && { isTTY: true, columns: 100 }),
    write(text: string) {
      written[name] += text
    },
  })
  const stdin = Object.assign(Readable.from([answer]), { isTTY: tty })
  const code = await main(argv, { stdin, stdout: stream('stdout'), stderr: stream('stderr'), env, cwd, signal })
  return { code, ...written }
}

async function listObjects(root: string, env: Readonly<Record<string, string>>): Promise<string[]> {
  const { AWS_ENDPOINT, AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = env
  await using storage = openStorage({ s3: { AWS_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } })
  const { store, key } = await storage.locate(`${root}x`)
  const urls: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.list(key.slice(0, -1), { cursor })
    urls.push(...page.objects.map((object) => store.urlOf(object.key)))
    cursor = page.cursor
  } while (cursor !== undefined)
  return urls
}
