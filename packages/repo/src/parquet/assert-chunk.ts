import type { ColumnMetaData, Compressors, SchemaTree } from 'hyparquet'
import { assertDataPage, assertDataPage2, assertDictionary, type Leaf } from './assert-page.ts'
import { countAt, structAt, ThriftReader } from './thrift-reader.ts'

/**
 * hyparquet believes how many values a page claims, and how long its runs are: a few bytes can make it fill the memory, or never end. So each page is
 * looked through before, in the steps of hyparquet. What it refuses by itself is left to it. https://parquet.apache.org/docs/file-format/
 */

/** One column of one row group. */
export interface ParquetChunk {
  readonly meta: ColumnMetaData
  /** Of all columns. */
  readonly schema: SchemaTree
  /** Of the row group. */
  readonly rows: number
  /** As hyparquet gets them; those of every codec but none. They look at the announced size before they believe it. */
  readonly compressors: Compressors
  /** What may be made of it. */
  readonly mostBytes: number
}

const PAGE = { data: 0, dictionary: 2, data2: 3 } as const
/** Of a value as hyparquet holds it. */
const VALUE_BYTES = 8
/** Each is a list around each value. */
const MOST_LEVELS = 64

/**
 * @param bytes of the chunk
 * @returns how many bytes are made of it
 * @throws {RangeError} {TypeError} that says what was found
 */
export function assertParquetChunk(bytes: Uint8Array, chunk: ParquetChunk): number {
  const { meta, rows, mostBytes } = chunk
  const { leaf, isFlat } = leafOf(chunk)
  const most = isFlat ? rows : Number(meta.num_values)
  let values = 0
  let made = 0
  // hyparquet leaves off as early.
  for (let at = 0; at < bytes.length - 1 && !(isFlat && values >= rows); ) {
    const reader = new ThriftReader(bytes, at)
    const header = reader.struct()
    const [type, size, packed] = [countAt(header, 1), countAt(header, 2), countAt(header, 3)]
    at = reader.at + packed
    if (at > bytes.length) throw new RangeError(`a page of ${packed} bytes`)
    const page = { size, stored: bytes.subarray(reader.at, at) }
    if (type === PAGE.dictionary) {
      made += size
      assertMade(made, mostBytes)
      assertDictionary({ ...page, head: structAt(header, 7) }, leaf)
    } else if (type === PAGE.data || type === PAGE.data2) {
      const head = structAt(header, type === PAGE.data ? 5 : 8)
      const count = countAt(head, 1)
      if (count > most - values)
        throw new RangeError(`a page of ${count} values for ${most - values} ${isFlat ? 'rows' : 'of them'}`)
      values += count
      made += Math.max(size, count * VALUE_BYTES)
      assertMade(made, mostBytes)
      made += (type === PAGE.data ? assertDataPage : assertDataPage2)({ ...page, head }, count, leaf)
      assertMade(made, mostBytes)
    } else throw new TypeError(`a page of type ${type}`)
  }
  if (values < rows) throw new RangeError(`${values} values of ${meta.path_in_schema.join('.')} for ${rows} rows`)
  return made
}

function assertMade(bytes: number, mostBytes: number): void {
  if (bytes > mostBytes) throw new RangeError(`a column of more than ${mostBytes} bytes`)
}

function leafOf({ meta, schema, compressors, mostBytes }: ParquetChunk): { leaf: Leaf; isFlat: boolean } {
  const path = [schema]
  for (const name of meta.path_in_schema) {
    const child = path.at(-1)?.children.find(({ element }) => element.name === name)
    if (child === undefined) throw new TypeError(`no column ${meta.path_in_schema.join('.')}`)
    path.push(child)
  }
  const countLevels = (nodes: readonly SchemaTree[], isLevel: (type: string | undefined) => boolean): number =>
    nodes.filter(({ element }) => isLevel(element.repetition_type)).length
  const definitions = countLevels(path.slice(1), (type) => type !== 'REQUIRED')
  if (definitions > MOST_LEVELS) throw new RangeError(`values ${definitions} levels deep`)
  const last = path.at(-1) ?? schema
  return {
    leaf: {
      meta,
      typeLength: last.element.type_length ?? 0,
      repetitions: countLevels(path, (type) => type === 'REPEATED'),
      definitions,
      compressors,
      mostBytes,
    },
    isFlat: path.length === 2 && last.element.repetition_type !== 'REPEATED' && last.children.length === 0,
  }
}
