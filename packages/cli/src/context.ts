import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { AtmosphereIndex, Sessions } from '@shardex/atproto-bridge'
import type { LocalIndex } from '@shardex/index'
import type { Repo } from '@shardex/repo'
import type { Config } from './config.ts'
import { openProgress, type Progress } from './progress.ts'
import type { Terminal } from './terminal.ts'
import type { Workspace } from './workspace.ts'

/** What a command may use. */
export interface Context {
  readonly config: Config
  readonly index: LocalIndex
  readonly repo: Repo
  /** What others have published; loaded only when it is asked for. */
  readonly atmosphere: () => Promise<AtmosphereIndex>
  /** Of this user with accounts of the AT Protocol. */
  readonly sessions: () => Promise<Sessions>
  readonly signal: AbortSignal
  /** Relative paths start here. */
  readonly cwd: string
  /** A line on stderr while it runs, on a terminal only. */
  readonly progress: (options: { label: string; unit: string; total?: number | undefined }) => Progress
  /** Something worth knowing that is not the result: lines on stderr, unless the result is JSON. */
  readonly note: (text: string) => void
  /** What the command is given on stdin. */
  readonly input: AsyncIterable<unknown>
  /** Something that a person has to do before it goes on: on stderr, always. */
  readonly ask: (text: string) => void
  /** Ask a person. `undefined` if there is nobody to ask. */
  readonly confirm: (question: string) => Promise<boolean | undefined>
}

export function contextOf(
  workspace: Workspace,
  { config, terminal, json }: { config: Config; terminal: Terminal; json: boolean },
): Context {
  const { stdin, stderr, signal, cwd, env } = terminal
  return {
    config,
    signal,
    cwd,
    get index() {
      return workspace.index
    },
    get repo() {
      return workspace.repo
    },
    atmosphere: () => workspace.atmosphere(),
    async sessions() {
      const { configFolder, Sessions } = await import('@shardex/atproto-bridge')
      return new Sessions({ ...config.atmosphere, folder: join(configFolder(env), 'sessions') })
    },
    progress: (options) => openProgress({ ...options, stream: stderr, colour: !env['NO_COLOR'] }),
    note(text) {
      if (!json) stderr.write(`${text}\n`)
    },
    input: stdin,
    ask: (text) => void stderr.write(`${text}\n`),
    async confirm(question) {
      if (json || stdin.isTTY !== true || stderr.isTTY !== true) return undefined
      stderr.write(`${question} [y/N] `)
      using lines = createInterface({ input: stdin })
      const answer = await Promise.race([
        lines.question('', { signal }),
        new Promise<string>((end) => lines.once('close', () => end(''))),
      ])
      return /^y(es)?$/i.test(answer.trim())
    },
  }
}
