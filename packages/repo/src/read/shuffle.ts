import { type Random, shuffle } from '../order/keyed-random.ts'

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
    return shuffle(this.#held.splice(0), this.#random)
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
  if (bufferItems >= items.length) return shuffle([...items], random)
  const buffer = new ShuffleBuffer<T>(bufferItems, random)
  return [...buffer.pass(items), ...buffer.drain()]
}
