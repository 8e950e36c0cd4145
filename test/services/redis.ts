import { Redis } from 'ioredis'
import { canInstall, install } from './apt.ts'
import { type Child, run, startChild, untilReady } from './child.ts'
import { findProgram } from './find-program.ts'
import { withFreePorts } from './free-port.ts'
import type { Service } from './service.ts'
import { tempDir } from './temp-dir.ts'

export interface RedisAddress {
  readonly url: string
}

/** A Redis of one's own, which can be killed and come back at the same address. */
export interface OwnRedis extends Service<RedisAddress> {
  /** The current process. */
  child(): Child
  /** Ends the server; `SIGKILL` is the crash. Its files stay. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port and the same files. */
  restart(): Promise<void>
}

export interface RedisOptions {
  /** Keep an append-only file, synced before each answer: what was acknowledged outlives a crash. Default false. */
  readonly appendOnly?: boolean | undefined
  /** Further settings, as in redis.conf: `{ maxmemory: '16mb' }`. */
  readonly settings?: Readonly<Record<string, string>> | undefined
}

/** Starts a redis-server of its own on loopback, in a folder of its own. Installs it first where that is possible. */
export async function startRedis(options: RedisOptions = {}): Promise<OwnRedis> {
  const program = findProgram('redis-server') ?? (await installRedis())
  if (!program) throw new Error('no redis-server on PATH; install Redis, or give the tests a REDIS_URL')
  return startRedisProgram(program, options)
}

export function startRedisProgram(program: string, options: RedisOptions = {}): Promise<OwnRedis> {
  return withFreePorts(1, async ([port = 0]) => {
    await using undo = new AsyncDisposableStack()
    const dir = undo.use(await tempDir('redis'))
    const settings = {
      bind: '127.0.0.1',
      port: String(port),
      dir: dir.path,
      // Enough that every test file can have a database of its own.
      databases: '1024',
      save: '',
      appendonly: options.appendOnly ? 'yes' : 'no',
      // With everysec Redis answers before it writes, as long as an earlier sync lasts.
      appendfsync: 'always',
      ...options.settings,
    }
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
    const url = `redis://127.0.0.1:${port}`
    const start = async (): Promise<[Child, string]> => {
      const child = await startChild(program, args, { logFile: dir.file('redis.log') })
      return [child, await untilReady(() => redisVersion(url), { what: program, child })]
    }
    let [child, version] = await start()
    undo.defer(() => child.stop('SIGKILL'))
    const owned = undo.move()
    return {
      address: { url },
      program: `Redis ${version}`,
      child: () => child,
      stop: (signal) => child.stop(signal),
      async restart() {
        await child.stop()
        ;[child, version] = await start()
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    }
  })
}

export async function installRedis(): Promise<string | undefined> {
  if (!canInstall()) return undefined
  await install(['redis-server'])
  // Debian enables its service for the next boot; the tests only wanted the program.
  const systemctl = findProgram('systemctl')
  if (systemctl) await run(systemctl, ['disable', '--quiet', 'redis-server']).catch(() => undefined)
  return findProgram('redis-server')
}

/** The version of the server that answers there. Throws if none does. */
export async function redisVersion(url: string): Promise<string> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 5000 })
  // The command's rejection only says that the connection is closed; this says why.
  let reason: unknown
  redis.on('error', (error) => {
    reason = error
  })
  try {
    await redis.connect()
    return /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'of unknown version'
  } catch (cause) {
    throw new Error(`no Redis answers at ${new URL(url).host}: ${String(reason ?? cause)}`, { cause: reason ?? cause })
  } finally {
    redis.disconnect()
  }
}
