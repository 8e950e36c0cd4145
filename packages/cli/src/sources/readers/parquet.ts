import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { isShardexError } from '@shardex/errors'
import { assertParquetChunk, parquetFooterBytes, readParquetFooter } from '@shardex/repo'
import {
  type AsyncBuffer,
  type ColumnMetaData,
  type FileMetaData,
  parquetMetadata,
  parquetReadObjects,
  parquetSchema,
  type RowGroup,
  type SchemaTree,
} from 'hyparquet'
import { fileFailure, reading } from '../file-failure.ts'
import type { Column } from '../inference/column.ts'
import type { ReadOptions, Row, RowReader } from '../row-reader.ts'
import { messageOf, sourceInvalid } from '../source-error.ts'
import { type ParquetColumn, parquetColumns } from './parquet-columns.ts'
import { boundedCompressors } from './parquet-compressors.ts'
import { textParsers } from './parquet-values.ts'

/** A row group is decoded whole; these bound what a hostile footer can make us hold. */
const MAX_GROUP_BYTES = 2 * 1024 ** 3
const MAX_GROUP_ROWS = 2 ** 24
/** The length of the footer, and the magic. */
const END_BYTES = 8

/** Apache Parquet. Types come from its schema, memory is bounded by its largest row group. */
export async function openParquet(path: string, sizeBytes: number): Promise<RowReader> {
  const metadata = await withFile(path, sizeBytes, readMetadata)
  const groupRows = metadata.row_groups.map((group) => checkGroup(path, group))
  const columns = guard(path, () => {
    assertWholeGroups(metadata, sizeBytes)
    return parquetColumns(path, metadata)
  })
  return {
    source: path,
    noun: `rows of ${basename(path)}`,
    sizeBytes,
    textCells: false,
    columns: columns.filter(({ column }) => column !== '__key__') as readonly Column[],
    rowCount: groupRows.reduce((sum, rows) => sum + rows, 0),
    read: (options) => readRows({ path, sizeBytes, metadata, groupRows, columns }, options),
  }
}

interface Opened {
  readonly path: string
  readonly sizeBytes: number
  readonly metadata: FileMetaData
  readonly groupRows: readonly number[]
  readonly columns: readonly ParquetColumn[]
}

async function* readRows(opened: Opened, options: ReadOptions | undefined): AsyncGenerator<Row> {
  const { path, sizeBytes, metadata, groupRows, columns } = opened
  const schema = parquetSchema(metadata)
  let rowStart = 0
  for (const [index, rowCount] of groupRows.entries()) {
    options?.signal?.throwIfAborted()
    const group = metadata.row_groups[index] as RowGroup
    await withFile(path, sizeBytes, (file) => assertGroup(file, group, schema))
    const rows = await withFile(path, sizeBytes, (file) =>
      parquetReadObjects({
        file,
        // Not all of them, which hyparquet would go through for each.
        metadata: { ...metadata, row_groups: [group] },
        utf8: false,
        compressors: boundedCompressors,
        parsers: textParsers,
        geoparquet: false,
      }),
    )
    if (rows.length !== rowCount) throw unreadable(path, `${rows.length} rows in row group ${index} of ${rowCount}`)
    options?.onBytes?.(Number(group.total_compressed_size ?? 0))
    for (const [offset, row] of rows.entries()) yield flatRow(path, row, columns, rowStart + offset)
    rowStart += rowCount
  }
}

function flatRow(path: string, nested: Readonly<Record<string, unknown>>, columns: readonly ParquetColumn[], index: number): Row {
  const row: Record<string, unknown> = {}
  for (const { column, path: steps, kind } of columns) {
    const value = steps.reduce<unknown>(
      (at, step) => (at as Readonly<Record<string, unknown>> | null | undefined)?.[step],
      nested,
    )
    if (
      kind.array &&
      kind.item !== 'float' &&
      Array.isArray(value) &&
      value.some((item) => item === null || item === undefined)
    ) {
      const found = `row ${index + 1}, column ${column}: a list with a null in it`
      throw sourceInvalid(path, { found, wanted: `lists of ${kind.item} without gaps`, advice: 'fill or drop the nulls' })
    }
    // ENUM is annotated as text, but not decoded for us.
    row[column] = kind.item === 'str' && value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value
  }
  return row
}

async function readMetadata(file: AsyncBuffer): Promise<FileMetaData> {
  const last = async (bytes: number) => new Uint8Array(await file.slice(Math.max(0, file.byteLength - bytes), file.byteLength))
  const footer = await last(parquetFooterBytes(await last(END_BYTES), file.byteLength))
  readParquetFooter(footer)
  return parquetMetadata(footer, { parsers: textParsers, geoparquet: false })
}

