import { isShardexError } from '@shardex/errors'
import { KEY, type ManifestColumn, OFFSET, SIZE } from './columns.ts'
import { assertPages } from './foreign-pages.ts'
import { corruptManifest } from './header.ts'
import { readFooter, readParquet } from './parquet-reader.ts'
import { parsePythonJson } from './python-json.ts'
import { scalarOf, scalarsOf } from './values.ts'

/** One sample as its manifest describes it: its fields by name, and where its payload lies. */
export interface ManifestRow {
  readonly key: string
  readonly offset: number
  readonly sizeBytes: number
  /** Those that were asked for. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** The rows of a manifest, column by column: a row is made when it is asked for. */
export interface ManifestRows {
  readonly length: number
  row(number: number): ManifestRow
  /** The numbers of those whose fields are as wanted. What is given to `matches` is the same object each time. */
  numbersOf(matches: (fields: Readonly<Record<string, unknown>>) => boolean): number[]
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
): Promise<ManifestRows> {
  try {
    const wanted = [KEY, OFFSET, SIZE, ...columns.map(({ name }) => name)]
    return rowsOf(foreign ? await readForeign(bytes, wanted) : readParquet(bytes, wanted), columns, source, foreign)
  } catch (error) {
    if (isShardexError(error)) throw error
    throw corruptManifest(source, error instanceof Error ? error.message : 'an error', 'a whole Parquet file', error)
  }
}

type Columns = ReadonlyMap<string, readonly unknown[]>

/** What pandas has written, with any encoding. */
async function readForeign(bytes: Uint8Array, wanted: readonly string[]): Promise<Columns> {
  // Loaded by those who query what others wrote only.
  const { parquetMetadata, parquetReadObjects, parquetSchema, snappyUncompress } = await import('hyparquet')
  const buffer = bytes.slice().buffer
  const parsers = { jsonFromBytes: (json: Uint8Array) => new TextDecoder().decode(json) }
  readFooter(bytes) // hyparquet makes room for what a list claims to hold
  const metadata = parquetMetadata(buffer, { parsers, geoparquet: false })
  const leaves = metadata.schema.slice(1)
  // No two keys are the same: each takes a byte at least, however they are compressed.
  const most = Math.min(MAX_ROWS, bytes.length)
  if (metadata.num_rows < 0n || metadata.num_rows > most)
    throw new RangeError(`${metadata.num_rows} rows in ${bytes.length} bytes`)
  if (metadata.row_groups.reduce((sum, { num_rows: rows }) => sum + rows, 0n) !== metadata.num_rows)
    throw new RangeError('row groups of other rows')
  for (const group of metadata.row_groups) {
    // What fails in a chunk that nobody waits for would end the process.
    if (group.columns.length !== leaves.length || group.num_rows < 0n) throw new TypeError('a row group of other columns')
    for (const { meta_data: chunk } of group.columns)
      if (chunk === undefined || chunk.total_uncompressed_size > MAX_COLUMN_BYTES)
        throw new RangeError('a column of too many bytes')
  }
  const file = { byteLength: buffer.byteLength, slice: (start: number, end?: number) => buffer.slice(start, end) }
  const there = wanted.filter((name) => leaves.some((leaf) => leaf.name === name))
  assertPages(bytes, { metadata, schema: parquetSchema(metadata) }, there, snappyUncompress)
  const rows = await parquetReadObjects({ file, metadata, columns: there, parsers, utf8: false, geoparquet: false })
  if (rows.length !== Number(metadata.num_rows)) throw new RangeError(`${rows.length} rows of ${metadata.num_rows}`)
  return new Map(there.map((name) => [name, rows.map((row) => row[name])]))
}

function rowsOf(found: Columns, columns: readonly ManifestColumn[], source: string, foreign: boolean): ManifestRows {
  const valuesOf = (name: string, missing?: readonly unknown[]): readonly unknown[] => {
    const values = found.get(name) ?? missing
    if (values === undefined) throw new TypeError(`no column ${name}`)
    return values
  }
  const [keys, offsets, sizes] = [valuesOf(KEY), valuesOf(OFFSET), valuesOf(SIZE)]
  const fields = columns.map((column) => {
    const { name, kind } = column
    // pandas has no column of a field that no sample of the shard has.
    const values = valuesOf(name, foreign ? [] : undefined)
    if (foreign && kind === 'int' && values.some(isRounded))
      throw corruptManifest(source, `large integers of ${name} as floats`, 'all their digits')
    // Lists are read here once, since what is no JSON shall be told.
    return { name, values: values.map((value) => fieldOf(value, column)) }
  })
  const fill = (into: Record<string, unknown>, row: number): Record<string, unknown> => {
    into[KEY] = keys[row]
    for (const { name, values } of fields) into[name] = values[row]
    return into
  }
  return {
    length: keys.length,
    row(number) {
      const [key, offset, sizeBytes] = [keys[number], countOf(offsets[number]), countOf(sizes[number])]
      if (typeof key !== 'string' || offset === undefined || sizeBytes === undefined)
        throw corruptManifest(source, `row ${number} without key, offset or size`, 'all three in each row')
      return { key, offset, sizeBytes, fields: fill({ __proto__: null }, number) }
    },
    numbersOf(matches) {
      const one: Record<string, unknown> = { __proto__: null }
      return keys.flatMap((_, row) => (matches(fill(one, row)) ? row : []))
    },
  }
}

/** pandas makes floats of integers of which one is missing. */
function isRounded(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER
}

function fieldOf(value: unknown, { kind, isList }: ManifestColumn): unknown {
  if (isList) return typeof value === 'string' ? scalarsOf(parseList(value), kind) : undefined
  return scalarOf(value, kind)
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
  return parsePythonJson(text, exact as (key: string, value: unknown) => unknown)
}
