import { readFileSync } from 'node:fs'
import { type Arguments, parseArguments, splitCommand } from './arguments.ts'
import type { Command } from './command.ts'
import { COMMANDS, type CommandEntry } from './commands.ts'
import { readConfig } from './config.ts'
import { contextOf } from './context.ts'
import { exitCodeOf, printError } from './print-error.ts'
import { commandHelp, overview } from './print-help.ts'
import { printResult } from './print-result.ts'
import { readEnvironment } from './read-environment.ts'
import { suggest } from './suggest.ts'
import type { OutputStream, Terminal } from './terminal.ts'
import { usageError } from './usage-error.ts'
import { openWorkspace } from './workspace.ts'

/** Run one command line to its end. Writes to the terminal's streams and nowhere else. @returns the exit code */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await run(argv, terminal)
  } catch (error) {
    terminal.stderr.write(printError(error, { json: argv.includes('--json'), debug: Boolean(terminal.env['SHARDEX_DEBUG']) }))
    return exitCodeOf(error, terminal.signal)
  }
}

async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { words, rest } = splitCommand(argv, (word) => (isGroup(word) ? 2 : 1))
  if (words[0] === 'help')
    return explain(
      rest.filter((word) => !word.startsWith('-')),
      terminal,
    )
  if (words.length === 0) return withoutCommand(argv, terminal)
  const name = words.join(' ')
  if (words.length === 1 && isGroup(name)) return explain([name], terminal)
  const command = await find(name).load()
  const args = parseArguments(rest, name, command)
  if (args.flag('help')) {
    terminal.stdout.write(`${commandHelp(name, command, helpWidth(terminal.stdout))}\n`)
    return 0
  }
  return execute(command, args, terminal)
}

async function execute(command: Command<unknown>, args: Arguments, terminal: Terminal): Promise<number> {
  const { stdout, env, cwd } = terminal
  const json = args.flag('json')
  const config = readConfig(args, readEnvironment(env, cwd), cwd)
  await using workspace = openWorkspace(config, { mayStart: command.startsRegistry === true })
  terminal.signal.throwIfAborted()
  // A terminal that nobody has given a size says 0.
  const view = { columns: (stdout.isTTY && stdout.columns) || undefined, nowMs: Date.now() }
  return await printResult(command, command.run(args, contextOf(workspace, { config, terminal, json })), { json, stdout, view })
}

async function explain(words: readonly string[], { stdout }: Terminal): Promise<number> {
  const name = words.join(' ')
  const isOverview = name === '' || isGroup(name)
  const width = helpWidth(stdout)
  stdout.write(`${isOverview ? overview(COMMANDS, name, width) : commandHelp(name, await find(name).load(), width)}\n`)
  return 0
}

function withoutCommand(argv: readonly string[], { stdout, stderr }: Terminal): number {
  if (argv.includes('--version') || argv.includes('-V')) {
    stdout.write(`${version()}\n`)
    return 0
  }
  const unknown = argv.find((word) => !['--help', '-h', '--json'].includes(word))
  if (unknown !== undefined) throw usageError('command', unknown, 'a command', '`shardex --help` lists them')
  const wanted = argv.includes('--help') || argv.includes('-h')
  const stream = wanted ? stdout : stderr
  stream.write(`${overview(COMMANDS, '', helpWidth(stream))}\n`)
  return wanted ? 0 : 2
}

/** Of the terminal; in a pipe as most terminals are. */
function helpWidth({ isTTY, columns }: OutputStream): number {
  return (isTTY && columns) || 80
}

function find(name: string): CommandEntry {
  const found = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (found !== undefined) return found
  const meant = (Object.hasOwn(SYNONYMS, name) ? SYNONYMS[name] : undefined) ?? suggest(name, Object.keys(COMMANDS))
  throw usageError(
    'command',
    name,
    'a command',
    meant === undefined ? '`shardex --help` lists them' : `did you mean \`shardex ${meant}\`?`,
  )
}

/** What other tools call these commands. */
const SYNONYMS: Readonly<Record<string, string>> = {
  version: '--version',
  list: 'ls',
  add: 'insert',
  put: 'insert',
  import: 'insert',
  info: 'show',
  describe: 'show',
  cat: 'head',
  log: 'history',
  tag: 'label',
  mv: 'rename',
  move: 'rename',
  remove: 'rm',
  delete: 'rm',
  publish: 'promote',
  unpublish: 'unpromote',
}

/** Whether commands of two words start with this one. */
function isGroup(word: string): boolean {
  return Object.keys(COMMANDS).some((name) => name.startsWith(`${word} `))
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  return version
}
