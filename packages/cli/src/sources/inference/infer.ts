import type { SampleType } from '@shardex/schema'
import { formatCount } from '../../output/units.ts'
import type { Row } from '../row-reader.ts'
import { sourceInvalid } from '../source-error.ts'
import type { Column, ItemKind, Kind } from './column.ts'
import { fieldNameOf } from './field-name.ts'
import { hasBrokenText, kindOf, mixedKinds, nothingSeen, observe, type Scalars, type Seen } from './observe.ts'
import { sampleTypeOf } from './sample-type.ts'

/** More columns than this are taken for values that ended up as keys. */
const MAX_COLUMNS = 4096

/** Learns the columns of rows that are shown to it one by one, in memory bounded by the number of columns. */
export interface Inference {
  readonly rowCount: number
  add(row: Row): void
  /** @throws {ShardexError} `source.invalid` if two columns would become one field, or there is no column at all */
  columns(): { readonly columns: readonly Column[]; readonly notices: readonly string[] }
}

/**
 * @param textCells the cells are text whose kind shows in its spelling, as in CSV
 * @param isWhole the rows are all rows of the source, in order, so that their numbers mean something to a person
 */
export function startInference(source: string, textCells: boolean, isWhole = true): Inference {
  const seen = new Map<string, Seen>()
  let rowCount = 0
  return {
    get rowCount() {
      return rowCount
    },
    add(row) {
      rowCount++
      for (const column of Object.keys(row)) {
        if (column === '__key__') continue
        let known = seen.get(column)
        if (known === undefined) {
          if (seen.size === MAX_COLUMNS) throw tooManyColumns(source)
          known = nothingSeen()
          seen.set(column, known)
        }
        observe(known, row[column], textCells, rowCount)
      }
    },
    columns() {
      const fields = fieldNames(source, [...seen.keys()])
      const columns: Column[] = []
      const notices: string[] = []
      for (const [column, known] of seen) {
        const field = fields.get(column) as string
        const kind = kindOf(known, textCells)
        columns.push({ column, field, kind, optional: known.present < rowCount })
        notices.push(...noticesOf(column, field, kind, known), ...mixNotice(field, mixedKinds(known, kind, textCells), isWhole))
      }
      return { columns, notices }
    },
  }
}

/** The narrowest sample type that every one of these rows packs with. Rows are taken as JSON values, not as text cells. */
export async function inferSampleType(name: string, rows: Iterable<Row> | AsyncIterable<Row>): Promise<SampleType> {
  const inference = startInference(name, false)
  for await (const row of rows) inference.add(row)
  return sampleTypeOf(name, inference.columns().columns)
}

/** One field name per column. @throws {ShardexError} `source.invalid` on a collision, naming both columns */
export function fieldNames(source: string, columns: readonly string[]): ReadonlyMap<string, string> {
  if (columns.length === 0) throw sourceInvalid(source, { found: 'rows without any column', wanted: 'at least one named column' })
  const owners = new Map<string, string>()
  const fields = new Map<string, string>()
  for (const [index, column] of columns.entries()) {
    const field = fieldNameOf(column) ?? `column_${index + 1}`
    const owner = owners.get(field)
    if (owner !== undefined) {
      throw sourceInvalid(source, {
        found: `the columns ${JSON.stringify(owner)} and ${JSON.stringify(column)}, which both become the field ${field}`,
        wanted: 'columns that differ in more than punctuation',
        advice: 'rename one of them',
      })
    }
    owners.set(field, column)
    fields.set(column, field)
  }
  return fields
}

function noticesOf(column: string, field: string, kind: Kind, seen: Seen): string[] {
  const notices: string[] = []
  if (column !== field) notices.push(`column ${JSON.stringify(column)} becomes field ${field}`)
  if (kind.json === true)
    notices.push(
      `${field}: ${kind.item === 'bytes' ? 'values beside bytes are kept as the bytes of their' : 'nested or mixed values are kept as JSON'} text`,
    )
  if (seen.present === 0) notices.push(`${field}: no row has a value`)
  if (hasBrokenText(seen)) notices.push(`${field}: text with broken surrogate pairs, replaced by U+FFFD`)
  return notices
}

/** `a: 2,000 int and 1 str ("n/a" in row 2,001), stored as str`: a single slip makes text of a column of numbers. */
function mixNotice(field: string, kinds: readonly (readonly [ItemKind, Scalars])[], isWhole: boolean): string[] {
  const rarest = kinds.at(-1)
  if (rarest === undefined) return []
  const counts = kinds.map(([kind, { count }]) => `${formatCount(count)} ${kind}`)
  const [, { first, row }] = rarest
  const where = isWhole ? ` in row ${formatCount(row)}` : ''
  return [`${field}: ${counts.slice(0, -1).join(', ')} and ${counts.at(-1)} (${first}${where}), stored as str`]
}

function tooManyColumns(source: string): Error {
  return sourceInvalid(source, {
    found: `more than ${MAX_COLUMNS} different columns`,
    wanted: 'rows that share their columns',
    advice: 'are values used as keys?',
  })
}
