import type { ManifestColumn } from '../manifest/columns.ts'
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
      const { column } = condition
      const values = new Set<unknown>(condition.values)
      return (sample) => values.has(valueIn(sample, column))
    }
    case 'has': {
      const { value, column } = condition
      return (sample) => listIn(sample, column)?.includes(value) ?? false
    }
    case 'exists': {
      const { column } = condition
      const read = column.isList ? listIn : valueIn
      return (sample) => read(sample, column) !== undefined
    }
    default: {
      const { op, value: bound, column } = condition
      return (sample) => {
        const value = valueIn(sample, column)
        return value !== undefined && holds(op, value, bound)
      }
    }
  }
}

/** JavaScript compares numbers and bigints with each other exactly. */
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

type Sample = Parameters<Matches>[0]

/** NaN is no value: pandas, by which atdata writes manifests, does not tell it from a missing one. */
function valueIn(sample: Sample, { name, kind }: ManifestColumn): Scalar | undefined {
  const value = scalarOf(sample[name], kind)
  return Number.isNaN(value) ? undefined : value
}

function listIn(sample: Sample, { name, kind }: ManifestColumn): readonly Scalar[] | undefined {
  return scalarsOf(sample[name], kind)
}
