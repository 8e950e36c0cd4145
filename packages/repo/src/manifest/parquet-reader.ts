import { textIn } from '#platform'
import { parquetFooterBytes, readParquetFooter } from '../parquet/footer.ts'
import { type Struct, ThriftReader } from '../parquet/thrift-reader.ts'

/**
 * Reads Parquet of the shape that `parquet.ts` writes, and refuses all other: every length is held against the bytes that are there before anything is
 * made of it, and each value takes its share of them. What fails is a {RangeError} or {TypeError} that says what was found.
 */

export type ReadValue = string | number | bigint | boolean

const MAGIC = [0x50, 0x41, 0x52, 0x31]
/** As the format numbers them. */
const TYPES = { bool: 0, int64: 2, double: 5, bytes: 6 } as const
const UINT_64 = 14

/** One column: a value per row, `undefined` for null. Columns that are not there are not in the result. */
export function readParquet(
  bytes: Uint8Array,
  wanted: readonly string[],
): ReadonlyMap<string, readonly (ReadValue | undefined)[]> {
  const { rowCount, groups, schema } = readFooter(bytes)
  const columns = new Map<string, (ReadValue | undefined)[]>()
  for (const name of wanted) {
    const position = schema.findIndex((element) => textAt(element, 4) === name)
    if (position < 0) continue
    const column: (ReadValue | undefined)[] = []
    // No byte is read twice, so that groups that claim the same ones are found before they fill the memory.
    let left = bytes.length
    for (const group of groups) {
      left -= readChunk(bytes, structsAt(group, 1)[position], schema[position]!, numberAt(group, 3), column)
      if (left < 0) throw new RangeError('pages that overlap')
    }
    if (column.length !== rowCount) throw new RangeError(`${column.length} values of ${name} for ${rowCount} rows`)
    columns.set(name, column)
  }
  return columns
}

/** What a file says of its columns, all of which is there. @throws {RangeError} {TypeError} */
export function readFooter(bytes: Uint8Array): {
  readonly rowCount: number
  readonly groups: readonly Struct[]
  readonly schema: readonly Struct[]
} {
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) throw new TypeError('no Parquet')
  const footer = readParquetFooter(bytes.subarray(-parquetFooterBytes(bytes, bytes.length)))
  return { rowCount: numberAt(footer, 3), groups: structsAt(footer, 4), schema: structsAt(footer, 2).slice(1) }
}

/** One page, of as many values as the group has rows. @returns its length */
function readChunk(
  bytes: Uint8Array,
  chunk: Struct | undefined,
  element: Struct,
  rows: number,
  into: (ReadValue | undefined)[],
): number {
  const meta = chunk?.get(3)
  if (!(meta instanceof Map) || numberAt(meta, 4) !== 0) throw new TypeError('a column that is compressed, or none')
  const reader = new ThriftReader(bytes, numberAt(meta, 9))
  const page = reader.struct()
  const head = page.get(5)
  const length = numberAt(page, 3)
  if (numberAt(page, 1) !== 0 || !(head instanceof Map) || numberAt(head, 2) !== 0)
    throw new TypeError('a page that is not plain')
  if (numberAt(head, 1) !== rows || length > bytes.length - reader.at) throw new RangeError(`a page of ${length} bytes`)
  const values = bytes.subarray(reader.at, reader.at + length)
  const isRequired = numberAt(element, 3) === 0
  const { present, start } = isRequired ? { present: undefined, start: 0 } : readLevels(values, rows)
  // No value takes less than a bit.
  if (rows > 8 * values.length) throw new RangeError(`${rows} values in ${values.length} bytes`)
  readValues(values.subarray(start), element, rows, present, into)
  return length
}

/** Which values are there: one bit-packed run. */
function readLevels(values: Uint8Array, rows: number): { present: (row: number) => boolean; start: number } {
  const length = values.length < 4 ? Number.POSITIVE_INFINITY : viewOf(values).getUint32(0, true)
  const run = new ThriftReader(values, 4)
  const groups = Math.ceil(rows / 8)
  if (length > values.length - 4 || run.varint() !== groups * 2 + 1 || run.at + groups !== 4 + length)
    throw new TypeError('levels that are not one run')
  const bits = values.subarray(run.at, run.at + groups)
  return { present: (row) => (bits[row >> 3]! & (1 << (row & 7))) !== 0, start: 4 + length }
}

function readValues(
  values: Uint8Array,
  element: Struct,
  rows: number,
  present: ((row: number) => boolean) | undefined,
  into: (ReadValue | undefined)[],
): void {
  const next = valueReader(values, numberAt(element, 1), element.get(6) === UINT_64)
  for (let row = 0; row < rows; row++) into.push(present === undefined || present(row) ? next() : undefined)
}

/** Gives the values one after another; a view throws at its end. */
function valueReader(values: Uint8Array, type: number, isUnsigned: boolean): () => ReadValue {
  const view = viewOf(values)
  let at = 0
  switch (type) {
    case TYPES.bool:
      return () => {
        const byte = view.getUint8(at >> 3)
        return (byte & (1 << (at++ & 7))) !== 0
      }
    case TYPES.double:
      return () => {
        at += 8
        return view.getFloat64(at - 8, true)
      }
    case TYPES.int64:
      return () => {
        at += 8
        const high = isUnsigned ? view.getUint32(at - 4, true) : view.getInt32(at - 4, true)
        const number = high * 2 ** 32 + view.getUint32(at - 8, true)
        if (Number.isSafeInteger(number)) return number
        return isUnsigned ? view.getBigUint64(at - 8, true) : view.getBigInt64(at - 8, true)
      }
    case TYPES.bytes: {
      const read = textIn(values)
      return () => {
        const length = view.getUint32(at, true)
        if (length > values.length - at - 4) throw new RangeError(`a text of ${length} bytes`)
        at += 4 + length
        return read(at - length, at)
      }
    }
    default:
      throw new TypeError(`values of the type ${type}`)
  }
}

function numberAt(struct: Struct, field: number): number {
  const value = struct.get(field)
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new TypeError(`no number in field ${field}`)
}

function textAt(struct: Struct, field: number): string {
  const value = struct.get(field)
  if (value instanceof Uint8Array) return new TextDecoder().decode(value)
  throw new TypeError(`no text in field ${field}`)
}

function structsAt(struct: Struct, field: number): readonly Struct[] {
  const value = struct.get(field)
  if (Array.isArray(value) && value.every((item) => item instanceof Map)) return value as readonly Struct[]
  throw new TypeError(`no list of structs in field ${field}`)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
