/**
 * SHA-256 (FIPS 180-4) of four messages at a time, in the four lanes of WebAssembly's 128-bit vectors. For messages of a block or two it is several
 * times as fast as calls of `node:crypto`, which cost more than the hashing. The module is put together here, one line for each equation
 * of the standard.
 */
export const LANES = 4
/** From the message of one lane to that of the next, and how long a padded message can be. */
export const LANE_BYTES = 256
export const BLOCK_BYTES = 64
export const DIGEST_BYTES = 32

export interface Sha256Lanes {
  readonly memory: { readonly buffer: ArrayBuffer }
  /**
   * Hash four padded messages of so many blocks.
   * @param at where the first lies in `memory`, the others {@link LANE_BYTES} after each other
   * @param to where the four digests go, one after another
   */
  readonly digest: (at: number, blocks: number, to: number) => void
}

export function openSha256Lanes(): Sha256Lanes {
  return new WebAssembly.Instance(new WebAssembly.Module(encodeModule())).exports as Sha256Lanes
}

/** TypeScript knows it only where there is a DOM. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

type Code = readonly number[]

const unsigned = (value: number): Code => (value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))])
const signed = (value: number): Code =>
  value >= -64 && value < 64 ? [value & 127] : [(value & 127) + 128, ...signed(value >> 7)]

const get = (local: number): Code => [0x20, local]
const set = (local: number, value: Code): Code => [...value, 0x21, local]
const integer = (value: number): Code => [0x41, ...signed(value)]
const vector = (opcode: number, operands: readonly Code[], immediate: Code = []): Code => [
  ...operands.flat(),
  0xfd,
  ...unsigned(opcode),
  ...immediate,
]
const splat = (value: number): Code => vector(0x11, [integer(value)])
const xor = (a: Code, b: Code, c: Code): Code => vector(0x51, [vector(0x51, [a, b]), c])
const select = (ifOne: Code, ifZero: Code, mask: Code): Code => vector(0x52, [ifOne, ifZero, mask])
const add = (...terms: Code[]): Code => terms.reduce((sum, term) => vector(0xae, [sum, term]))
const shiftRight = (word: Code, bits: number): Code => vector(0xad, [word, integer(bits)])
const rotate = (word: Code, bits: number): Code =>
  vector(0x50, [shiftRight(word, bits), vector(0xab, [word, integer(32 - bits)])])
const swapBytes = (word: Code): Code => vector(0x0d, [word, word], [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12])

/** Parameters and locals: numbers of the function, then vectors. */
const [AT, BLOCKS, TO] = [0, 1, 2]
const state = (word: number): number => 3 + word
const working = (word: number): number => 11 + (word & 7)
const schedule = (word: number): number => 19 + (word & 15)
const VECTORS = 8 + 8 + 16

/** The same word of all four messages. Each lane is loaded into the vector of those before it. */
function gather(word: number): Code {
  const offset = (lane: number) => [2, ...unsigned(lane * LANE_BYTES + 4 * word)]
  let loaded = vector(0x5c, [get(AT)], offset(0))
  for (let lane = 1; lane < LANES; lane++) loaded = vector(0x56, [get(AT), loaded], [...offset(lane), lane])
  return loaded
}

function round(t: number, constant: number): Code {
  const w = (back: number): Code => get(schedule(t - back))
  const sigma0 = xor(rotate(w(15), 7), rotate(w(15), 18), shiftRight(w(15), 3))
  const sigma1 = xor(rotate(w(2), 17), rotate(w(2), 19), shiftRight(w(2), 10))
  const expand = t < 16 ? [] : set(schedule(t), add(w(16), sigma0, w(7), sigma1))
  // Words change their names from round to round, and stay where they are.
  const [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map((word) => working(word - t)) as [...EightLocals]
  const [A, B, C, E] = [get(a), get(b), get(c), get(e)]
  const t1 = add(get(h), xor(rotate(E, 6), rotate(E, 11), rotate(E, 25)), select(get(f), get(g), E), splat(constant), w(0))
  const majority = select(C, A, vector(0x51, [A, B]))
  const t2 = add(get(h), xor(rotate(A, 2), rotate(A, 13), rotate(A, 22)), majority)
  return [...expand, ...set(h, t1), ...set(d, add(get(d), get(h))), ...set(h, t2)]
}

type EightLocals = [number, number, number, number, number, number, number, number]

function digestCode(): Code {
  const words = Array.from({ length: 8 }, (_, word) => word)
  const primes = firstPrimes(64)
  const blockWords = Array.from({ length: 16 }, (_, word) => word)
  const compress = [
    ...blockWords.flatMap((word) => [
      ...set(schedule(word), gather(word)),
      ...set(schedule(word), swapBytes(get(schedule(word)))),
    ]),
    ...words.flatMap((word) => set(working(word), get(state(word)))),
    ...primes.flatMap((prime, t) => round(t, fraction(Math.cbrt(prime)))),
    ...words.flatMap((word) => set(state(word), add(get(state(word)), get(working(word))))),
  ]
  const nextBlock = [
    ...set(AT, [...get(AT), ...integer(BLOCK_BYTES), 0x6a]),
    ...set(BLOCKS, [...get(BLOCKS), ...integer(1), 0x6b]),
  ]
  const store = (word: number) =>
    Array.from({ length: LANES }, (_, lane) =>
      vector(0x5a, [get(TO), get(state(word))], [2, ...unsigned(lane * DIGEST_BYTES + 4 * word), lane]),
    ).flat()
  return [
    ...words.flatMap((word) => set(state(word), splat(fraction(Math.sqrt(primes[word]!))))),
    ...[0x03, 0x40, ...compress, ...nextBlock, ...get(BLOCKS), 0x0d, 0, 0x0b], // loop … while blocks are left
    ...words.flatMap((word) => [...set(state(word), swapBytes(get(state(word)))), ...store(word)]),
  ]
}

/** https://webassembly.github.io/spec/core/binary/modules.html */
function encodeModule(): Uint8Array<ArrayBuffer> {
  const sized = (code: Code): Code => [...unsigned(code.length), ...code]
  const name = (text: string): Code => sized([...Buffer.from(text)])
  const body = sized([1, VECTORS, 0x7b, ...digestCode(), 0x0b])
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, ...sized([1, 0x60, 3, 0x7f, 0x7f, 0x7f, 0])], // a type of function: three numbers to nothing
    ...[3, ...sized([1, 0])],
    ...[5, ...sized([1, 0, 1])], // a page of 64 KiB
    ...[7, ...sized([2, ...name('memory'), 2, 0, ...name('digest'), 0, 0])],
    ...[10, ...sized([1, ...body])],
  ])
}

function firstPrimes(count: number): number[] {
  const primes: number[] = []
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n)
  return primes
}

/** The first 32 bits after the point. */
function fraction(root: number): number {
  return ((root % 1) * 2 ** 32) | 0
}
