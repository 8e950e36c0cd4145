import type { Row } from '../row-reader.ts'

const MAX_DEPTH = 4

/**
 * The records that one row of a labels file stands for: itself, and what nests in it and names a file of its own in the same column (the
 * skin tones of an emoji, the pages of a book). Those say what differs; the rest they have from the row around them.
 */
export function* labelRecords(row: Row, column: string): Generator<Row> {
  yield* within(row, column, {}, 0)
}

/** The plain cells of a row and of everything that nests in it, to look for the column that names files. */
export function* everyRecord(row: object, depth = 0): Generator<Row> {
  yield plainCells(row)
  if (depth < MAX_DEPTH) for (const value of Object.values(row)) if (isNested(value)) yield* everyRecord(value, depth + 1)
}

function* within(record: object, column: string, inherited: Row, depth: number): Generator<Row> {
  const own = plainCells(record)
  const named = Object.hasOwn(own, column)
  const merged = named ? { ...inherited, ...own } : inherited
  if (named) yield merged
  if (depth === MAX_DEPTH) return
  for (const value of Object.values(record)) if (isNested(value)) yield* within(value, column, merged, depth + 1)
}

/** Values that can be labels: all but what nests. */
function plainCells(record: object): Row {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => !isNested(value)))
}

/** An object, or a list that holds one. */
function isNested(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array) return false
  return !Array.isArray(value) || value.some(isNestedOrList)
}

function isNestedOrList(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
