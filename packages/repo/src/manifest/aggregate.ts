import { utf8Before } from '../shard/keys.ts'
import type { ManifestColumn } from './columns.ts'
import { pythonText } from './python-text.ts'
import type { Scalar } from './values.ts'

/** What is known of the values of a field in a whole shard, in the spelling of the format. Missing values are not counted. */
export type Aggregate = NumericAggregate | CategoricalAggregate | SetAggregate

export interface NumericAggregate {
  readonly type: 'numeric'
  /** Of the numbers that are not NaN. `null`: there are none, or the bound is infinite. */
  readonly min: number | null
  readonly max: number | null
  readonly mean: number | null
  /** Of atdata with NaN, and then `mean` is `null`. */
  readonly count: number
}

export interface CategoricalAggregate {
  readonly type: 'categorical'
  /** How many different values there are. */
  readonly cardinality: number
  /** How often each comes, by its text; empty if there are too many to be named. */
  readonly value_counts: Readonly<Record<string, number>>
}

export interface SetAggregate {
  readonly type: 'set'
  /** How many different items there are. Not in manifests of atdata, where all are named. */
  readonly cardinality?: number | undefined
  /** The texts of the items of all lists, in the order of code points; empty if there are too many to be named. */
  readonly all_values: readonly string[]
}

/** A header shall stay small enough to be read for every query: beyond this the values of a field are only counted. */
const MAX_VALUES = 1_000
const MAX_TEXT = 64 * 1024

/** @param values one per sample, `undefined` where there is none; of a set, lists */
export function aggregateOf(column: ManifestColumn, values: readonly (Scalar | readonly Scalar[] | undefined)[]): Aggregate {
  if (column.aggregate === 'numeric') return numericAggregate(values)
  const counts = new Map<string, number>()
  const count = (item: unknown): void => {
    const text = pythonText(item, column.kind)
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  for (const value of values) {
    if (Array.isArray(value)) for (const item of value) count(item)
    else if (value !== undefined) count(value)
  }
  const cardinality = counts.size
  const isSmall = cardinality <= MAX_VALUES && [...counts.keys()].reduce((sum, text) => sum + text.length, 0) <= MAX_TEXT
  if (column.aggregate === 'categorical')
    return { type: 'categorical', cardinality, value_counts: isSmall ? Object.fromEntries(counts) : {} }
  const texts = isSmall ? [...counts.keys()].sort((a, b) => (utf8Before(a, b) ? -1 : 1)) : []
  return { type: 'set', cardinality, all_values: texts }
}

function numericAggregate(values: readonly unknown[]): NumericAggregate {
  let [min, max, sum, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0]
  for (const value of values) {
    const number = typeof value === 'bigint' ? Number(value) : value
    if (typeof number !== 'number' || Number.isNaN(number)) continue
    min = Math.min(min, number)
    max = Math.max(max, number)
    sum += number
    count += 1
  }
  // JSON has no infinities.
  const finite = (number: number) => (Number.isFinite(number) ? number : null)
  return { type: 'numeric', min: finite(min), max: finite(max), mean: finite(sum / count), count }
}
