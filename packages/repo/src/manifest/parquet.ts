import { ByteWriter } from '@shardex/schema'
import { i32, i64, list, struct, type Thrift, text, writeThrift, writeVarint } from './thrift.ts'

/**
 * A writer of plain Parquet: flat columns, PLAIN pages of version 1 without compression, the number of nulls as the only statistic.
 * hyparquet-writer writes pages of version 2 only, of which fastparquet, by which atdata reads manifests, makes other numbers.
 * https://parquet.apache.org/docs/file-format/
 */

export type ParquetType = 'bool' | 'int64' | 'uint64' | 'double' | 'text' | 'json'

export interface ParquetColumn {
  readonly name: string
  readonly type: ParquetType
  /** Without nulls. */
  readonly required?: boolean | undefined
  /** One per row; `undefined` is null. JSON is given as text. */
  readonly values: readonly (boolean | number | bigint | string | undefined)[]
}

interface Chunk {
  readonly column: ParquetColumn
  readonly rows: number
  readonly nulls: number
  readonly offset: number
  readonly sizeBytes: number
}

const MAGIC = new TextEncoder().encode('PAR1')
const PHYSICAL: Readonly<Record<ParquetType, number>> = { bool: 0, int64: 2, uint64: 2, double: 5, text: 6, json: 6 }
const CONVERTED: Readonly<Partial<Record<ParquetType, number>>> = { text: 0, uint64: 14, json: 19 }
const [REQUIRED, OPTIONAL] = [0, 1]
const [PLAIN, RLE] = [0, 3]
const [UNCOMPRESSED, DATA_PAGE] = [0, 0]
/** The sizes of pages are 32-bit numbers. */
const GROUP_ROWS = 2 ** 16

/** @param columns all of the same length */
export function writeParquet(columns: readonly ParquetColumn[]): Uint8Array {
  const rowCount = columns[0]?.values.length ?? 0
  const writer = new ByteWriter()
  writer.write(MAGIC)
  const groups: Chunk[][] = []
  for (let start = 0; start < rowCount; start += GROUP_ROWS)
    groups.push(columns.map((column) => writeChunk(writer, column, start, Math.min(start + GROUP_ROWS, rowCount))))
  const footer = new ByteWriter()
  const root = struct([4, text('root')], [5, i32(columns.length)])
  writeThrift(
    footer,
    struct(
      [1, i32(1)],
      [2, list([root, ...columns.map(schemaOf)])],
      [3, i64(rowCount)],
      [4, list(groups.map(groupOf))],
      [6, text('shardex')],
    ),
  )
  writer.write(footer.toBytes())
  writer.write(uint32(footer.length))
  writer.write(MAGIC)
  return writer.toBytes()
}

function writeChunk(writer: ByteWriter, column: ParquetColumn, start: number, end: number): Chunk {
  const values = column.values.slice(start, end)
  const page = new ByteWriter()
  const present = values.filter((value) => value !== undefined)
  if (column.required !== true) writeLevels(page, values)
  writeValues(page, column.type, present)
  const offset = writer.length
  const header = struct([1, i32(values.length)], [2, i32(PLAIN)], [3, i32(RLE)], [4, i32(RLE)])
  writeThrift(writer, struct([1, i32(DATA_PAGE)], [2, i32(page.length)], [3, i32(page.length)], [5, header]))
  writer.write(page.bytes.subarray(0, page.length))
  return { column, rows: values.length, nulls: values.length - present.length, offset, sizeBytes: writer.length - offset }
}

/** Which values are there, as one bit-packed run after its length. */
function writeLevels(page: ByteWriter, values: readonly unknown[]): void {
  const groups = Math.ceil(values.length / 8)
  const run = new ByteWriter()
  writeVarint(run, groups * 2 + 1)
  run.write(packBits(values.map((value) => value !== undefined)))
  page.write(uint32(run.length))
  page.write(run.toBytes())
}

function writeValues(page: ByteWriter, type: ParquetType, values: ParquetColumn['values']): void {
  switch (type) {
    case 'bool':
      page.write(packBits(values as readonly boolean[]))
      break
    case 'int64':
    case 'uint64':
    case 'double': {
      const view = new DataView(new ArrayBuffer(values.length * 8))
      for (const [i, value] of values.entries()) {
        if (type === 'double') view.setFloat64(i * 8, Number(value), true)
        else if (typeof value === 'bigint') view.setBigInt64(i * 8, BigInt.asIntN(64, value), true)
        else {
          view.setUint32(i * 8, Number(value), true)
          view.setInt32(i * 8 + 4, Math.floor(Number(value) / 2 ** 32), true)
        }
      }
      page.write(new Uint8Array(view.buffer))
      break
    }
    case 'text':
    case 'json': {
      for (const value of values) writeText(page, value as string)
    }
  }
}

const utf8 = new TextEncoder()

/** Its length, then the text, straight into the page. */
function writeText(page: ByteWriter, value: string): void {
  const at = page.reserve(4 + 3 * value.length)
  const { written } = utf8.encodeInto(value, page.bytes.subarray(at + 4))
  new DataView(page.bytes.buffer).setUint32(at, written, true)
  page.length = at + 4 + written
}

function schemaOf({ name, type, required }: ParquetColumn): Thrift {
  const converted = CONVERTED[type]
  return struct(
    [1, i32(PHYSICAL[type])],
    [3, i32(required === true ? REQUIRED : OPTIONAL)],
    [4, text(name)],
    ...(converted === undefined ? [] : [[6, i32(converted)] as const]),
  )
}

function groupOf(chunks: readonly Chunk[]): Thrift {
  const sizeBytes = chunks.reduce((sum, chunk) => sum + chunk.sizeBytes, 0)
  return struct([1, list(chunks.map(chunkOf))], [2, i64(sizeBytes)], [3, i64(chunks[0]?.rows ?? 0)])
}

function chunkOf({ column, rows, nulls, offset, sizeBytes }: Chunk): Thrift {
  return struct(
    [2, i64(offset)],
    [
      3,
      struct(
        [1, i32(PHYSICAL[column.type])],
        [2, list([i32(PLAIN), i32(RLE)])],
        [3, list([text(column.name)])],
        [4, i32(UNCOMPRESSED)],
        [5, i64(rows)],
        [6, i64(sizeBytes)],
        [7, i64(sizeBytes)],
        [9, i64(offset)],
        [12, struct([3, i64(nulls)])],
      ),
    ],
  )
}

function packBits(bits: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8))
  for (const [i, bit] of bits.entries()) if (bit) bytes[i >> 3]! |= 1 << (i & 7)
  return bytes
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}
