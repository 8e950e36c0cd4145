import { existsSync } from 'node:fs'
import { isShardexError } from '@shardex/errors'
import { openRows } from '../open-rows.ts'
import type { Row, RowReader } from '../row-reader.ts'
import { sourceInvalid } from '../source-error.ts'
import { type FileFinder, fileFinder } from './file-finder.ts'
import { everyRecord, labelRecords } from './label-records.ts'

/** The rows of a labels file, each given to the file it names. In memory, as the list of files is. */
export interface Labels {
  readonly path: string
  /** The column that names the files. */
  readonly column: string
  readonly textCells: boolean
  /** By the file's position in the list of files. */
  readonly rowOf: ReadonlyMap<number, Row>
  /** Rows that name no file of the folder. */
  readonly strayRows: number
}

/**
 * Gives every row of a labels file to the file it names. Which column names them is found by trying all.
 * @throws {ShardexError} `source.invalid` if no column names a file, or two rows name the same one
 */
export async function readLabels(path: string, files: readonly string[], signal?: AbortSignal): Promise<Labels> {
  const reader = await openRows(path)
  const finder = fileFinder(files)
  const column = await namingColumn(reader, finder, files.length, signal)
  if (column === undefined) {
    const found = `no column whose values name files like ${JSON.stringify(files[0])}`
    throw sourceInvalid(path, { found, wanted: 'a column of file names, with or without folder and extension' })
  }
  const rowOf = new Map<number, Row>()
  let strayRows = 0
  for await (const row of reader.read({ signal })) {
    for (const record of labelRecords(row, column)) {
      const position = finder.find(record[column])
      if (position === undefined) strayRows++
      else if (rowOf.has(position)) throw namedTwice(path, column, files[position] as string)
      else rowOf.set(position, record)
    }
  }
  return { path, column, textCells: reader.textCells, rowOf, strayRows }
}

/**
 * The same for a table that nobody has called a labels file: it is one if it exists and names at least half of the files. One that names
 * fewer is about something else, and taking it would drop most of the folder.
 */
export async function findLabels(path: string, files: readonly string[], signal?: AbortSignal): Promise<Labels | undefined> {
  if (files.length === 0 || !existsSync(path)) return undefined
  try {
    const labels = await readLabels(path, files, signal)
    return labels.rowOf.size * 2 >= files.length ? labels : undefined
  } catch (error) {
    if (isShardexError(error, 'source.invalid')) return undefined
    throw error
  }
}

/** The column that names most files; of those that name equally many, the likeliest by its own name, then the first. */
async function namingColumn(
  reader: RowReader,
  finder: FileFinder,
  fileCount: number,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const named = new Map<string, { readonly files: Uint8Array; count: number }>()
  for await (const row of reader.read({ signal })) {
    for (const record of everyRecord(row)) {
      for (const [column, value] of Object.entries(record)) {
        const position = finder.find(value)
        if (position === undefined) continue
        const tally = named.get(column) ?? { files: new Uint8Array(fileCount), count: 0 }
        named.set(column, tally)
        if (tally.files[position] === 0) tally.count++
        tally.files[position] = 1
      }
    }
  }
  const ranked = [...named].map(([column, { count }]) => ({ column, count, rank: likelihood(column) }))
  return ranked.sort((a, b) => b.count - a.count || a.rank - b.rank)[0]?.column
}

function likelihood(column: string): number {
  const rank = LIKELY.indexOf(column.toLowerCase())
  return rank === -1 ? LIKELY.length : rank
}

const LIKELY = ['file_name', 'filename', 'file', 'path', 'filepath', 'image', 'image_path', 'img', 'audio', 'name', 'id', 'key']

function namedTwice(path: string, column: string, file: string): Error {
  return sourceInvalid(path, {
    found: `several rows whose ${column} names ${file}`,
    wanted: 'one row per file',
    advice: 'gather them in one row, for instance as a list in JSON',
  })
}
