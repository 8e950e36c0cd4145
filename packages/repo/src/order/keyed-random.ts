/** A source of uniform integers. */
export interface Random {
  /** An integer in `[0, bound)`; `bound` at most 2^32. */
  below(bound: number): number
}

/** What numbers are drawn for: each use has its own, so that none depends on how many another has taken. */
export type Purpose = keyof typeof PURPOSES

const PURPOSES = { shards: 1, blocks: 2, samples: 3, streams: 4, buffer: 5, columns: 6, shifts: 7, tail: 8, passes: 9 } as const
const ROUNDS = 12

/**
 * sfc32 of the PractRand suite, keyed by words that are mixed into its state: `docs/formats/order.md`. The same key gives the same numbers
 * everywhere: it is part of what a seed promises, so it never changes.
 * @param seed 0 to 2^53 - 1
 * @param epoch 0 to 2^32 - 1
 * @param number which of the things of that purpose, 0 to 2^53 - 1
 */
export function keyedRandom(seed: number, epoch: number, purpose: Purpose, number: number): Random {
  let a = seed >>> 0
  let b = Math.floor(seed / 2 ** 32)
  let c = epoch
  let counter = 1
  const next = (): number => {
    const sum = (a + b + counter) >>> 0
    counter = (counter + 1) >>> 0
    a = (b ^ (b >>> 9)) >>> 0
    b = (c + (c << 3)) >>> 0
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0
    return sum
  }
  for (let i = 0; i < ROUNDS; i++) next()
  a = (a ^ PURPOSES[purpose]) >>> 0
  b = (b ^ number) >>> 0
  c = (c ^ Math.floor(number / 2 ** 32)) >>> 0
  for (let i = 0; i < ROUNDS; i++) next()
  return {
    below(bound) {
      const unbiased = 2 ** 32 - (2 ** 32 % bound)
      let value = next()
      while (value >= unbiased) value = next()
      return value % bound
    },
  }
}

/** Fisher–Yates, in place. */
export function shuffle<A extends { readonly length: number; [place: number]: unknown }>(items: A, random: Random): A {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const held = items[i]
    items[i] = items[j]
    items[j] = held
  }
  return items
}

/** The numbers below `count` in random order. */
export function permutation(count: number, random: Random): Uint32Array {
  const numbers = new Uint32Array(count)
  for (let i = 1; i < count; i++) numbers[i] = i
  return shuffle(numbers, random)
}
