import { describe } from '@shardex/errors'

/** The largest window; weights that need a larger one are rounded. */
const MAX_WINDOW = 4096n

/**
 * How many samples of each part there are in one window: the smallest whole numbers in the proportion of the weights as they are written in decimal, or the
 * nearest ones that add up to 4,096, of which each is 1 at least. `docs/formats/mix-order.md`.
 * @throws {TypeError} for weights that are not above 0
 */
export function windowOf(weights: readonly number[]): readonly number[] {
  const whole = wholeNumbers(weights)
  const divisor = whole.reduce(greatestCommonDivisor)
  const reduced = whole.map((weight) => weight / divisor)
  const total = reduced.reduce((sum, weight) => sum + weight)
  return (total <= MAX_WINDOW ? reduced : rounded(reduced, total)).map(Number)
}

/** By largest remainder; of equal ones the first. */
function rounded(weights: readonly bigint[], total: bigint): readonly bigint[] {
  const counts = weights.map((weight) => (weight * MAX_WINDOW) / total)
  const left = Number(MAX_WINDOW - counts.reduce((sum, count) => sum + count))
  const remainder = (part: number): bigint => (weights[part]! * MAX_WINDOW) % total
  const parts = counts
    .map((_, part) => part)
    .sort((a, b) => Number(remainder(a) < remainder(b)) - Number(remainder(b) < remainder(a)))
  for (const part of parts.slice(0, left)) counts[part]! += 1n
  return counts.map((count) => (count === 0n ? 1n : count))
}

/** All multiplied by the power of ten that takes the fractions away. */
function wholeNumbers(weights: readonly number[]): readonly bigint[] {
  const decimals = weights.map((weight) => {
    if (!(Number.isFinite(weight) && weight > 0)) throw new TypeError(`a weight is a number above 0, found ${describe(weight)}`)
    const [, digits = '', fraction = '', exponent = '0'] = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(weight)) ?? []
    return { digits: BigInt(digits + fraction), exponent: Number(exponent) - fraction.length }
  })
  const least = Math.min(...decimals.map(({ exponent }) => exponent))
  return decimals.map(({ digits, exponent }) => digits * 10n ** BigInt(exponent - least))
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b)
}
