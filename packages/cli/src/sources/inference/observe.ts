import { describe } from '@shardex/errors'
import { NDArray } from '@shardex/schema'
import type { ItemKind, Kind } from './column.ts'
import { isFloatText, isIntegerText, isTruthText, isWireInteger } from './spelling.ts'

/** What has been seen in one column so far: bits and counts, so that a pass over any number of rows needs no memory. */
export interface Seen {
  /** Bits of {@link BIT} over the values. */
  values: number
  /** Bits of {@link BIT} over the elements of arrays. */
  items: number
  /** Rows that have a value. */
  present: number
  readonly scalars: Map<ItemKind, Scalars>
}

/** The values of one kind in a column that may have several. */
export interface Scalars {
  count: number
  /** The first of them, shortened, and the row it stands in, from 1. */
  readonly first: string
  readonly row: number
}

const BIT = {
  bool: 1,
  int: 2,
  float: 4,
  str: 8,
  bytes: 16,
  array: 32,
  nested: 64,
  missing: 128,
  broken: 256,
  ndarray: 512,
} as const

export function nothingSeen(): Seen {
  return { values: 0, items: 0, present: 0, scalars: new Map() }
}

/** Take one value into account; `textCells` says that a string stands for whatever it spells. @param row from 1 */
export function observe(seen: Seen, value: unknown, textCells: boolean, row: number): void {
  if (value === undefined || value === null) return
  seen.present++
  const bits = bitsOf(value, textCells)
  seen.values |= bits
  count(seen.scalars, bits, value, row)
  if (Array.isArray(value)) for (const item of value) seen.items |= bitsOf(item, textCells)
}

/** The narrowest kind that holds every value seen, by bool < int < float < str; what nests becomes JSON text. */
export function kindOf(seen: Seen, textCells: boolean): Kind {
  const { values, items } = seen
  if (values === BIT.ndarray) return { item: 'ndarray', array: false }
  if (values & BIT.bytes) return { item: 'bytes', array: false, json: values !== BIT.bytes }
  if (values === BIT.array && !(items & (BIT.array | BIT.nested | BIT.missing)) && !mixesBytes(items)) {
    return { item: scalarKind(items, textCells), array: true }
  }
  if (values & (BIT.array | BIT.nested | BIT.ndarray)) return { item: 'str', array: false, json: true }
  return { item: scalarKind(values, textCells), array: false }
}

/** The kinds that became text together, the most frequent first; empty if the column is of one kind, or of mere text in cells. */
export function mixedKinds({ scalars }: Seen, { item, array, json }: Kind, textCells: boolean): [ItemKind, Scalars][] {
  if (item !== 'str' || array || json === true || scalars.size < 2) return []
  const kinds = [...scalars].sort(([, a], [, b]) => b.count - a.count)
  // Titles of films are text, also if one of them is "1917".
  return textCells && kinds[0]?.[0] === 'str' ? [] : kinds
}

/** Text with half of a surrogate pair was seen: UTF-8 has no bytes for it. */
export function hasBrokenText(seen: Seen): boolean {
  return ((seen.values | seen.items) & BIT.broken) !== 0
}

const SCALARS = [
  ['bool', BIT.bool],
  ['int', BIT.int],
  ['float', BIT.float],
  ['str', BIT.str],
] as const

function count(scalars: Map<ItemKind, Scalars>, bits: number, value: unknown, row: number): void {
  const kind = SCALARS.find(([, bit]) => (bits & bit) !== 0)?.[0]
  if (kind === undefined) return
  const known = scalars.get(kind)
  if (known === undefined) scalars.set(kind, { count: 1, first: describe(value, 40), row })
  else known.count++
}

function bitsOf(value: unknown, textCells: boolean): number {
  switch (typeof value) {
    case 'string':
      return textCells ? bitsOfText(value) : bitsOfString(value)
    case 'boolean':
      return BIT.bool
    case 'number':
    case 'bigint':
      if (typeof value === 'number' && !Number.isInteger(value)) return BIT.float
      // An integer that no 64 bits hold keeps its digits as text, unless it came as a float anyway.
      return isWireInteger(value) ? BIT.int : typeof value === 'number' ? BIT.float : BIT.str
    default:
      if (value === undefined || value === null) return BIT.missing
      if (Array.isArray(value)) return BIT.array
      if (value instanceof Uint8Array) return BIT.bytes
      if (value instanceof NDArray) return BIT.ndarray
      return value instanceof Date ? BIT.str : BIT.nested
  }
}

function bitsOfText(text: string): number {
  if (isIntegerText(text)) return BIT.int
  if (isFloatText(text)) return BIT.float
  return isTruthText(text) ? BIT.bool : bitsOfString(text)
}

function bitsOfString(text: string): number {
  return text.isWellFormed() ? BIT.str : BIT.str | BIT.broken
}

function scalarKind(bits: number, textCells: boolean): Kind['item'] {
  if (bits & BIT.bytes) return 'bytes'
  if (bits & BIT.str || bits === 0) return 'str'
  // "true" beside "7" in a CSV is somebody's text; true beside 7 in JSON is a flag that was also counted.
  if (textCells && bits & BIT.bool && bits !== BIT.bool) return 'str'
  if (bits & BIT.float) return 'float'
  return bits & BIT.int ? 'int' : 'bool'
}

function mixesBytes(items: number): boolean {
  return (items & BIT.bytes) !== 0 && items !== BIT.bytes
}
