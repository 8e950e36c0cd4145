import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Child, run, startChild, untilReady } from './child.ts'
import { findProgram } from './find-program.ts'
import { withFreePorts } from './free-port.ts'
import { type S3Server, s3Answers } from './s3.ts'
import type { Service } from './service.ts'
import { tempDir } from './temp-dir.ts'

export const VERSITYGW_VERSION = '1.8.0'
const MODULE = `github.com/versity/versitygw/cmd/versitygw@v${VERSITYGW_VERSION}`
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/shardex/', import.meta.url))

/** A gateway of one's own, which can be killed and come back at the same address with the same objects. */
export interface OwnVersitygw extends Service<S3Server> {
  /** By SIGKILL. Its files stay. */
  kill(): Promise<void>
  restart(): Promise<void>
}

/** Starts the Versity S3 gateway on loopback, over a folder of its own. */
export function startVersitygw(program: string): Promise<OwnVersitygw> {
  return withFreePorts(1, async ([port = 0]) => {
    await using undo = new AsyncDisposableStack()
    const dir = undo.use(await tempDir('versitygw'))
    await mkdir(dir.file('buckets'))
    const server: S3Server = {
      name: 'versitygw',
      endpoint: `http://127.0.0.1:${port}`,
      accessKeyId: 'shardex',
      secretAccessKey: randomBytes(16).toString('hex'),
      region: 'us-east-1',
    }
    const start = async (): Promise<Child> => {
      const child = await startChild(program, ['--quiet', '--port', `127.0.0.1:${port}`, 'posix', dir.file('buckets')], {
        logFile: dir.file('versitygw.log'),
        env: { ROOT_ACCESS_KEY_ID: server.accessKeyId, ROOT_SECRET_ACCESS_KEY: server.secretAccessKey },
        stopSignal: 'SIGKILL',
      })
      await untilReady(() => s3Answers(server.endpoint), { what: program, child })
      return child
    }
    let child = await start()
    undo.defer(() => child.stop())
    const owned = undo.move()
    return {
      address: server,
      program: `versitygw ${await version(program)}`,
      kill: () => child.stop(),
      async restart() {
        child = await start()
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    }
  })
}

/** Builds the gateway from its pinned module where a Go toolchain is, once per checkout. Takes about 85 s the first time. */
export async function buildVersitygw(): Promise<string | undefined> {
  const built = `${CACHE}versitygw-${VERSITYGW_VERSION}`
  if (existsSync(built)) return built
  const go = findProgram('go')
  if (!go) return undefined
  process.stderr.write(`building versitygw ${VERSITYGW_VERSION}; the first time takes a minute or two…\n`)
  const workshop = `${CACHE}go-${process.pid}`
  await mkdir(workshop, { recursive: true })
  await run(go, ['install', MODULE], { GOBIN: workshop })
  await rename(`${workshop}/versitygw`, built)
  await rm(workshop, { recursive: true })
  return built
}

async function version(program: string): Promise<string> {
  const printed = /Version\s*:\s*v?(\d\S*)/.exec(await run(program, ['--version']))?.[1]
  const go = findProgram('go')
  // Built by `go install` it does not know its version, but the module's is stamped into the program.
  const stamped = printed || !go ? '' : await run(go, ['version', '-m', program]).catch(() => '')
  return printed ?? /^\s*mod\s+\S+\s+v(\S+)/m.exec(stamped)?.[1] ?? 'of unknown version'
}
