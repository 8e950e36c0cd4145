import { describe, ShardexError } from '@shardex/errors'
import type { SampleType } from '@shardex/schema'
import { columnOf, KEY, type ManifestColumn, type ScalarKind } from '../manifest/columns.ts'
import { type Scalar, scalarOf } from '../manifest/values.ts'
import type { Condition } from './condition.ts'

/** Deeper or longer than any person writes, and less than makes a reader work for long. */
const MAX_DEPTH = 32
const MAX_VALUES = 100_000

/**
 * Check a question against the type of the samples.
 * @throws `usage.invalid` for a field that the type has not or that cannot be asked for, and for a value that is not of its kind
 */
export function planQuery(where: unknown, type: SampleType): Condition {
  return planPart(where, type, 'where', 0)
}

function planPart(where: unknown, type: SampleType, path: string, depth: number): Condition {
  if (depth > MAX_DEPTH) throw refuse(path, `a question more than ${MAX_DEPTH} deep`, 'a simpler one')
  return all(
    entriesOf(where, path).map(([name, asked]): Condition => {
      const at = `${path}.${name}`
      if (name === 'not') return { op: 'not', of: planPart(asked, type, at, depth + 1) }
      if (name !== 'and' && name !== 'or') return planField(columnFor(name, type, path), asked, at)
      if (!Array.isArray(asked)) throw refuse(at, describe(asked), 'a list of questions')
      return { op: name, of: asked.map((part, i) => planPart(part, type, `${at}[${i}]`, depth + 1)) }
    }),
  )
}

function columnFor(name: string, { fields, name: typeName }: SampleType, path: string): ManifestColumn {
  if (name === KEY) return { name, kind: 'str', isList: false, aggregate: 'categorical' }
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  const column = field && columnOf(name, field)
  if (column !== undefined) return column
  const askable = Object.entries(fields).flatMap(([each, its]) => (columnOf(each, its) ? [each] : []))
  const found = field === undefined ? `no field of ${typeName}` : `a field of kind ${field.kind.kind}`
  throw refuse(`${path}.${name}`, found, `one of ${askable.join(', ') || 'none: no field of this type can be asked for'}`)
}

function planField(column: ManifestColumn, asked: unknown, path: string): Condition {
  if (typeof asked !== 'object' || asked === null)
    return column.isList ? wrongOf(path, asked, '{ has: … }') : isAmong(column, [valueFrom(asked, column.kind, path)])
  return all(entriesOf(asked, path).map(([op, value]) => planOperator(column, op, value, `${path}.${op}`)))
}

function planOperator(column: ManifestColumn, op: string, asked: unknown, path: string): Condition {
  const { kind, isList } = column
  const value = () => valueFrom(asked, kind, path)
  if (op === 'exists') {
    if (typeof asked !== 'boolean') return wrongOf(path, asked, 'true or false')
    const exists: Condition = { op, column }
    return asked ? exists : { op: 'not', of: exists }
  }
  if (isList) {
    if (op !== 'has') return wrongOf(path, op, 'has or exists')
    return { op, column, value: value() }
  }
  switch (op) {
    case 'eq':
      return isAmong(column, [value()])
    case 'ne':
      return { op: 'not', of: isAmong(column, [value()]) }
    case 'in':
      if (!Array.isArray(asked) || asked.length > MAX_VALUES)
        return wrongOf(path, asked, `a list of at most ${MAX_VALUES} values`)
      return isAmong(
        column,
        asked.map((each, i) => valueFrom(each, kind, `${path}[${i}]`)),
      )
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      if (kind === 'bool') return wrongOf(path, op, 'eq, ne or in')
      return { op, column, value: value() }
    default:
      return wrongOf(path, op, 'eq, ne, in, lt, lte, gt, gte or exists')
  }
}

function isAmong(column: ManifestColumn, values: readonly Scalar[]): Condition {
  return { op: 'in', column, values: [...new Set(values)] }
}

/** Numbers may be of either kind: 0.5 can be asked of integers, and is among none of them. */
function valueFrom(asked: unknown, kind: ScalarKind, path: string): Scalar {
  const isNumber = kind === 'int' || kind === 'float'
  if (isNumber && ((typeof asked === 'number' && !Number.isNaN(asked)) || typeof asked === 'bigint')) {
    const value = scalarOf(asked, kind) ?? asked
    if (typeof asked !== 'bigint' || typeof value === 'bigint' || BigInt(value as number) === asked) return value
    throw refuse(path, `${asked}`, 'a number that a float can be')
  }
  const value = isNumber ? undefined : scalarOf(asked, kind)
  return value ?? wrongOf(path, asked, isNumber ? 'a number' : kind === 'str' ? 'a text' : 'true or false')
}

/** Questions that are left `undefined` were not asked. */
function entriesOf(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse(path, describe(value), 'an object')
  return Object.entries(value).filter(([, asked]) => asked !== undefined)
}

function all(parts: readonly Condition[]): Condition {
  return parts.length === 1 ? parts[0]! : { op: 'and', of: parts }
}

function wrongOf(path: string, found: unknown, wanted: string): never {
  throw refuse(path, describe(found), wanted)
}

function refuse(argument: string, found: string, wanted: string): ShardexError<'usage.invalid'> {
  return new ShardexError(
    'usage.invalid',
    { argument, found, wanted },
    { message: `${argument}: found ${found}, wanted ${wanted}` },
  )
}
