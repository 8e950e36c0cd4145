import type { Command } from './command.ts'
import type { CommandEntry } from './commands.ts'
import { GLOBAL_OPTIONS, type OptionSpec, type OptionSpecs } from './option.ts'

/** Every command, or those of one group: `schema`. */
export function overview(commands: Readonly<Record<string, CommandEntry>>, group = ''): string {
  const shown = Object.entries(commands).filter(([name]) => group === '' || name.startsWith(`${group} `))
  return [
    'shardex: a dataset registry and sharding service',
    '',
    `Usage: shardex ${group === '' ? '' : `${group} `}<command> [options]`,
    '',
    'Commands',
    ...columns(shown.map(([name, { summary }]) => [name, summary])),
    '',
    'Options of every command',
    ...columns([...explained(GLOBAL_OPTIONS), ['-V, --version', 'the version of shardex']]),
    ...(group === '' ? ['', 'Try', ...columns(FIRST_STEPS)] : []),
  ].join('\n')
}

const FIRST_STEPS = [
  ['shardex insert ./photos --name photos', 'put a folder of images in'],
  ['shardex head photos', 'look at what is there'],
  ['shardex help insert', 'the options and examples of a command'],
] as const

export function commandHelp(name: string, command: Command<unknown>): string {
  const required = Object.entries(command.options).filter(([, spec]) => spec.required)
  const usage = [name, ...command.positionals, ...required.map(([option, spec]) => `--${option} ${spec.value}`), '[options]']
  const options = explained(command.options)
  return [
    `Usage: shardex ${usage.join(' ')}`,
    '',
    command.description ?? `${command.summary}.`,
    ...(options.length === 0 ? [] : ['', 'Options', ...columns(options)]),
    '',
    'Options of every command',
    ...columns(explained(GLOBAL_OPTIONS)),
    '',
    'Examples',
    ...command.examples.flatMap(([line, purpose]) => [`  # ${purpose}`, `  ${line}`]),
  ].join('\n')
}

function explained(options: OptionSpecs): [string, string][] {
  return Object.entries(options).map(([name, spec]) => [spelled(name, spec), spec.help])
}

function spelled(name: string, { short, value, multiple }: OptionSpec): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}${multiple ? ' …' : ''}`
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
