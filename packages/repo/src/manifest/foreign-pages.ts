import type { FileMetaData } from 'hyparquet'
import { type Read, ThriftReader } from './thrift-reader.ts'

/**
 * hyparquet believes how many values a page claims, and how long its runs are: a few bytes can make it fill the memory. So each page of the columns
 * that are read is looked through before, and what fails is a {RangeError} or {TypeError} that says what was found. https://parquet.apache.org/docs/file-format/
 */

type Inflate = (input: Uint8Array, output: Uint8Array) => void
type Struct = ReadonlyMap<number, Read>

const PAGE = { data: 0, dictionary: 2, data2: 3 } as const
/** PLAIN, PLAIN_DICTIONARY, RLE and RLE_DICTIONARY: what pandas writes. */
const ENCODING = { plain: 0, plainDictionary: 2, rle: 3, dictionary: 8 } as const
/** Three bytes of Snappy stand for at most 64. */
const MOST_INFLATED = 22

/** @param inflate of Snappy; other compression is refused. @throws {RangeError} */
export function assertPages(bytes: Uint8Array, metadata: FileMetaData, columns: readonly string[], inflate: Inflate): void {
  for (const name of columns) {
    const [element, other] = metadata.schema.slice(1).filter((leaf) => leaf.name === name)
    if (
      element === undefined ||
      other !== undefined ||
      element.num_children !== undefined ||
      element.repetition_type === 'REPEATED'
    )
      throw new TypeError(`a column ${name} that is not flat`)
    // No byte is read twice: groups that claim the same ones would make much of little.
    let left = bytes.length
    for (const { columns: chunks, num_rows: rows } of metadata.row_groups) {
      const [meta, second] = chunks.flatMap(({ meta_data: it }) => (it?.path_in_schema[0] === name ? it : []))
      if (meta === undefined || second !== undefined || meta.path_in_schema.length !== 1)
        throw new TypeError(`no one column ${name}`)
      if (meta.codec !== 'UNCOMPRESSED' && meta.codec !== 'SNAPPY') throw new TypeError(`the compression ${meta.codec}`)
      const start = Number(meta.dictionary_page_offset || meta.data_page_offset)
      const size = Number(meta.total_compressed_size)
      left -= size
      if (start < 0 || size < 0 || start + size > bytes.length || left < 0) throw new RangeError(`${size} bytes of ${name}`)
      const chunk = { isOptional: element.repetition_type !== 'REQUIRED', isBool: meta.type === 'BOOLEAN' }
      const pages = pagesOf(bytes.subarray(start, start + size), meta.codec === 'SNAPPY' ? inflate : undefined)
      let values = 0
      for (const page of pages) values += valuesOf(page, chunk, Number(rows) - values)
      if (values !== Number(rows)) throw new RangeError(`${values} values of ${name} for ${rows} rows`)
    }
  }
}

interface Page {
  readonly header: Struct
  /** Levels of a page of version 2 that lie before the values. */
  readonly levels: Uint8Array
  readonly content: Uint8Array
}

function* pagesOf(chunk: Uint8Array, inflate: Inflate | undefined): Generator<Page> {
  for (let at = 0; at < chunk.length; ) {
    const reader = new ThriftReader(chunk, at)
    const header = reader.struct()
    const [size, packed] = [countAt(header, 2), countAt(header, 3)]
    const second = numberAt(header, 1) === PAGE.data2 ? structAt(header, 8) : undefined
    const before = second === undefined ? 0 : countAt(second, 5) + countAt(second, 6)
    at = reader.at + packed
    if (at > chunk.length || before > packed || before > size) throw new RangeError(`a page of ${packed} bytes`)
    const levels = chunk.subarray(reader.at, reader.at + before)
    const stored = chunk.subarray(reader.at + before, at)
    const isPlain = inflate === undefined || second?.get(7) === 0
    if (isPlain ? size !== packed : size - before > MOST_INFLATED * stored.length)
      throw new RangeError(`a page of ${size} bytes in ${packed}`)
    const content = isPlain ? stored : new Uint8Array(size - before)
    if (!isPlain) inflate(stored, content)
    yield { header, levels, content }
  }
}

/** How many rows a page has values for; all that it claims fits into them. */
function valuesOf({ header, levels, content }: Page, chunk: { isOptional: boolean; isBool: boolean }, most: number): number {
  const type = numberAt(header, 1)
  if (type === PAGE.dictionary) {
    const count = countAt(structAt(header, 7), 1)
    if (count > content.length) throw new RangeError(`${count} values in ${content.length} bytes`)
    return 0
  }
  if (type !== PAGE.data && type !== PAGE.data2) throw new TypeError(`a page of type ${type}`)
  const head = structAt(header, type === PAGE.data ? 5 : 8)
  const count = countAt(head, 1)
  if (count > most) throw new RangeError(`a page of ${count} values for ${most} rows`)
  const encoding = numberAt(head, type === PAGE.data ? 2 : 4)
  if (type === PAGE.data2) {
    if (countAt(head, 2) > count || countAt(head, 3) !== count || countAt(head, 6) !== 0)
      throw new RangeError('a page of other rows than values')
    if (chunk.isOptional) assertRuns(levels, 1, count)
    assertValues(content, encoding, chunk.isBool, count)
  } else assertValues(chunk.isOptional ? afterLevels(content, count) : content, encoding, chunk.isBool, count)
  return count
}

function afterLevels(content: Uint8Array, count: number): Uint8Array {
  const length = uint32(content)
  if (length > content.length - 4) throw new RangeError(`levels of ${length} bytes`)
  assertRuns(content.subarray(4), 1, count)
  return content.subarray(4 + length)
}

function assertValues(content: Uint8Array, encoding: number, isBool: boolean, count: number): void {
  if (encoding === ENCODING.plain) return // each value takes its share of the bytes
  if (isBool && encoding === ENCODING.rle) assertRuns(content.subarray(4), 1, count, true)
  else if (!isBool && (encoding === ENCODING.plainDictionary || encoding === ENCODING.dictionary)) {
    const width = content[0] ?? 0
    if (width > 32) throw new RangeError(`numbers of ${width} bits`)
    assertRuns(content.subarray(1), width, count, true)
  } else throw new TypeError(`the encoding ${encoding}`)
}

/** @param isPartial nulls may have left fewer values than `count` */
function assertRuns(bytes: Uint8Array, width: number, count: number, isPartial = false): void {
  const reader = new ThriftReader(bytes)
  for (let seen = 0; seen < count; ) {
    if (isPartial && reader.at >= bytes.length) return
    const head = reader.varint()
    const left = count - seen
    const isPacked = head % 2 === 1
    const length = Math.floor(head / 2)
    if (length > (isPacked ? Math.ceil(left / 8) : left)) throw new RangeError(`a run of ${length} for ${left} values`)
    seen += isPacked ? length * 8 : length
    reader.at += isPacked ? length * width : Math.ceil(width / 8)
  }
}

function structAt(struct: Struct, field: number): Struct {
  const value = struct.get(field)
  if (value instanceof Map) return value as Struct
  throw new TypeError(`no struct in field ${field}`)
}

function numberAt(struct: Struct, field: number): number {
  const value = struct.get(field)
  if (typeof value === 'number') return value
  throw new TypeError(`no number in field ${field}`)
}

function countAt(struct: Struct, field: number): number {
  const value = numberAt(struct, field)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new RangeError(`${value} in field ${field}`)
}

function uint32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true)
}
