import type { Command } from './command.ts'
import type { CommandEntry } from './commands.ts'
import { GLOBAL_OPTIONS, type OptionSpec, type OptionSpecs } from './option.ts'
import { wrap } from './output/width.ts'

/** Every command, or those of one group: `schema`. @param width of the terminal */
export function overview(commands: Readonly<Record<string, CommandEntry>>, group: string, width: number): string {
  const shown = Object.entries(commands).filter(([name]) => group === '' || name.startsWith(`${group} `))
  return [
    'shardex: a dataset registry and sharding service',
    '',
    `Usage: shardex ${group === '' ? '' : `${group} `}<command> [options]`,
    '',
    'Commands',
    ...columns(
      shown.map(([name, { summary }]) => [name, summary]),
      width,
    ),
    '',
    'Options of every command',
    ...columns([...explained(GLOBAL_OPTIONS), ['-V, --version', 'the version of shardex']], width),
    ...(group === '' ? ['', 'Try', ...columns(FIRST_STEPS, width)] : []),
  ].join('\n')
}

const FIRST_STEPS = [
  ['shardex insert ./photos --name photos', 'put a folder of images in'],
  ['shardex head photos', 'look at what is there'],
  ['shardex help insert', 'the options and examples of a command'],
] as const

export function commandHelp(name: string, command: Command<unknown>, width: number): string {
  const required = Object.entries(command.options).filter(([, spec]) => spec.required)
  const usage = [name, ...command.positionals, ...required.map(([option, spec]) => `--${option} ${spec.value}`), '[options]']
  const options = explained(command.options)
  const { summary, description = `${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.` } = command
  return [
    `Usage: shardex ${usage.join(' ')}`,
    '',
    ...paragraphs(description, width),
    ...(options.length === 0 ? [] : ['', 'Options', ...columns(options, width)]),
    '',
    'Options of every command',
    ...columns(explained(GLOBAL_OPTIONS), width),
    '',
    'Examples',
    ...command.examples.flatMap(([line, purpose]) => [...wrap(purpose, width - 4).map((part) => `  # ${part}`), `  ${line}`]),
  ].join('\n')
}

function explained(options: OptionSpecs): [string, string][] {
  return Object.entries(options).map(([name, spec]) => [spelled(name, spec), spec.help])
}

function spelled(name: string, { short, value, multiple }: OptionSpec): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}${multiple ? ' …' : ''}`
}

/** In the source a line of a description ends where it is convenient; only an empty one means something. */
function paragraphs(text: string, width: number): string[] {
  return text.split('\n\n').flatMap((paragraph, place) => [...(place === 0 ? [] : ['']), ...wrap(paragraph, width)])
}

/** Two columns, the right one wrapped below itself. */
function columns(rows: readonly (readonly [string, string])[], width: number): string[] {
  const left = Math.max(...rows.map(([text]) => text.length))
  const indent = ' '.repeat(left + 4)
  return rows.flatMap(([title, text]) =>
    wrap(text, width - indent.length).map((line, place) => (place === 0 ? `  ${title.padEnd(left)}  ${line}` : indent + line)),
  )
}
