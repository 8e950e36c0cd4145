import { misfit } from '../misfit.ts'

/** Kinds of values that a lens can make of each other. */
export type CastKind = 'str' | 'int' | 'float' | 'bool'

export type CastValue = string | number | bigint | boolean

/**
 * Makes a value of another kind, so that nothing is lost: what is made of two values is never the same, and {@link castOf} the other way gives each
 * back. What has no such counterpart, like the integer of 0.5 or of "007", is a refused.
 */
export type Cast = (value: unknown) => CastValue

/** `undefined` where no such cast is known. */
export function castOf(from: CastKind, to: CastKind): Cast | undefined {
  return CASTS[`${from} ${to}`]
}

const INTEGER = /^(?:0|-?[1-9]\d{0,19})$/
const [LEAST, LARGEST] = [-(2n ** 63n), 2n ** 64n - 1n]

const CASTS: Readonly<Record<string, Cast>> = {
  'int float'(value) {
    const number = Number(integer(value))
    return BigInt(number) === BigInt(integer(value)) ? number : refuse(value, 'an integer that a float can be')
  },
  'float int'(value) {
    return typeof value === 'number' && Number.isInteger(value) && !Object.is(value, -0) && isInRange(BigInt(value))
      ? narrow(BigInt(value))
      : refuse(value, 'a whole number')
  },
  'int str': (value) => String(integer(value)),
  'str int': (value) =>
    typeof value === 'string' && INTEGER.test(value) && isInRange(BigInt(value))
      ? narrow(BigInt(value))
      : refuse(value, 'the digits of an integer, without zeros before them'),
  'bool int': (value) => Number(boolean(value)),
  'int bool': (value) => ([0, 1].includes(Number(integer(value))) ? Boolean(integer(value)) : refuse(value, '0 or 1')),
  'bool str': (value) => String(boolean(value)),
  'str bool': (value) => (value === 'true' || value === 'false' ? value === 'true' : refuse(value, '"true" or "false"')),
}

function integer(value: unknown): number | bigint {
  return typeof value === 'bigint' || Number.isInteger(value) ? (value as number | bigint) : refuse(value, 'an integer')
}

function boolean(value: unknown): boolean {
  return typeof value === 'boolean' ? value : refuse(value, 'true or false')
}

/** As integers are read: numbers where they can be. */
function narrow(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

function isInRange(value: bigint): boolean {
  return value >= LEAST && value <= LARGEST
}

function refuse(value: unknown, wanted: string): never {
  throw misfit(value, wanted)
}
