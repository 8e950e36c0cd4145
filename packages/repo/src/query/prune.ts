import type { Aggregate, CategoricalAggregate, NumericAggregate, SetAggregate } from '../manifest/aggregate.ts'
import type { ManifestColumn, ScalarKind } from '../manifest/columns.ts'
import type { ManifestHeader } from '../manifest/header.ts'
import { pythonText } from '../manifest/python-text.ts'
import type { Scalar } from '../manifest/values.ts'
import type { Condition, FieldCondition } from './condition.ts'
import { holds } from './matcher.ts'

/** What can be said of all samples of a shard together. */
export interface Verdict {
  /** Some sample may answer with yes. */
  readonly some: boolean
  /** Every sample does. */
  readonly every: boolean
}

const UNKNOWN: Verdict = { some: true, every: false }

/** Judge a shard by its header. It may say less than is so, never more. */
export function judge(condition: Condition, header: ManifestHeader): Verdict {
  switch (condition.op) {
    case 'and': {
      const parts = condition.of.map((part) => judge(part, header))
      return { some: parts.every(({ some }) => some), every: parts.every(({ every }) => every) }
    }
    case 'or': {
      const parts = condition.of.map((part) => judge(part, header))
      return { some: parts.some(({ some }) => some), every: parts.some(({ every }) => every) }
    }
    case 'not': {
      const { some, every } = judge(condition.of, header)
      return { some: !every, every: !some }
    }
    case 'exists':
      return UNKNOWN
    default: {
      const aggregate = header.aggregates.get(condition.column.name)
      return aggregate === undefined ? UNKNOWN : judgeField(condition, aggregate, header.sampleCount)
    }
  }
}

type Judged = Exclude<FieldCondition, { readonly op: 'exists' }>
type Compared = Exclude<Judged, { readonly op: 'has' }>

function judgeField(condition: Judged, aggregate: Aggregate, sampleCount: number): Verdict {
  if (condition.op === 'has') return aggregate.type === 'set' ? judgeSet(condition, aggregate) : UNKNOWN
  if (aggregate.type === 'numeric') return judgeNumbers(condition, aggregate, sampleCount)
  return aggregate.type === 'categorical' ? judgeCategories(condition, aggregate, sampleCount) : UNKNOWN
}

function judgeNumbers(condition: Compared, { min, max, mean, count }: NumericAggregate, sampleCount: number): Verdict {
  if (count === 0) return { some: false, every: false }
  const [low, high] = [boundOf(min, Number.NEGATIVE_INFINITY), boundOf(max, Number.POSITIVE_INFINITY)]
  // atdata counts NaN too, and only the mean, which is none then, tells of it.
  const isWhole = count === sampleCount && mean !== null
  if (condition.op === 'in') {
    const some = condition.values.some((value) => holds('gte', value, low) && holds('lte', value, high))
    return { some, every: some && isWhole && low === high }
  }
  const { op, value } = condition
  const [likely, unlikely] = op === 'lt' || op === 'lte' ? [low, high] : [high, low]
  return { some: holds(op, likely, value), every: isWhole && holds(op, unlikely, value) }
}

/** Beyond 2^53 a header cannot tell integers apart. */
function boundOf(bound: number | null, none: number): number {
  return bound === null || Math.abs(bound) >= 2 ** 53 ? none : bound
}

function judgeCategories(
  condition: Compared,
  { value_counts: counts, cardinality }: CategoricalAggregate,
  sampleCount: number,
): Verdict {
  const texts = Object.keys(counts)
  if (texts.length !== cardinality) return UNKNOWN
  const { kind } = condition.column
  if (condition.op === 'in' && condition.values.some((value) => hasManyTexts(value, kind))) return UNKNOWN
  const matching =
    condition.op === 'in'
      ? condition.values.flatMap((value) => textsOf(value, kind)).filter((text) => Object.hasOwn(counts, text))
      : kind === 'str'
        ? texts.filter((text) => holds(condition.op, text, condition.value))
        : undefined
  if (matching === undefined) return UNKNOWN
  const matches = [...new Set(matching)].reduce((sum, text) => sum + counts[text]!, 0)
  return { some: matches > 0, every: matches === sampleCount }
}

function judgeSet(
  { column, value }: { readonly column: ManifestColumn; readonly value: Scalar },
  { all_values: values, cardinality = values.length }: SetAggregate,
): Verdict {
  const isWhole = values.length === cardinality && !hasManyTexts(value, column.kind)
  return { some: !isWhole || textsOf(value, column.kind).some((text) => values.includes(text)), every: false }
}

/** Python keeps integers that it is given for floats, and many of the large ones are the same float. */
function hasManyTexts(value: Scalar, kind: ScalarKind): boolean {
  return kind === 'float' && Math.abs(Number(value)) >= 2 ** 53
}

/** Those by which a value may be called. Python tells zeros apart that are equal. */
function textsOf(value: Scalar, kind: ScalarKind): readonly string[] {
  const zeros = value === 0 ? [pythonText(0, kind), pythonText(-0, kind)] : []
  return [pythonText(value, kind), String(value), ...zeros]
}
