import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type TempDir, tempDir } from '../services/index.ts'
import { forgetClock } from './own-clock.ts'
import type { Job, Said } from './writer.ts'

/** How an insert in another process ended: with its word, or without one. */
export type Ending = Exclude<Said, string> | 'killed'

/** A process that inserts. It is ready to begin; disposing kills it. */
export interface Writer extends Disposable {
  /** Begin; to be called once. @returns how it ended */
  insert(job: Job): Promise<Ending>
  /** Resolves when the writer has come to the sample where it was told to pause. */
  readonly paused: Promise<void>
  goOn(): void
  /** From this moment on the process does nothing more. */
  signal(signal: NodeJS.Signals): void
}

const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url))
const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/shardex/compiled', import.meta.url))

/** What killed writers leave in their folder for temporary files goes away with the test run. */
let spools: Promise<TempDir> | undefined

/** @param environment beside that of this process */
export async function startWriter(environment: Readonly<Record<string, string>> = {}): Promise<Writer> {
  spools ??= tempDir('writers')
  const { path: TMPDIR } = await spools
  const child = fork(WRITER, {
    execArgv: ['--conditions=@shardex/source', '--disable-warning=ExperimentalWarning'],
    // Most of the start is compiling: hundreds of writers need not do the same again.
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILED, TMPDIR, ...environment },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let complaint = ''
  child.stderr?.on('data', (text: Buffer) => {
    complaint = (complaint + text.toString()).slice(0, 4000)
  })
  const paused = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<Ending>()
  child.on('message', (said: Said) => {
    if (said === 'paused') paused.resolve()
    else if (said !== 'ready') ended.resolve(said)
  })
  child.on('exit', (code) => {
    if (code === null) ended.resolve('killed')
    else ended.reject(new Error(`the writer ended with code ${code}: ${complaint}`))
  })
  ended.promise.catch(() => undefined)
  await Promise.race([once(child, 'message'), ended.promise])
  return {
    insert(job) {
      child.send(job)
      return ended.promise
    },
    paused: paused.promise,
    goOn: () => void child.send('go on'),
    signal: (signal) => send(child, signal),
    [Symbol.dispose]() {
      send(child, 'SIGKILL')
      if (child.pid !== undefined && 'LD_PRELOAD' in environment) forgetClock(child.pid)
    },
  }
}

function send(child: ChildProcess, signal: NodeJS.Signals): void {
  child.kill(signal)
}
