import { type Scalar, scalarOf, scalarsOf } from '../manifest/values.ts'
import { utf8Before } from '../shard/keys.ts'
import type { Comparison, Condition } from './condition.ts'

/** Whether a sample, or what a manifest knows of it, answers with yes. */
export type Matches = (sample: Readonly<Record<string, unknown>>) => boolean

/** Everything that depends on the question only is done here, once. */
export function matcherOf(condition: Condition): Matches {
  switch (condition.op) {
    case 'and': {
      const parts = condition.of.map(matcherOf)
      return (sample) => parts.every((part) => part(sample))
    }
    case 'or': {
      const parts = condition.of.map(matcherOf)
      return (sample) => parts.some((part) => part(sample))
    }
    case 'not': {
      const part = matcherOf(condition.of)
      return (sample) => !part(sample)
    }
    case 'in': {
      const { name, kind } = condition.column
      const values = new Set<unknown>(condition.values)
      return (sample) => {
        const value = scalarOf(sample[name], kind)
        return value !== undefined && !Number.isNaN(value) && values.has(value)
      }
    }
    case 'has': {
      const { value } = condition
      const { name, kind } = condition.column
      return (sample) => scalarsOf(sample[name], kind)?.includes(value) ?? false
    }
    case 'exists': {
      const { name, kind, isList } = condition.column
      const read = isList ? scalarsOf : scalarOf
      return (sample) => read(sample[name], kind) !== undefined
    }
    default: {
      const { op, value: bound } = condition
      const { name, kind } = condition.column
      return (sample) => {
        const value = scalarOf(sample[name], kind)
        return value !== undefined && holds(op, value, bound)
      }
    }
  }
}

/** JavaScript compares numbers and bigints with each other exactly; with NaN nothing holds. */
export function holds(op: Comparison, value: Scalar, bound: Scalar): boolean {
  if (typeof value === 'string' && typeof bound === 'string') {
    if (op === 'lt') return utf8Before(value, bound)
    if (op === 'gt') return utf8Before(bound, value)
    return op === 'lte' ? !utf8Before(bound, value) : !utf8Before(value, bound)
  }
  if (op === 'lt') return value < bound
  if (op === 'lte') return value <= bound
  return op === 'gt' ? value > bound : value >= bound
}
