/** Digits drawn on 8 × 8 pixels: shifted, thick or thin, and noisy; the same on every machine. */
export interface Digit {
  readonly pixels: Uint8Array
  readonly label: number
}

export const SIDE = 8

/** Five by six, row by row. */
const SHAPES = [
  '.###. #...# #...# #...# #...# .###.',
  '..#.. .##.. ..#.. ..#.. ..#.. .###.',
  '.###. #...# ...#. ..#.. .#... #####',
  '####. ....# .###. ....# ....# ####.',
  '#..#. #..#. #..#. ##### ...#. ...#.',
  '##### #.... ####. ....# ....# ####.',
  '.###. #.... ####. #...# #...# .###.',
  '##### ....# ...#. ..#.. .#... .#...',
  '.###. #...# .###. #...# #...# .###.',
  '.###. #...# #...# .#### ....# .###.',
].map((shape) => shape.split(' '))

/** Digits number `first` to `first + count - 1`. */
export function* draw(first: number, count: number): Generator<Digit> {
  for (let number = first; number < first + count; number++) {
    const random = randomOf(number)
    const label = Math.floor(random() * 10)
    const [left, top] = [1 + Math.floor(random() * 3), 1 + Math.floor(random() * 2)]
    const pixels = new Uint8Array(SIDE * SIDE)
    for (let i = 0; i < pixels.length; i++) {
      const isInk = SHAPES[label]![Math.floor(i / SIDE) - top]?.[(i % SIDE) - left] === '#'
      pixels[i] = Math.floor((isInk ? 150 : 0) + random() * 105)
    }
    yield { pixels, label }
  }
}

/** mulberry32. */
function randomOf(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e37_79b1)
  return () => {
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
