import { countAt, type Read, type Struct, ThriftReader } from './thrift-reader.ts'

const MAGIC = 0x31524150
/** After the footer: how long it is, and the magic. */
const END_BYTES = 8
const MOST_DEPTH = 128

/**
 * How long the footer of a file is, with all that comes after it.
 * @param end at least the last 8 of the `sizeBytes` of the file
 * @throws {TypeError} for what is no Parquet
 * @throws {RangeError} for more than there is
 */
export function parquetFooterBytes(end: Uint8Array, sizeBytes: number): number {
  const view = new DataView(end.buffer, end.byteOffset, end.byteLength)
  if (end.length < END_BYTES || view.getUint32(end.length - 4, true) !== MAGIC) throw new TypeError('no Parquet')
  const length = view.getUint32(end.length - END_BYTES, true)
  if (length > sizeBytes - END_BYTES - 4) throw new RangeError(`a footer of ${length} bytes`)
  return length + END_BYTES
}

/**
 * What a footer says, all of which is there; hyparquet would make room for what its lists claim to hold.
 * @param end the footer and all that comes after it
 * @throws {RangeError}
 */
export function readParquetFooter(end: Uint8Array): Struct {
  const footer = new ThriftReader(end.subarray(0, end.length - END_BYTES)).struct()
  assertShallow(footer.get(2))
  return footer
}

/** hyparquet notes at each element of the schema the way from the root. */
function assertShallow(elements: Read | undefined): void {
  if (!Array.isArray(elements)) throw new TypeError('no schema')
  /** How many children are yet to come, of all on the way to an element. */
  const open: number[] = []
  for (const element of elements as readonly Read[]) {
    if (!(element instanceof Map)) throw new TypeError('no schema')
    while (open.at(-1) === 0) open.pop()
    if (open.length > 0) open[open.length - 1]! -= 1
    if (element.has(5)) open.push(countAt(element, 5))
    if (open.length > MOST_DEPTH) throw new RangeError(`columns more than ${MOST_DEPTH} deep`)
  }
}
