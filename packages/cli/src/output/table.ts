import { printable } from './printable.ts'
import { displayWidth, fit, pad } from './width.ts'

export interface TableColumn {
  readonly title: string
  readonly align?: 'left' | 'right' | undefined
  /** May be cut when the table is wider than the terminal. Columns without it keep their width. */
  readonly flexible?: boolean | undefined
  /** Cut only when the other flexible ones are as narrow as they can be: what a row is found by. */
  readonly precious?: boolean | undefined
}

/** A column that has to give way still shows this much. */
const LEAST_WIDTH = 8
const GAP = '  '

/**
 * Aligned columns under their titles, one line a row, without trailing spaces. Cells may be any text; what a terminal would obey is escaped.
 * @param maxWidth of a line in terminal columns; left out (in a pipe), nothing is cut
 */
export function formatTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[], maxWidth?: number): string {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) => columns.map((_, index) => printable(row[index] ?? '')))
  const natural = columns.map((_, index) => Math.max(...cells.map((row) => displayWidth(row[index] as string))))
  const widths = maxWidth === undefined ? natural : shrink(columns, natural, maxWidth)
  return cells.map((row) => line(columns, row, widths, maxWidth)).join('\n')
}

function line(
  columns: readonly TableColumn[],
  row: readonly string[],
  widths: readonly number[],
  maxWidth: number | undefined,
): string {
  const text = row
    .map((cell, index) => pad(cell, widths[index] as number, columns[index]?.align))
    .join(GAP)
    .trimEnd()
  return maxWidth === undefined ? text : fit(text, maxWidth)
}

/** Takes what is too much from the widest flexible columns first, so that short ones stay whole; from precious ones last. */
function shrink(columns: readonly TableColumn[], natural: readonly number[], maxWidth: number): number[] {
  const widths = [...natural]
  let excess = widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1)) - maxWidth
  for (const precious of [false, true]) {
    for (; excess > 0; excess--) {
      let widest = -1
      for (const [index, width] of widths.entries()) {
        const { flexible = false, precious: isPrecious = false } = columns[index] ?? {}
        if (flexible && isPrecious === precious && width > LEAST_WIDTH && width > (widths[widest] ?? 0)) widest = index
      }
      if (widest === -1) break
      widths[widest] = (widths[widest] as number) - 1
    }
  }
  return widths
}
