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

/**
 * Shuffle a stream through a buffer: each item that comes in when the buffer is full sends a random one out.
 * @param bufferItems 1 leaves the order as it is
 */
export async function* shuffledBlocks<T>(blocks: AsyncIterable<T[]>, bufferItems: number, random: Random): AsyncGenerator<T[]> {
  const buffer: T[] = []
  for await (const block of blocks) {
    const out: T[] = []
    for (const item of block) {
      if (buffer.length < bufferItems) {
        buffer.push(item)
        continue
      }
      const slot = random.below(buffer.length)
      out.push(buffer[slot]!)
      buffer[slot] = item
    }
    if (out.length > 0) yield out
  }
  if (buffer.length > 0) yield shuffledArray(buffer, random)
}
