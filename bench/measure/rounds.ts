import type { Measure } from './measure.ts'

export type Variants = Readonly<Record<string, () => Promise<Measure>>>

/** The measures of each variant, one per round. */
export type Measured = Readonly<Record<string, readonly Measure[]>>

/**
 * Measure variants in turn, round after round, each round beginning with another one, and every other one backwards: whatever slows
 * the machine down for a while hits all of them, and none comes always behind the same one, so that their ratios hold where the figures
 * themselves do not.
 */
export async function inRounds(rounds: number, variants: Variants, say: (what: string) => void): Promise<Measured> {
  const names = Object.keys(variants)
  const measured: Record<string, Measure[]> = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    const first = Math.floor((round * names.length) / rounds)
    const turn = [...names.slice(first), ...names.slice(0, first)]
    for (const name of round % 2 === 0 ? turn : turn.reverse()) {
      const measure = await variants[name]!()
      measured[name]!.push(measure)
      say(`round ${round + 1} of ${rounds}, ${name}: ${measure.seconds.toFixed(2)} s`)
    }
  }
  return measured
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** How many times longer one took than the other in the same round: the median. */
export function timesLonger(slower: readonly Measure[], faster: readonly Measure[]): number {
  return median(slower.map(({ seconds }, round) => seconds / faster[round]!.seconds))
}
