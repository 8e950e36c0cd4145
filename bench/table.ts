import { styleText } from 'node:util'

/** Figures as they were measured; units are only for showing them. */
export interface Table {
  readonly title: string
  readonly columns: Readonly<Record<string, Unit>>
  readonly rows: readonly Readonly<Record<string, Cell>>[]
  /** What the columns mean, and what was not measured and why. */
  readonly notes: readonly string[]
}

export type Cell = string | number | undefined
export type Unit = keyof typeof FORMATS

const FORMATS = {
  text: (value: number) => String(value),
  count: (value: number) => value.toLocaleString('en'),
  '/s': (value: number) => `${rounded(value)}/s`,
  '/read': (value: number) => rounded(value),
  'MB/s': (value: number) => `${rounded(value / 1e6)} MB/s`,
  MB: (value: number) => `${rounded(value / 1e6)} MB`,
  s: (value: number) => `${value.toFixed(2)} s`,
  ms: (value: number) => `${rounded(value)} ms`,
  µs: (value: number) => `${rounded(value)} µs`,
  '%': (value: number) => `${(100 * value).toFixed(1)} %`,
  '×': (value: number) => `${value >= 100 ? rounded(value) : value.toPrecision(value >= 10 ? 3 : 2)}×`,
}

/** Aligned columns for a terminal. */
export function toText(table: Table): string {
  const [titles, ...rows] = cells(table)
  const widths = titles!.map((_, column) => Math.max(...[titles!, ...rows].map((row) => row[column]!.length)))
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (isText(table, column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ')
  return [
    styleText('bold', table.title),
    styleText('dim', line(titles!)),
    ...rows.map(line),
    ...table.notes.map((note) => styleText('dim', `  ${note}`)),
  ].join('\n')
}

export function toMarkdown(table: Table): string {
  const [titles, ...rows] = cells(table)
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`
  return [
    `**${table.title}**`,
    '',
    line(titles!),
    line(titles!.map((_, column) => (isText(table, column) ? '---' : '--:'))),
    ...rows.map(line),
    ...(table.notes.length > 0 ? ['', ...table.notes.map((note) => `- ${note}`)] : []),
  ].join('\n')
}

function cells({ columns, rows }: Table): string[][] {
  const shown = rows.map((row) => Object.entries(columns).map(([column, unit]) => show(row[column], unit)))
  return [Object.keys(columns), ...shown]
}

function show(cell: Cell, unit: Unit): string {
  if (cell === undefined) return '–'
  return typeof cell === 'string' ? cell : FORMATS[unit](cell)
}

function isText(table: Table, column: number): boolean {
  return Object.values(table.columns)[column] === 'text'
}

/** Three digits that count; nobody can measure more here. */
function rounded(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 2 })
}
