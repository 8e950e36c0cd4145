import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from './find-program.ts'
import { onExit } from './on-exit.ts'

/** A server we started. It ends with us: when disposed, when this process exits or is interrupted. */
export interface Child extends AsyncDisposable {
  readonly pid: number
  /** How it ended (`exit code 1`, `SIGKILL`), or `undefined` while it runs. */
  ended(): string | undefined
  /** The last lines it printed. */
  logTail(): Promise<string>
  /** Sends the signal to its process group and waits for the end; after 10 s it is killed. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

export interface StartOptions {
  readonly logFile: string
  readonly env?: Readonly<Record<string, string>> | undefined
  /** The signal of an orderly stop. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals | undefined
}

export async function startChild(program: string, args: readonly string[], options: StartOptions): Promise<Child> {
  const log = openSync(options.logFile, 'a')
  const [file, argv] = boundToOurLife(program, args)
  const child = spawn(file, argv, {
    // Its own process group: what it starts ends with it, and a Ctrl-C in our terminal is ours to handle.
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...options.env },
  })
  closeSync(log)
  await once(child, 'spawn')
  const forget = onExit(() => signalGroup(child, 'SIGKILL'))
  child.once('exit', forget)
  child.unref()

  const stop = async (signal = options.stopSignal ?? 'SIGTERM'): Promise<void> => {
    if (ended(child)) return
    const exited = once(child, 'exit')
    child.ref()
    signalGroup(child, signal)
    const kill = setTimeout(() => signalGroup(child, 'SIGKILL'), 10_000)
    await exited
    clearTimeout(kill)
  }
  return {
    pid: child.pid as number,
    ended: () => ended(child),
    logTail: async () => (await readFile(options.logFile, 'utf8')).trimEnd().split('\n').slice(-20).join('\n'),
    stop,
    [Symbol.asyncDispose]: () => stop(),
  }
}

export interface ReadyOptions {
  readonly what: string
  readonly child?: Child | undefined
  readonly deadlineMs?: number | undefined
}

/** Asks `probe` until it does not throw. Fails with the server's last lines when it ends, or when the deadline (60 s) passes. */
export async function untilReady<T>(probe: () => Promise<T>, { what, child, deadlineMs = 60_000 }: ReadyOptions): Promise<T> {
  const giveUpAtMs = Date.now() + deadlineMs
  for (;;) {
    try {
      const answer = await probe()
      // Somebody else on that port must not pass for ours.
      if (child?.ended() === undefined) return answer
      throw new Error('another program answers there')
    } catch (cause) {
      const ended = child?.ended()
      if (ended !== undefined || Date.now() > giveUpAtMs) {
        const state = ended === undefined ? `did not answer within ${deadlineMs / 1000} s` : `ended (${ended})`
        throw new Error(`${what} ${state}. ${String(cause)}\n${(await child?.logTail()) ?? ''}`, { cause })
      }
      await new Promise((resume) => setTimeout(resume, 50))
    }
  }
}

/** Runs a program to its end and returns what it printed. Fails with its stderr. No shell is involved. */
export async function run(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, args, { env: { ...process.env, ...env }, maxBuffer: 64 << 20 })
    return stdout
  } catch (cause) {
    const stderr = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : ''
    throw new Error(`${basename(program)} ${args.slice(0, 4).join(' ')} failed: ${stderr.trim().slice(-2000) || String(cause)}`, {
      cause,
    })
  }
}

/** With util-linux's setpriv the kernel ends the child even when we are killed by SIGKILL and no handler of ours runs. */
function boundToOurLife(program: string, args: readonly string[]): [string, string[]] {
  const setpriv = process.platform === 'linux' ? findProgram('setpriv') : undefined
  return setpriv ? [setpriv, ['--pdeathsig', 'KILL', '--', program, ...args]] : [program, [...args]]
}

function ended(child: ChildProcess): string | undefined {
  return child.signalCode ?? (child.exitCode === null ? undefined : `exit code ${child.exitCode}`)
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-(child.pid as number), signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
