import type { Column } from './inference/column.ts'

/** One record before it is typed. A missing value is `undefined` or `null`; `__key__`, where present, is the sample's key. */
export type Row = Readonly<Record<string, unknown>>

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined
  /** Called with the number of bytes read since the last call. */
  readonly onBytes?: ((bytes: number) => void) | undefined
  /** Called for everything that is left out, with the reason as a plural noun phrase: `members without an extension`. */
  readonly onSkip?: ((reason: string) => void) | undefined
}

/** A file of rows that can be read from the start as often as needed, in memory bounded by its largest row (or row group). */
export interface RowReader {
  /** Names the file in errors. */
  readonly source: string
  /** What its rows are, after a number: `rows of data.csv`. */
  readonly noun: string
  readonly sizeBytes: number
  /** Cells are text whose kind shows only in how it is spelled (CSV). */
  readonly textCells: boolean
  /** Set where the file itself declares its types (Parquet); rows then need no inference. */
  readonly columns?: readonly Column[] | undefined
  readonly rowCount?: number | undefined
  read(options?: ReadOptions): AsyncIterable<Row>
}
