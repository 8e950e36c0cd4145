import { basename } from 'node:path'
import { formatCount } from '../../output/units.ts'
import type { Column } from '../inference/column.ts'
import { startInference } from '../inference/infer.ts'
import type { Row } from '../row-reader.ts'
import type { Labels } from './labels.ts'
import type { Medium } from './media.ts'

/** What is known about each file besides its bytes. */
export interface LabelColumns {
  readonly columns: readonly Column[]
  /** For the description of the source: `with labels from emoji.json (column image)`. Empty if there are none. */
  readonly origin: string
  /** By the file's position; `undefined` if the file has no row. */
  rowOf(position: number): Row | undefined
  readonly notices: readonly string[]
}

export function columnsFromTable(labels: Labels, medium: Medium, fileCount: number, keepUnlabelled: boolean): LabelColumns {
  const name = basename(labels.path)
  const inference = startInference(labels.path, labels.textCells, false)
  const rows = [...labels.rowOf.values()].map((row) => withoutColumns(row, labels.column))
  for (const row of rows) inference.add(row)
  const unlabelled = fileCount - labels.rowOf.size
  const notices: string[] = []
  if (unlabelled > 0) {
    const fate = keepUnlabelled ? 'kept without labels' : 'skipped (--keep-unlabelled keeps them)'
    notices.push(`files without a row in ${name}: ${formatCount(unlabelled)} ${fate}`)
  }
  if (labels.strayRows > 0) notices.push(`rows of ${name} that name no file here: ${formatCount(labels.strayRows)}`)
  if (unlabelled > 0 && keepUnlabelled) inference.add({})
  // A mere list of files chooses among them, and labels nothing.
  const isList = rows.every((row) => Object.keys(row).length === 0)
  const { columns, notices: inferred } = isList ? { columns: [], notices: [] } : inference.columns()
  return {
    columns: columns.map((column) => (column.field === medium ? { ...column, field: `${medium}_label` } : column)),
    origin: ` with labels from ${name} (column ${labels.column})`,
    rowOf: (position) => labels.rowOf.get(position) ?? (keepUnlabelled ? {} : undefined),
    notices: [...notices, ...inferred],
  }
}

/** The classification layout, `cat/1.png`: a file's label is the folder it lies in, unless all lie in the same one. */
export function columnsFromFolders(files: readonly string[]): LabelColumns {
  const folders = files.map((path) => path.split('/').at(-2))
  const classes = new Set(folders)
  if (classes.size < 2) return { columns: [], origin: '', rowOf: () => ({}), notices: [] }
  return {
    columns: [{ column: 'label', field: 'label', kind: { item: 'str', array: false }, optional: classes.has(undefined) }],
    origin: ` with labels from ${formatCount(classes.size - (classes.has(undefined) ? 1 : 0))} folder names`,
    rowOf: (position) => ({ label: folders[position] }),
    notices: [],
  }
}

/** The column that names the file says what the key already says. */
function withoutColumns(row: Row, column: string): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== column && name !== '__key__'))
}
