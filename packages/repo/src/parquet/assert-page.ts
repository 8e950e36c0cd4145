import type { ColumnMetaData, Compressors } from 'hyparquet'
import { walkDeltas, walkRuns } from './runs.ts'
import { countAt, type Struct, ThriftReader } from './thrift-reader.ts'

/** What of a column its pages depend on. */
export interface Leaf {
  readonly meta: ColumnMetaData
  readonly typeLength: number
  /** How deep lists may be, and how many things on the way to a value may be missing. */
  readonly repetitions: number
  readonly definitions: number
  readonly compressors: Compressors
  readonly mostBytes: number
}

/** A page: what its header says of it, how large it will be, and its bytes in the file. */
export interface Page {
  readonly head: Struct
  readonly size: number
  readonly stored: Uint8Array
}

const ENCODING = { plain: 0, plainDictionary: 2, rle: 3, delta: 5, lengths: 6, prefixes: 7, dictionary: 8, split: 9 } as const
/** The least that a value takes, without those of a length that the schema says. */
const LEAST_BYTES = { BOOLEAN: 1 / 8, INT32: 4, INT64: 8, INT96: 12, FLOAT: 4, DOUBLE: 8, BYTE_ARRAY: 4 } as const

export function assertDictionary(page: Page, leaf: Leaf): void {
  assertFit(countAt(page.head, 1), inflate(page.stored, page.size, leaf).length, leaf)
}

/** Of version 1: levels before values, compressed together. @returns how many bytes are made of what values share */
export function assertDataPage({ head, size, stored }: Page, count: number, leaf: Leaf): number {
  const content = inflate(stored, size, leaf)
  const reader = new ThriftReader(content)
  if (leaf.repetitions > 0) walkLevels(content, reader, leaf.repetitions, count)
  const present = leaf.definitions > 0 ? walkLevels(content, reader, leaf.definitions, count) : count
  const encoding = countAt(head, 2)
  const isIndexed = encoding === ENCODING.plainDictionary || encoding === ENCODING.dictionary || encoding === ENCODING.rle
  if (!isIndexed) return assertValues(content, reader, encoding, present, leaf)
  const isBool = leaf.meta.type === 'BOOLEAN'
  const width = isBool ? 1 : reader.byte()
  if (isBool) reader.at += LENGTH_BYTES
  if (width > 0) walkRuns(content, reader, width, present)
  return 0
}

/** Of version 2: levels that are not compressed before values that are. @returns how many bytes are made of what values share */
export function assertDataPage2({ head, size, stored }: Page, count: number, leaf: Leaf): number {
  const [missing, definitionBytes, repetitionBytes] = [countAt(head, 2), countAt(head, 5), countAt(head, 6)]
  const start = repetitionBytes + (leaf.definitions > 0 ? definitionBytes : 0)
  const left = size - repetitionBytes - definitionBytes
  if (missing > count || start > stored.length || left < 0) throw new RangeError(`levels of ${start} bytes`)
  if (leaf.repetitions > 0) walkRuns(stored, new ThriftReader(stored), bitsOf(leaf.repetitions), count)
  if (leaf.definitions > 0) walkRuns(stored, new ThriftReader(stored, repetitionBytes), bitsOf(leaf.definitions), count)
  const values = stored.subarray(start)
  const content = head.get(7) === false ? values : inflate(values, left, leaf)
  const reader = new ThriftReader(content)
  const [encoding, present] = [countAt(head, 4), count - missing]
  if (encoding === ENCODING.rle) {
    reader.at += LENGTH_BYTES
    walkRuns(content, reader, 1, present)
  } else if (encoding === ENCODING.plainDictionary || encoding === ENCODING.dictionary)
    walkRuns(content, reader, reader.byte(), present)
  else return assertValues(content, reader, encoding, present, leaf)
  return 0
}

const LENGTH_BYTES = 4

/** @returns how many values are there */
function walkLevels(content: Uint8Array, reader: ThriftReader, most: number, count: number): number {
  const from = reader.at + LENGTH_BYTES
  if (from > content.length) throw new RangeError('levels of no length')
  const length = new DataView(content.buffer, content.byteOffset + reader.at).getUint32(0, true)
  if (length > content.length - from) throw new RangeError(`levels of ${length} bytes`)
  reader.at = from
  const present = walkRuns(content, reader, bitsOf(most), count, most)
  reader.at = from + length
  return present
}

function assertValues(content: Uint8Array, reader: ThriftReader, encoding: number, count: number, leaf: Leaf): number {
  let shared = 0
  switch (encoding) {
    case ENCODING.plain:
    case ENCODING.split:
      assertFit(count, content.length - reader.at, leaf)
      break
    case ENCODING.delta:
    case ENCODING.lengths:
      walkDeltas(content, reader, count)
      break
    case ENCODING.prefixes:
      // Each begins as the one before it, and is made anew.
      walkDeltas(content, reader, count, (length) => {
        shared += length
        if (length < 0 || shared > leaf.mostBytes) throw new RangeError(`texts that begin with ${length} bytes of another`)
      })
      walkDeltas(content, reader, count)
  }
  return shared
}

function assertFit(count: number, bytes: number, { meta, typeLength }: Leaf): void {
  const least = meta.type === 'FIXED_LEN_BYTE_ARRAY' ? typeLength : LEAST_BYTES[meta.type]
  if (count > 0 && !(least > 0 && count * least <= bytes)) throw new RangeError(`${count} values in ${bytes} bytes`)
}

function inflate(stored: Uint8Array, size: number, { meta, compressors }: Leaf): Uint8Array {
  const content = meta.codec === 'UNCOMPRESSED' ? stored : compressors[meta.codec]?.(stored, size)
  if (content === undefined) throw new TypeError(`the compression ${meta.codec}`)
  if (content.length !== size) throw new RangeError(`a page of ${content.length} bytes instead of ${size}`)
  return content
}

/** That a number up to `most` takes. */
function bitsOf(most: number): number {
  return 32 - Math.clz32(most)
}
