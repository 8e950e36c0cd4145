import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { tempDir } from '../services/temp-dir.ts'
import type { Fault } from './check-case.ts'
import type { Report, Work } from './child.ts'

/** A case that broke its parser. */
export interface Failure {
  readonly target: string
  readonly seed: number
  readonly at: number
  readonly fault: Fault
}

export interface FuzzOptions {
  readonly target: string
  readonly seed: number
  readonly first?: number | undefined
  /** How many cases. */
  readonly count: number
  readonly onFailure: (failure: Failure) => void
  /** Called now and then with the number of cases done. */
  readonly onProgress?: ((done: number) => void) | undefined
  /** A case that takes longer is taken for one that never ends. */
  readonly hangMs?: number | undefined
}

/** So little that whatever keeps more than a small multiple of its input dies of it. */
const MAX_HEAP_MIB = 384
const LOOK_MS = 250
const CHILD = fileURLToPath(new URL('child.ts', import.meta.url))

/**
 * Run cases of a target in a process of their own: a thread that fills its heap cannot always be stopped. A case that hangs or kills the process is
 * reported like any other, and the next process goes on behind it.
 */
export async function fuzz(options: FuzzOptions): Promise<void> {
  await using scratch = await tempDir('fuzz')
  const { target, seed, first: start = 0, count } = options
  const end = start + count
  const rest = { target, seed, end, scratch: scratch.path, atFile: scratch.file('at') }
  for (let first = start; first < end; ) first = await runChild(options, { ...rest, first })
}

/** @returns the case to go on with */
async function runChild(
  { target, seed, first, onFailure, onProgress, hangMs = 10_000 }: FuzzOptions,
  work: Work,
): Promise<number> {
  const child = fork(CHILD, [JSON.stringify(work)], {
    execArgv: ['--conditions=@shardex/source', '--disable-warning=ExperimentalWarning', `--max-old-space-size=${MAX_HEAP_MIB}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let isDone = false
  let fault: Fault | undefined
  let complaint = ''
  child.stderr?.on('data', (text: Buffer) => {
    complaint = (complaint + text.toString()).slice(0, 2000)
  })
  child.on('message', (report: Report) => {
    if (report === 'done') isDone = true
    else onFailure({ target, seed, ...report })
  })
  let seen = work.first
  let since = performance.now()
  const watch = setInterval(() => {
    const current = currentCase(work)
    if (current !== seen) {
      seen = current ?? work.first
      since = performance.now()
      onProgress?.(seen - (first ?? 0))
    } else if (current !== undefined && performance.now() - since > hangMs) {
      fault = { kind: 'hang', message: `no end after ${hangMs} ms` }
      child.kill('SIGKILL')
    }
  }, LOOK_MS)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  child.on('error', reject).on('close', () => resolve())
  try {
    await promise
  } finally {
    clearInterval(watch)
  }
  if (isDone) return work.end
  const current = currentCase(work)
  if (current === undefined) throw new Error(`the process of ${target} did not start: ${complaint}`)
  onFailure({ target, seed, at: current, fault: fault ?? { kind: 'crash', message: gist(complaint) } })
  return current + 1
}

/** `undefined` before the first. */
function currentCase({ atFile, first }: Work): number | undefined {
  try {
    const { buffer, byteOffset, length } = readFileSync(atFile)
    const current = length === 8 ? new DataView(buffer, byteOffset).getFloat64(0, true) : -1
    return current >= first ? current : undefined
  } catch {
    return undefined
  }
}

/** The line of an uncaught error or of the engine's last words. */
function gist(complaint: string): string {
  const lines = complaint.split('\n').filter((line) => line.trim() !== '')
  return lines.find((line) => /Error|FATAL/.test(line)) ?? lines[0] ?? 'it waits for something that cannot come'
}
