import { isShardexError } from '@shardex/errors'
import { KEY, type ManifestColumn, OFFSET, SIZE } from './columns.ts'
import { corruptManifest } from './header.ts'
import { scalarOf, scalarsOf } from './values.ts'

/** One sample as its manifest describes it: its fields by name, and where its payload lies. */
export interface ManifestRow {
  readonly key: string
  readonly offset: number
  readonly sizeBytes: number
  /** Those that were asked for. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** What a hostile footer can make us hold. */
const MAX_ROWS = 2 ** 25
const MAX_COLUMN_BYTES = 2 ** 29

/**
 * The rows of a manifest, with the fields of some columns.
 * @param source named in errors, usually the URL
 * @param foreign written by pandas, which has NaN for numbers that are missing
 * @throws `index.corrupt`
 */
export async function decodeSamples(
  bytes: Uint8Array,
  columns: readonly ManifestColumn[],
  source: string,
  { foreign }: { readonly foreign: boolean },
): Promise<ManifestRow[]> {
  try {
    return (await readRows(bytes, columns)).map((row, i) => toRow(row, columns, foreign, () => source, i))
  } catch (error) {
    if (isShardexError(error)) throw error
    throw corruptManifest(source, error instanceof Error ? error.message : 'an error', 'a whole Parquet file', error)
  }
}

async function readRows(bytes: Uint8Array, columns: readonly ManifestColumn[]): Promise<Record<string, unknown>[]> {
  // Loaded by those who query only.
  const { parquetMetadata, parquetReadObjects } = await import('hyparquet')
  const buffer = bytes.slice().buffer
  const parsers = { jsonFromBytes: (json: Uint8Array) => parseList(new TextDecoder().decode(json)) }
  const metadata = parquetMetadata(buffer, { parsers, geoparquet: false })
  const wanted = [KEY, OFFSET, SIZE, ...columns.map(({ name }) => name)]
  const leaves = metadata.schema.slice(1)
  const missing = wanted.find((name) => !leaves.some((leaf) => leaf.name === name && leaf.num_children === undefined))
  if (missing !== undefined) throw new TypeError(`no column ${missing}`)
  if (metadata.num_rows < 0n || metadata.num_rows > MAX_ROWS) throw new RangeError(`${metadata.num_rows} rows`)
  for (const group of metadata.row_groups) {
    // What fails in a chunk that nobody waits for would end the process.
    if (group.columns.length !== leaves.length || group.num_rows < 0n) throw new TypeError('a row group of other columns')
    for (const { meta_data: chunk } of group.columns)
      if (chunk === undefined || chunk.total_uncompressed_size > MAX_COLUMN_BYTES)
        throw new RangeError('a column of too many bytes')
  }
  const file = { byteLength: buffer.byteLength, slice: (start: number, end?: number) => buffer.slice(start, end) }
  const rows = await parquetReadObjects({ file, metadata, columns: wanted, parsers, utf8: false, geoparquet: false })
  if (rows.length !== Number(metadata.num_rows)) throw new RangeError(`${rows.length} rows of ${metadata.num_rows}`)
  return rows
}

function toRow(
  row: Readonly<Record<string, unknown>>,
  columns: readonly ManifestColumn[],
  foreign: boolean,
  source: () => string,
  number: number,
): ManifestRow {
  const [key, offset, sizeBytes] = [row[KEY], countOf(row[OFFSET]), countOf(row[SIZE])]
  if (typeof key !== 'string' || offset === undefined || sizeBytes === undefined)
    throw corruptManifest(source(), `row ${number} without key, offset or size`, 'all three in each row')
  const fields: Record<string, unknown> = { __proto__: null, [KEY]: key }
  for (const { name, kind, isList } of columns) {
    const value = row[name]
    const isMissing = foreign && typeof value === 'number' && Number.isNaN(value)
    fields[name] = isMissing ? undefined : isList ? scalarsOf(value, kind) : scalarOf(value, kind)
  }
  return { key, offset, sizeBytes, fields }
}

function countOf(value: unknown): number | undefined {
  const number = typeof value === 'bigint' || typeof value === 'number' ? Number(value) : undefined
  return Number.isSafeInteger(number) && number! >= 0 ? number : undefined
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

/** Integers to the last digit. */
const exact: Reviver = (_, value, { source }) =>
  typeof value === 'number' && source !== undefined && !Number.isSafeInteger(value) && /^-?\d{1,20}$/.test(source)
    ? BigInt(source)
    : value

/** @throws {SyntaxError} */
function parseList(text: string): unknown {
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown)
}
