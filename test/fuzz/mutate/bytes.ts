import type { Random } from '../random.ts'
import type { Mutate } from '../target.ts'

/** No input grows beyond this. */
export const MAX_BYTES = 128 * 1024

/** One to eight changes that know nothing of the format. */
export const mutateBytes: Mutate<Uint8Array> = (random, input, corpus) => {
  let bytes: Buffer = Buffer.from(input)
  do bytes = random.pick(MUTATIONS)(bytes, random, corpus).subarray(0, MAX_BYTES)
  while (!random.oneIn(3))
  return new Uint8Array(bytes)
}

/** Numbers at which lengths, counts and signs go wrong. */
export const INTERESTING: readonly bigint[] = [
  ...[0n, 1n, 2n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0xffffn, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n],
  ...[2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, -1n],
]

type Mutation = (bytes: Buffer, random: Random, corpus: readonly Uint8Array[]) => Buffer

function flipBit(bytes: Buffer, random: Random): Buffer {
  if (bytes.length > 0) bytes[random.below(bytes.length)]! ^= 1 << random.below(8)
  return bytes
}

function setByte(bytes: Buffer, random: Random): Buffer {
  if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256)
  return bytes
}

function truncate(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, random.below(bytes.length + 1))
}

function removeSpan(bytes: Buffer, random: Random): Buffer {
  const [start, end] = span(bytes, random)
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)])
}

function insertNoise(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1)
  const noise = Buffer.from(Array.from({ length: 1 + random.below(32) }, () => random.below(256)))
  return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)])
}

/** Twice most times; sometimes so often that whatever nests gets very deep. */
function repeatSpan(bytes: Buffer, random: Random): Buffer {
  const [start, end] = span(bytes, random)
  const part = bytes.subarray(start, random.oneIn(3) ? Math.min(start + 1, bytes.length) : end)
  const times = random.oneIn(4) ? Math.min(20_000, Math.floor(MAX_BYTES / (part.length + 1))) : 1
  return Buffer.concat([bytes.subarray(0, end), ...new Array<Buffer>(times).fill(part), bytes.subarray(end)])
}

function writeInteger(bytes: Buffer, random: Random): Buffer {
  const width = random.pick([1, 2, 4, 8])
  if (bytes.length < width) return bytes
  const integer = Buffer.alloc(8)
  integer.writeBigUInt64LE(BigInt.asUintN(64, random.pick(INTERESTING)))
  const low = integer.subarray(0, width)
  bytes.set(random.oneIn(2) ? low : low.reverse(), random.below(bytes.length - width + 1))
  return bytes
}

function splice(bytes: Buffer, random: Random, corpus: readonly Uint8Array[]): Buffer {
  const other = random.pick(corpus)
  return Buffer.concat([bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(random.below(other.length + 1))])
}

const MUTATIONS: readonly Mutation[] = [
  ...[flipBit, flipBit, setByte, truncate, removeSpan, insertNoise, repeatSpan, writeInteger, writeInteger, splice],
]

function span(bytes: Buffer, random: Random): [number, number] {
  const start = random.below(bytes.length + 1)
  const longest = random.oneIn(4) ? bytes.length : 16
  return [start, Math.min(bytes.length, start + random.below(longest + 1))]
}