/** Looks through a row group as hyparquet will read it, column by column. */
async function assertGroup(file: AsyncBuffer, group: RowGroup, schema: SchemaTree): Promise<void> {
  let mostBytes = MAX_GROUP_BYTES
  for (const { meta_data: meta } of group.columns) {
    if (meta === undefined) throw new TypeError('a column that is not described')
    const [start, end] = rangeOf(meta)
    const bytes = new Uint8Array(await file.slice(start, end))
    const rows = Number(group.num_rows)
    mostBytes -= assertParquetChunk(bytes, { meta, schema, rows, compressors: boundedCompressors, mostBytes })
  }
}

function rangeOf(meta: ColumnMetaData): readonly [number, number] {
  const start = Number(meta.dictionary_page_offset || meta.data_page_offset)
  return [start, start + Number(meta.total_compressed_size)]
}

function checkGroup(path: string, group: RowGroup): number {
  const rows = Number(group.num_rows)
  if (rows < 0 || rows > MAX_GROUP_ROWS || group.total_byte_size < 0n || group.total_byte_size > MAX_GROUP_BYTES) {
    throw sourceInvalid(path, {
      found: `a row group of ${rows} rows and ${group.total_byte_size} bytes`,
      wanted: `at most ${MAX_GROUP_ROWS} rows and ${MAX_GROUP_BYTES} bytes in one`,
      advice: 'write it again with smaller row groups',
    })
  }
  return rows
}

/**
 * Every row group holds every leaf of the schema once. hyparquet reads all chunks at once and waits only for those it finds in the schema; what
 * another one fails with would end the process.
 */
function assertWholeGroups(metadata: FileMetaData, sizeBytes: number): void {
  const leavesBelow = ({ children, path }: SchemaTree): string[] =>
    children.length === 0 ? [path.join('\0')] : children.flatMap(leavesBelow)
  const wanted = leavesBelow(parquetSchema(metadata)).sort()
  let left = sizeBytes
  for (const { columns } of metadata.row_groups) {
    const found = columns.map(({ meta_data }) => meta_data?.path_in_schema.join('\0') ?? '').sort()
    if (found.length !== wanted.length || found.some((leaf, i) => leaf !== wanted[i]))
      throw new TypeError('a row group whose columns are not those of the schema')
    // No byte is read twice: groups that claim the same ones would make much of little.
    for (const { meta_data } of columns) left -= Number(meta_data?.total_compressed_size)
    if (!(left >= 0)) throw new RangeError('row groups that overlap')
  }
}

/** Opens the file for as long as `use` needs it, and names it in whatever goes wrong in there. */
async function withFile<T>(path: string, sizeBytes: number, use: (file: AsyncBuffer) => Promise<T>): Promise<T> {
  await using handle = await reading(path, () => open(path))
  try {
    return await use(fileBuffer(handle, sizeBytes))
  } catch (cause) {
    const error = fileFailure(path, cause)
    throw isShardexError(error) ? error : unreadable(path, messageOf(error), error)
  }
}

function guard<T>(path: string, use: () => T): T {
  try {
    return use()
  } catch (cause) {
    throw isShardexError(cause) ? cause : unreadable(path, messageOf(cause), cause)
  }
}

function fileBuffer(handle: FileHandle, sizeBytes: number): AsyncBuffer {
  // No byte is needed twice, so chunks that claim the same ones over and over are found before they fill the memory.
  let budgetBytes = sizeBytes + END_BYTES
  return {
    byteLength: sizeBytes,
    slice(start, end = sizeBytes) {
      budgetBytes -= end - start
      const range =
        budgetBytes >= 0 ? readRange(handle, start, end, sizeBytes) : Promise.reject(new RangeError('chunks that overlap'))
      // hyparquet starts all its reads at once, and does not wait for the others when one of them fails.
      range.catch(() => undefined)
      return range
    },
  }
}

async function readRange(handle: FileHandle, start: number, end: number, sizeBytes: number): Promise<ArrayBuffer> {
  if (!(start >= 0 && start <= end && end <= sizeBytes))
    throw new RangeError(`bytes ${start} to ${end} of a file of ${sizeBytes}`)
  const bytes = new Uint8Array(end - start)
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesRead } = await handle.read(bytes, done, bytes.byteLength - done, start + done)
    if (bytesRead === 0) throw new RangeError(`the file ends at byte ${start + done}`)
    done += bytesRead
  }
  return bytes.buffer
}

function unreadable(path: string, found: string, cause?: unknown): Error {
  return sourceInvalid(path, { found, wanted: 'a whole Parquet file', cause })
}
