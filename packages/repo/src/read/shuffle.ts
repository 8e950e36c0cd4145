/** A source of uniform integers. */
export interface Random {
  /** An integer in `[0, bound)`; `bound` at most 2^32. */
  below(bound: number): number
}

/**
 * sfc32 of the PractRand suite, seeded by mixing the seed through it. The same seed gives the same numbers everywhere: it is
 * part of what `shuffled({ seed })` promises, so it never changes.
 */
export function seededRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new TypeError(`seed must be an integer from 0 to 2^53 - 1, found ${seed}`)
  let a = seed >>> 0
  let b = Math.floor(seed / 2 ** 32) >>> 0
  let c = 0x9e3779b9
  let counter = 1
  const next = (): number => {
    const sum = (a + b + counter) >>> 0
    counter = (counter + 1) >>> 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) >>> 0
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0
    return sum
  }
  for (let i = 0; i < 15; i++) next()
  return {
    below(bound) {
      const unbiased = 2 ** 32 - (2 ** 32 % bound)
      let value = next()
      while (value >= unbiased) value = next()
      return value % bound
    },
  }
}

/** Fisher–Yates. */
export function shuffledArray<T>(items: readonly T[], random: Random): T[] {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const held = result[i]!
    result[i] = result[j]!
    result[j] = held
  }
  return result
}

/** A buffer that items pass through: each that comes in when it is full sends a random one out. */
class ShuffleBuffer<T> {
  readonly #held: T[] = []
  readonly #size: number
  readonly #random: Random

  constructor(size: number, random: Random) {
    this.#size = size
    this.#random = random
  }

  /** Takes the items of a block and gives back as many as have to leave. */
  pass(block: readonly T[]): T[] {
    const out: T[] = []
    for (const item of block) {
      if (this.#held.length < this.#size) {
        this.#held.push(item)
        continue
      }
      const slot = this.#random.below(this.#held.length)
      out.push(this.#held[slot]!)
      this.#held[slot] = item
    }
    return out
  }

  drain(): T[] {
    return shuffledArray(this.#held.splice(0), this.#random)
  }
}

/** Shuffle a stream. @param bufferItems held back to choose from */
export async function* shuffledBlocks<T>(blocks: AsyncIterable<T[]>, bufferItems: number, random: Random): AsyncGenerator<T[]> {
  const buffer = new ShuffleBuffer<T>(bufferItems, random)
  for await (const block of blocks) {
    const out = buffer.pass(block)
    if (out.length > 0) yield out
  }
  const rest = buffer.drain()
  if (rest.length > 0) yield rest
}

/** Shuffle a list as a stream would be, so that items do not move far forward. */
export function shuffledThrough<T>(items: readonly T[], bufferItems: number, random: Random): T[] {
  if (bufferItems >= items.length) return shuffledArray(items, random)
  const buffer = new ShuffleBuffer<T>(bufferItems, random)
  return [...buffer.pass(items), ...buffer.drain()]
}
