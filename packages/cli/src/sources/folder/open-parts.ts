import { basename, join } from 'node:path'
import { formatCount } from '../../output/units.ts'
import type { FileFormat } from '../detect-format.ts'
import type { Column } from '../inference/column.ts'
import { openRows } from '../open-rows.ts'
import type { Row, RowReader } from '../row-reader.ts'
import { sourceInvalid } from '../source-error.ts'

/** Files of one format, one after the other, as one table. */
export async function openParts(root: string, files: readonly string[], format: FileFormat): Promise<RowReader> {
  const parts: RowReader[] = []
  for (const file of files) parts.push(await openRows(join(root, file), format))
  const [first] = parts
  const declared =
    first?.columns === undefined ? {} : { columns: sharedColumns(parts), rowCount: sum(parts.map((part) => part.rowCount ?? 0)) }
  return {
    source: root,
    noun: `${format === 'tar' ? 'samples' : 'rows'} of ${formatCount(files.length)} .${format} files in ${basename(root)}`,
    sizeBytes: sum(parts.map((part) => part.sizeBytes)),
    textCells: first?.textCells ?? false,
    ...declared,
    read: (options) => readParts(parts, options),
  }
}

async function* readParts(parts: readonly RowReader[], options: Parameters<RowReader['read']>[0]): AsyncGenerator<Row> {
  for (const part of parts) yield* part.read(options)
}

/** Columns that every part declares alike; a value that is missing in one part may be missing. */
function sharedColumns(parts: readonly RowReader[]): readonly Column[] {
  const [first, ...rest] = parts
  return rest.reduce<readonly Column[]>((columns, part) => {
    if (signature(columns) !== signature(part.columns ?? [])) {
      throw sourceInvalid(part.source, {
        found: `the columns ${signature(part.columns ?? [])}`,
        wanted: `those of ${basename(first?.source ?? '')}: ${signature(columns)}`,
        advice: 'give the files one by one',
      })
    }
    return columns.map((column, index) => ({ ...column, optional: column.optional || part.columns?.[index]?.optional === true }))
  }, first?.columns ?? [])
}

function signature(columns: readonly Column[]): string {
  return columns.map(({ column, kind }) => `${column}: ${kind.item}${kind.array ? '[]' : ''}`).join(', ')
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
