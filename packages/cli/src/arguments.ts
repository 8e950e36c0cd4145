import { parseArgs } from 'node:util'
import type { Command } from './command.ts'
import { GLOBAL_OPTIONS, type OptionSpecs } from './option.ts'
import { parseSize } from './parse-size.ts'
import { suggest } from './suggest.ts'
import { usageError } from './usage-error.ts'

/** The arguments of one command, checked against what it declares. */
export interface Arguments {
  readonly positionals: readonly string[]
  flag(option: string): boolean
  text(option: string): string | undefined
  texts(option: string): readonly string[]
  /** A whole number of at least `min`. @throws {ShardexError} `usage.invalid` */
  integer(option: string, min: number): number | undefined
  /** In bytes: `256MB`, `1.5GiB`, `4096`. @throws {ShardexError} `usage.invalid` */
  size(option: string): number | undefined
}

/** The words that name the command come first, whatever options stand between them: `shardex --json schema ls`. */
export function splitCommand(argv: readonly string[], wordCount: (word: string) => number): { words: string[]; rest: string[] } {
  const { tokens } = parse(argv, GLOBAL_OPTIONS)
  const places: number[] = []
  for (const token of tokens) {
    if (token.kind !== 'positional') continue
    places.push(token.index)
    if (places.length === wordCount(argv[places[0] as number] as string)) break
  }
  return { words: places.map((place) => argv[place] as string), rest: argv.filter((_, place) => !places.includes(place)) }
}

/** @throws {ShardexError} `usage.invalid` for what the command does not know, or does not get */
export function parseArguments(argv: readonly string[], name: string, command: Command<unknown>): Arguments {
  const specs = { ...GLOBAL_OPTIONS, ...command.options }
  const { tokens } = parse(argv, specs)
  const given = new Map<string, string[]>()
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined
    if (spec === undefined) throw unknownOption(token.rawName, name, specs)
    const values = given.get(token.name) ?? []
    if (values.length > 0 && spec.multiple !== true && spec.type === 'string')
      throw usageError(token.rawName, 'it twice', 'it once')
    given.set(token.name, [...values, optionValue(token, spec.type, spec.value)])
  }
  if (!given.has('help')) assertComplete(positionals, given, name, command)
  const text = (option: string): string | undefined => given.get(option)?.[0]
  return {
    positionals,
    flag: (option) => given.has(option),
    text,
    texts: (option) => given.get(option) ?? [],
    integer: (option, min) => integer(option, text(option), min),
    size: (option) => parseSize(`--${option}`, text(option)),
  }
}

/** `parseArgs` cuts the words; it is not strict, because its complaints name no way out. */
function parse(argv: readonly string[], specs: OptionSpecs) {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, short }]) => [
      name,
      { type, multiple: true, ...(short !== undefined && { short }) },
    ]),
  )
  return parseArgs({ args: [...argv], options, allowPositionals: true, strict: false, tokens: true })
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

function optionValue(
  { name, rawName, value, inlineValue }: OptionToken,
  type: 'string' | 'boolean',
  placeholder = 'a value',
): string {
  if (type === 'boolean') {
    if (value !== undefined) throw usageError(rawName, JSON.stringify(value), 'nothing after it, since it is a switch')
    return ''
  }
  if (value === undefined) throw usageError(rawName, 'nothing after it', placeholder)
  // Somebody forgot the value, and the next option took its place. No option begins with a digit.
  if (inlineValue === false && /^-\D/.test(value))
    throw usageError(rawName, value, placeholder, `if you mean it: --${name}=${value}`)
  return value
}

function unknownOption(rawName: string, command: string, specs: OptionSpecs): Error {
  const meant = suggest(rawName.replace(/^-+/, ''), Object.keys(specs))
  const advice = meant === undefined ? `\`shardex ${command} --help\` shows them` : `did you mean --${meant}?`
  return usageError('option', rawName, `an option of \`shardex ${command}\``, advice)
}

function assertComplete(
  positionals: readonly string[],
  given: ReadonlyMap<string, unknown>,
  name: string,
  command: Command<unknown>,
): void {
  const help = `\`shardex ${name} --help\` shows an example`
  const required = command.positionals.filter((positional) => positional.startsWith('<'))
  const absent = required[positionals.length]
  if (absent !== undefined) throw usageError(absent, 'nothing', `\`shardex ${name} ${command.positionals.join(' ')}\``, help)
  const extra = positionals[command.positionals.length]
  if (extra !== undefined) throw usageError('argument', JSON.stringify(extra), 'nothing more', help)
  for (const [option, spec] of Object.entries(command.options)) {
    if (spec.required === true && !given.has(option))
      throw usageError(`--${option}`, 'nothing', `--${option} ${spec.value}`, help)
  }
}

function integer(option: string, text: string | undefined, min: number): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value) && value >= min) return value
  throw usageError(`--${option}`, /^-?\d+$/.test(text) ? text : JSON.stringify(text), `a whole number of at least ${min}`)
}
