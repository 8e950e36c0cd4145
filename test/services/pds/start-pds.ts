import { createHmac, randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { type Child, startChild, untilReady } from '../child.ts'
import { withFreePorts } from '../free-port.ts'
import { tempDir } from '../temp-dir.ts'
import { installPds } from './install.ts'
import type { PdsSettings, PlcSettings } from './server.ts'

/** A PDS of one's own with a PLC directory of its own, both on loopback. The PDS can be ended and come back at the same address. */
export interface OwnPds extends AsyncDisposable {
  /** The service to log in at: `http://localhost:1234`. */
  readonly url: string
  /** The directory that knows its accounts. */
  readonly plcUrl: string
  /** @param handle below `.test`: `alice.test` */
  createAccount(handle: string, password: string): Promise<PdsAccount>
  /** Waits for the orderly end of the PDS. Its files and the directory stay. */
  stop(): Promise<void>
  /** The crash. */
  kill(): Promise<void>
  /** Starts the PDS again, ending it first where it still runs. */
  restart(): Promise<void>
  /** An access token that was good until an hour ago. */
  expiredToken(did: string): string
}

export interface PdsAccount {
  readonly did: string
  readonly handle: string
  readonly password: string
}

export interface PdsOptions {
  /** The largest blob that is taken, in bytes. Default: as the lexicon of datasets has it, 50 MiB. */
  readonly blobLimitBytes?: number | undefined
}

/** For a test that waits for it to come back: it takes three seconds, and ten times that on a machine with more to do. */
export const RESTART_MS = 240_000

/** Takes three seconds. Throws where the packages cannot be had. */
export async function startPds({ blobLimitBytes = 50 << 20 }: PdsOptions = {}): Promise<OwnPds> {
  const home = await installPds()
  return withFreePorts(2, async ([port = 0, plcPort = 0]) => {
    await using undo = new AsyncDisposableStack()
    const dir = undo.use(await tempDir('pds'))
    const [url, plcUrl] = [`http://localhost:${port}`, `http://localhost:${plcPort}`]
    const jwtSecret = randomBytes(16).toString('hex')
    const environment = {
      devMode: true,
      port,
      hostname: 'localhost',
      dataDirectory: dir.path,
      blobstoreDiskLocation: dir.file('blobs'),
      blobUploadLimit: blobLimitBytes,
      didPlcUrl: plcUrl,
      adminPassword: randomBytes(16).toString('hex'),
      jwtSecret,
      plcRotationKeyK256PrivateKeyHex: randomBytes(32).toString('hex'),
      serviceHandleDomains: ['.test'],
      inviteRequired: false,
      disableSsrfProtection: true,
    }
    const serve = async (settings: PlcSettings | PdsSettings, healthUrl: string): Promise<Child> => {
      const what = `${settings.serve} on port ${settings.port}`
      const args = [SERVER, home, JSON.stringify(settings)]
      const child = await startChild(process.execPath, args, { logFile: dir.file(`${settings.serve}.log`), env: ENVIRONMENT })
      await untilReady(() => answers(healthUrl), { what, child, deadlineMs: 120_000 })
      return child
    }
    const servePds = () => serve({ serve: 'pds', port, environment }, `${url}/xrpc/_health`)
    const plc = serve({ serve: 'plc', port: plcPort }, `${plcUrl}/_health`)
    let pds = await servePds()
    undo.use(await plc)
    undo.defer(() => pds.stop('SIGKILL'))
    const owned = undo.move()
    return {
      url,
      plcUrl,
      createAccount: (handle, password) => createAccount(url, handle, password),
      stop: () => pds.stop(),
      kill: () => pds.stop('SIGKILL'),
      async restart() {
        await pds.stop()
        pds = await servePds()
      },
      expiredToken: (did) => signToken(jwtSecret, { scope: 'com.atproto.access', aud: 'did:web:localhost', sub: did }),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    }
  })
}

const SERVER = fileURLToPath(new URL('server.ts', import.meta.url))
/** Most of a start is compiling. */
const COMPILED = fileURLToPath(new URL('../../../node_modules/.cache/shardex/compiled', import.meta.url))
const ENVIRONMENT = { LOG_ENABLED: '0', NODE_OPTIONS: '', NODE_ENV: 'test', NODE_COMPILE_CACHE: COMPILED }

async function answers(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`${url} answers ${response.status}`)
}

async function createAccount(url: string, handle: string, password: string): Promise<PdsAccount> {
  const response = await fetch(`${url}/xrpc/com.atproto.server.createAccount`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ handle, password, email: `${handle}@example.com` }),
  })
  const answer = (await response.json()) as { did: string; message?: string }
  if (!response.ok) throw new Error(`${handle}: ${answer.message}`)
  return { did: answer.did, handle, password }
}

function signToken(secret: string, claims: object): string {
  const hourAgo = Math.floor(Date.now() / 1000) - 3600
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const body = `${part({ typ: 'at+jwt', alg: 'HS256' })}.${part({ ...claims, iat: hourAgo - 7200, exp: hourAgo })}`
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`
}
