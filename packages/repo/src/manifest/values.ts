import type { ScalarKind } from './columns.ts'

/** What a field of a manifest holds for one sample. */
export type Scalar = string | number | bigint | boolean

/**
 * A value in the one form in which equal values are the same: integers beyond ±(2^53 - 1) are bigints, all others numbers. `undefined` for what is
 * no value of that kind.
 */
export function scalarOf(value: unknown, kind: ScalarKind): Scalar | undefined {
  switch (kind) {
    case 'str':
      return typeof value === 'string' ? value : undefined
    case 'bool':
      return typeof value === 'boolean' ? value : undefined
    case 'int':
      if (typeof value === 'bigint') return isSafe(value) ? Number(value) : value
      if (typeof value !== 'number' || !Number.isInteger(value)) return undefined
      return Number.isSafeInteger(value) ? value : BigInt(value)
    case 'float':
      if (typeof value === 'bigint') return Number(value)
      return typeof value === 'number' ? value : undefined
  }
}

/** The items of a list that are values of that kind; `undefined` for what is no list. */
export function scalarsOf(value: unknown, kind: ScalarKind): readonly Scalar[] | undefined {
  if (!Array.isArray(value)) return undefined
  return value.flatMap((item) => scalarOf(item, kind) ?? [])
}

function isSafe(value: bigint): boolean {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
}
