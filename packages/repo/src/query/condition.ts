import { KEY, type ManifestColumn } from '../manifest/columns.ts'
import type { Scalar } from '../manifest/values.ts'

/** A question in its plain form: what was checked, and says the same in one way only. */
export type Condition =
  | { readonly op: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly op: 'not'; readonly of: Condition }
  | FieldCondition

/** A question about one field. */
export type FieldCondition =
  | { readonly op: 'in'; readonly column: ManifestColumn; readonly values: readonly Scalar[] }
  | { readonly op: 'has'; readonly column: ManifestColumn; readonly value: Scalar }
  | { readonly op: Comparison; readonly column: ManifestColumn; readonly value: Scalar }
  | { readonly op: 'exists'; readonly column: ManifestColumn }

export type Comparison = 'lt' | 'lte' | 'gt' | 'gte'

/** The same text for the same question, whatever the order in which its parts were written, and however often; a part alone stands for itself. */
export function conditionText(condition: Condition): string {
  switch (condition.op) {
    case 'and':
    case 'or': {
      const texts = textsOf(condition.of.map(conditionText))
      return texts.length === 1 ? texts[0]! : `[${[JSON.stringify(condition.op), ...texts].join()}]`
    }
    case 'not':
      return `["not",${conditionText(condition.of)}]`
    case 'in':
      return `["in",${JSON.stringify(condition.column.name)},${textsOf(condition.values.map(valueText)).join()}]`
    case 'exists':
      return `["exists",${JSON.stringify(condition.column.name)}]`
    default:
      return `["${condition.op}",${JSON.stringify(condition.column.name)},${valueText(condition.value)}]`
  }
}

/** What must be known of a sample, beside its key, to answer it. */
export function columnsOf(condition: Condition): readonly ManifestColumn[] {
  const columns = new Map<string, ManifestColumn>()
  const visit = (part: Condition): void => {
    if ('column' in part) columns.set(part.column.name, part.column)
    else for (const each of part.op === 'not' ? [part.of] : part.of) visit(each)
  }
  visit(condition)
  columns.delete(KEY)
  return [...columns.values()]
}

function textsOf(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort()
}

function valueText(value: Scalar): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(Object.is(value, -0) ? 0 : value)
}
