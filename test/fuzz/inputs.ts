import { randomOf } from './random.ts'
import type { Input, Target } from './target.ts'

/** The input of each case, which depends on target, seed and number only: the real inputs themselves first, then changed ones. */
export async function inputsOf(target: Target, seed: number): Promise<(at: number) => Input> {
  const corpus = await target.corpus()
  return (at) => corpus[at] ?? target.mutate(randomOf(target.name, seed, at), corpus)
}
