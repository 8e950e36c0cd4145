/** Choices that a seed decides, the same on every machine. */
export interface Random {
  /** A whole number in `[0, end)`. */
  below(end: number): number
  /** True once in so many times. */
  oneIn(times: number): boolean
  pick<T>(from: readonly T[]): T
}

/** splitmix32 over a hash of the seeds, so that every case has choices of its own and can be made without those before it. */
export function randomOf(...seeds: readonly (number | string)[]): Random {
  let state = hash(seeds.join('\0'))
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }
  const below = (end: number): number => Math.floor((next() / 2 ** 32) * end)
  return { below, oneIn: (times) => below(times) === 0, pick: (from) => from[below(from.length)]! }
}

/** FNV-1a. */
function hash(text: string): number {
  let sum = 0x811c9dc5
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193)
  return sum
}
