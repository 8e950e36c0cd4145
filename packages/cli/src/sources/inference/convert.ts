import { describe } from '@shardex/errors'
import { NDArray } from '@shardex/schema'
import { jsonText } from '../json-text.ts'
import type { ItemKind, Kind } from './column.ts'
import { isFloatText, isIntegerText, isTruthText, isWireInteger, parseFloatText, parseIntegerText } from './spelling.ts'

/**
 * A present value as the value of a field of this kind.
 * @throws {TypeError} if it does not fit, which after inference means that the file has changed since
 */
export function convert(value: unknown, kind: Kind): unknown {
  if (!kind.array) return convertItem(value, kind.item)
  if (!Array.isArray(value)) throw unfit(value, `an array of ${kind.item}`)
  return value.map((item: unknown) => convertItem(item, kind.item))
}

function convertItem(value: unknown, item: ItemKind): unknown {
  switch (item) {
    case 'bool':
      if (typeof value === 'boolean') return value
      if (typeof value === 'string' && isTruthText(value)) return /true/i.test(value)
      throw unfit(value, 'a bool')
    case 'int':
      return toInteger(value)
    case 'float':
      return toFloat(value)
    case 'str':
      return toText(value)
    case 'ndarray':
      if (value instanceof NDArray) return value
      throw unfit(value, 'an array')
    case 'bytes':
      return value instanceof Uint8Array ? value : new TextEncoder().encode(toText(value))
  }
}

function toInteger(value: unknown): number | bigint {
  if (typeof value === 'boolean') return value ? 1 : 0
  // Adding zero turns -0, which no integer type has, into 0.
  if (typeof value === 'number' && isWireInteger(value)) return value + 0
  if (typeof value === 'bigint' && isWireInteger(value)) return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (typeof value === 'string' && isIntegerText(value)) return parseIntegerText(value)
  throw unfit(value, 'a 64-bit integer')
}

function toFloat(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean' || typeof value === 'bigint') return Number(value)
  if (typeof value === 'string' && (isFloatText(value) || isIntegerText(value))) return parseFloatText(value)
  // An array of floats has no other word for "missing".
  if (value === null || value === undefined) return Number.NaN
  throw unfit(value, 'a float')
}

function toText(value: unknown): string {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString()
  if (value === null || value === undefined) throw unfit(value, 'a text')
  return jsonText(value).toWellFormed()
}

function unfit(value: unknown, wanted: string): TypeError {
  return new TypeError(`found ${describe(value)}, wanted ${wanted}`)
}
