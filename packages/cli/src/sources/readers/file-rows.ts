import { basename } from 'node:path'
import type { RowReader } from '../row-reader.ts'

/**
 * A file whose values bring their types along.
 * @param noun what its rows are called: `rows`, `samples`
 * @param readRows from the start, each time it is called
 */
export function fileRows(path: string, sizeBytes: number, noun: string, readRows: RowReader['read']): RowReader {
  return { source: path, noun: `${noun} of ${basename(path)}`, sizeBytes, textCells: false, read: readRows }
}
