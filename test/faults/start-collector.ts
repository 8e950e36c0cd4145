import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type TempDir, tempDir } from '../services/index.ts'
import type { RepoAddress } from './repo-address.ts'

const COLLECTOR = fileURLToPath(new URL('collector.ts', import.meta.url))
const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/shardex/compiled', import.meta.url))

/** What killed collectors leave in their folder for temporary files goes away with the test run. */
let surveys: Promise<TempDir> | undefined

/** A process that collects garbage; disposing kills it. */
export interface Collector extends AsyncDisposable {
  /** Kill it at once. */
  kill(): void
  /** Resolves when it is dead. @throws if it failed by itself */
  readonly ended: Promise<'killed' | 'finished'>
}

/** Resolves when it begins its first run. */
export async function startCollector(address: RepoAddress): Promise<Collector> {
  surveys ??= tempDir('collectors')
  const { path: TMPDIR } = await surveys
  const child = fork(COLLECTOR, [JSON.stringify(address)], {
    execArgv: ['--conditions=@shardex/source', '--disable-warning=ExperimentalWarning'],
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILED, TMPDIR },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let complaint = ''
  child.stderr?.on('data', (text: Buffer) => {
    complaint = (complaint + text.toString()).slice(0, 4000)
  })
  const ended = once(child, 'exit').then(([code]: unknown[]) => {
    if (code === 0) return 'finished'
    if (code === null) return 'killed'
    throw new Error(`the collector ended with code ${String(code)}: ${complaint}`)
  })
  ended.catch(() => undefined)
  const kill = (): void => void child.kill('SIGKILL')
  await Promise.race([once(child, 'message'), ended])
  return {
    kill,
    ended,
    async [Symbol.asyncDispose]() {
      kill()
      await ended.catch(() => undefined)
    },
  }
}
