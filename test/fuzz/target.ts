import { isShardexError } from '@shardex/errors'
import type { Random } from './random.ts'

/** What a parser is given: bytes, or text where it takes text (lone surrogates included). */
export type Input = Uint8Array | string

/** Changes a real input into one that is nearly real. `corpus` is what it may take parts of. */
export type Mutate<I extends Input> = (random: Random, input: I, corpus: readonly I[]) => I

/** One parser of outside bytes. */
export interface Target {
  readonly name: string
  /** How many cases the bounded run in CI makes of it. */
  readonly casesInCi: number
  /** Real inputs. */
  corpus(): Promise<readonly Input[]>
  mutate(random: Random, corpus: readonly Input[]): Input
  /**
   * Parse, and throw an `AssertionError` if the result contradicts itself. What it returns must depend on nothing but the input.
   * @param scratch a folder for files
   */
  run(input: Input, scratch: string): unknown
  /** Whether the parser documents that it refuses input with this error. */
  refuses(error: unknown): boolean
}

export interface TargetParts<I extends Input> {
  readonly name: string
  readonly corpus: () => Promise<readonly I[]> | readonly I[]
  readonly mutate: Mutate<I>
  readonly run: (input: I, scratch: string) => unknown
  readonly casesInCi?: number
  readonly refuses?: (error: unknown) => boolean
}

/** A target that forgets whether it takes bytes or text, so that all of them fit into one list. */
export function target<I extends Input>({ name, corpus, mutate, run, casesInCi = 1000, refuses }: TargetParts<I>): Target {
  return {
    name,
    casesInCi,
    corpus: async () => await corpus(),
    mutate: (random, inputs) => mutate(random, random.pick(inputs) as I, inputs as readonly I[]),
    run: (input, scratch) => run(input as I, scratch),
    refuses: (error) => isShardexError(error) || refuses?.(error) === true,
  }
}
