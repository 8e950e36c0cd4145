import type { Arguments } from './arguments.ts'
import type { Context } from './context.ts'
import type { OptionSpecs } from './option.ts'

/**
 * A command computes a value and prints nothing. `--json` prints the value as data, `human` as text; only the driver in `main.ts` writes
 * to stdout.
 */
export interface Command<Value> {
  readonly summary: string
  /** More than the summary, for `--help`. */
  readonly description?: string | undefined
  /** `<required>`, `[optional]`, in order. */
  readonly positionals: readonly string[]
  readonly options: OptionSpecs
  /** Command lines that work, with what they are for: `['shardex ls', 'every dataset']`. */
  readonly examples: readonly (readonly [line: string, purpose: string])[]
  /** Makes a registry where there is none. Others say that there is none: it is a slip in a path, mostly. */
  readonly startsRegistry?: boolean | undefined
  /** Computes a value; or the items of a list that may be too long to hold: then what follows is asked for each item, as it comes. */
  run(args: Arguments, context: Context): Promise<Value> | AsyncIterable<Value>
  /** For a person. Text of others must go through `printable` on its way. */
  human(value: Value, view: View): string
  /** What `--json` prints; default, the value itself. Of items it prints one array, without those that this gives `undefined` for. */
  json?(value: Value): unknown
  /** The exit code of a value that is not an error and yet no success. Default 0. */
  exit?(value: Value): number
}

/** What a text is made for. */
export interface View {
  /** The width of the terminal; `undefined` in a pipe, where nothing is cut. */
  readonly columns: number | undefined
  readonly nowMs: number
}
