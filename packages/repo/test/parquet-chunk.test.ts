import { ByteWriter } from '@shardex/schema'
import fc from 'fast-check'
import type { ColumnMetaData, SchemaElement, SchemaTree } from 'hyparquet'
import { describe, expect, test } from 'vitest'
import { i32, list, struct, text, writeThrift, writeVarint } from '../src/manifest/thrift.ts'
import { assertParquetChunk } from '../src/parquet/assert-chunk.ts'
import { parquetFooterBytes, readParquetFooter } from '../src/parquet/footer.ts'
import { walkDeltas, walkRuns } from '../src/parquet/runs.ts'
import { ThriftReader } from '../src/parquet/thrift-reader.ts'

const MANY = 30_000_000
const ENCODING = { plain: 0, dictionary: 8, delta: 5, prefixes: 7, split: 9 } as const

function bytesOf(...parts: readonly (number | { readonly varint: number } | Uint8Array)[]): Uint8Array {
  const writer = new ByteWriter()
  for (const part of parts) {
    if (part instanceof Uint8Array) writer.write(part)
    else if (typeof part === 'number') writer.writeByte(part)
    else writeVarint(writer, part.varint)
  }
  return writer.toBytes()
}

/** A chunk of one page of version 1, without compression. */
function pageOf(encoding: number, count: number, content: Uint8Array): Uint8Array {
  const writer = new ByteWriter()
  const head = struct([1, i32(count)], [2, i32(encoding)], [3, i32(3)], [4, i32(3)])
  writeThrift(writer, struct([1, i32(0)], [2, i32(content.length)], [3, i32(content.length)], [5, head]))
  writer.write(content)
  return writer.toBytes()
}

type Column = Pick<SchemaElement, 'type' | 'repetition_type'>

/** @param column its value count, unless it is that of its rows */
function assertColumn(bytes: Uint8Array, rows: number, column: Column, values = rows): number {
  const leaf: SchemaTree = { path: ['x'], element: { name: 'x', ...column }, children: [], count: 1 }
  const schema: SchemaTree = { path: [], element: { name: 'root', num_children: 1 }, children: [leaf], count: 2 }
  const meta = { path_in_schema: ['x'], type: column.type, codec: 'UNCOMPRESSED', num_values: BigInt(values) } as ColumnMetaData
  return assertParquetChunk(bytes, { meta, schema, rows, compressors: {}, mostBytes: 2 ** 20 })
}

const INT: Column = { type: 'INT32', repetition_type: 'REQUIRED' }
const TEXT: Column = { type: 'BYTE_ARRAY', repetition_type: 'REQUIRED' }
const LIST: Column = { type: 'INT32', repetition_type: 'REPEATED' }

test('a chunk of as many values as rows is what is made of it', () => {
  expect(assertColumn(pageOf(ENCODING.plain, 3, new Uint8Array(12)), 3, INT)).toBe(24)
  const constant = bytesOf(1, { varint: 1000 * 2 }, 0)
  expect(assertColumn(pageOf(ENCODING.dictionary, 1000, constant), 1000, TEXT)).toBe(8000)
})

describe('a chunk is refused before anything is made of it', () => {
  const block = { varint: 128 }
  test.each<[string, Uint8Array, Column, number, RegExp]>([
    ['of fewer values than rows', pageOf(ENCODING.plain, 3, new Uint8Array(12)), INT, MANY, /^3 values of x for 30000000 rows/],
    ['of more values than bytes', pageOf(ENCODING.plain, 4, new Uint8Array(12)), INT, 4, /^4 values in 12 bytes/],
    ['of more split values than bytes', pageOf(ENCODING.split, 4, new Uint8Array(12)), INT, 4, /^4 values in 12 bytes/],
    ['of a run of more places', pageOf(8, 3, bytesOf(1, { varint: MANY * 2 }, 0)), TEXT, 3, /^a run of 30000000 for 3/],
    ['of groups of no bits', pageOf(8, 3, bytesOf(1, { varint: MANY * 2 + 1 }, 0)), TEXT, 3, /^a run of 240000000 for 3/],
    [
      'of more than may be made',
      pageOf(8, MANY, bytesOf(1, { varint: MANY * 2 }, 0)),
      TEXT,
      MANY,
      /^a column of more than 1048576/,
    ],
    [
      'of lists of more than may be made',
      pageOf(ENCODING.plain, MANY, new Uint8Array(9)),
      LIST,
      1,
      /^a page of 30000000 values for 1 /,
    ],
    ['whose levels are longer than it', pageOf(ENCODING.plain, 1, bytesOf(99, 0, 0, 0, 2, 0)), LIST, 1, /^levels of 99 bytes/],
    ['of deltas in blocks of none', pageOf(ENCODING.delta, 3, bytesOf(0, 1, 3, 0, 0, 0)), INT, 3, /^1 parts of a block of 0/],
    [
      'of deltas that lead back to their start',
      pageOf(ENCODING.delta, 3, bytesOf({ varint: 2 ** 32 - 128 }, 4, 3, 0, 0, 1, 1, 1, 1)),
      INT,
      3,
      /^4 parts of a block of 4294967168/,
    ],
    [
      'of texts that repeat each other',
      // The first begins with nothing, each of the others with 2,000 bytes more.
      pageOf(ENCODING.prefixes, 100, bytesOf(block, 4, 100, 0, { varint: 4000 }, 0, 0, 0, 0, block, 4, 100, 0, 0, 0, 0, 0, 0)),
      TEXT,
      100,
      /^texts that begin with \d+ bytes of another/,
    ],
  ])('%s', (_, bytes, column, rows, found) => {
    expect(bytes.length).toBeLessThan(100)
    expect(() => assertColumn(bytes, rows, column)).toThrow(found)
  })
})

test('lists may have more values than rows, but not more than may be made of them', () => {
  const runs = (count: number, value: number) => {
    const run = bytesOf({ varint: count * 2 }, value)
    return bytesOf(run.length, 0, 0, 0, run)
  }
  const page = (count: number) =>
    pageOf(ENCODING.dictionary, count, bytesOf(runs(count, 1), runs(count, 1), 1, { varint: count * 2 }, 0))
  expect(assertColumn(page(5000), 1, LIST, 5000)).toBe(40_000)
  expect(() => assertColumn(page(5000), 1, LIST, 4999)).toThrow('a page of 5000 values for 4999 of them')
  expect(() => assertColumn(page(MANY), 1, LIST, MANY)).toThrow('a column of more than 1048576 bytes')
})

describe('a footer is refused', () => {
  const ended = (footer: Uint8Array) =>
    bytesOf(footer, new Uint8Array(Uint32Array.of(footer.length).buffer), new TextEncoder().encode('PAR1'))

  test('whose schema is as deep as it is long', () => {
    const schema = (depth: number) =>
      list(Array.from({ length: depth }, () => struct([4, text('x')], [5, i32(1)])).concat(struct([4, text('x')])))
    const footerOf = (depth: number) => {
      const writer = new ByteWriter()
      writeThrift(writer, struct([1, i32(1)], [2, schema(depth)]))
      return ended(writer.toBytes())
    }
    expect(readParquetFooter(footerOf(100)).get(1)).toBe(1)
    expect(() => readParquetFooter(footerOf(10_000))).toThrow(/deep$/)
  })

  test('that is longer than its file, or of another format', () => {
    const end = ended(new Uint8Array(20))
    expect(parquetFooterBytes(end, 32)).toBe(28)
    expect(() => parquetFooterBytes(end, 31)).toThrow('a footer of 20 bytes')
    expect(() => parquetFooterBytes(end.fill(0), 32)).toThrow('no Parquet')
  })

  test('with a field whose number others would cut to that of another', () => {
    const far = bytesOf(0x05, { varint: 2 * (2 ** 32 + 3) }, 2, 0)
    expect(() => new ThriftReader(far).struct()).toThrow('a field 4294967299')
  })
})

test('as many of the packed and the repeated numbers are found as there are', () => {
  const runs = fc.array(
    fc.oneof(
      fc.record({ repeated: fc.nat(7), times: fc.integer({ min: 1, max: 40 }) }),
      fc.array(fc.nat(7), { minLength: 8, maxLength: 8 }),
    ),
    { minLength: 1 },
  )
  fc.assert(
    fc.property(runs, fc.nat(7), fc.nat(7), (parts, wanted, cut) => {
      const writer = new ByteWriter()
      const numbers: number[] = []
      for (const part of parts) {
        if (!Array.isArray(part)) {
          writer.write(bytesOf({ varint: part.times * 2 }, part.repeated))
          numbers.push(...Array.from({ length: part.times }, () => part.repeated))
        } else {
          const packed = part.reduce((all, value, i) => all | (BigInt(value) << BigInt(3 * i)), 0n)
          writer.write(bytesOf(3, Number(packed & 255n), Number((packed >> 8n) & 255n), Number(packed >> 16n)))
          numbers.push(...part)
        }
      }
      // Only a group of eight may be longer than what is left.
      const count = Array.isArray(parts.at(-1)) ? numbers.length - cut : numbers.length
      const bytes = writer.toBytes()
      const reader = new ThriftReader(bytes)
      expect(walkRuns(bytes, reader, 3, count, wanted)).toBe(numbers.slice(0, count).filter((it) => it === wanted).length)
      expect(reader.at).toBe(bytes.length)
    }),
  )
})

test('the numbers of deltas are what they were made of', () => {
  const WIDTH = 32
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 30 }), { minLength: 1, maxLength: 300 }), (numbers) => {
      const parts: (number | { varint: number } | Uint8Array)[] = [
        { varint: 128 },
        4,
        { varint: numbers.length },
        { varint: numbers[0]! * 2 },
      ]
      for (let at = 1; at < numbers.length; at += 128) {
        const deltas = Array.from({ length: 128 }, (_, i) => (numbers[at + i] ?? 0) - (numbers[at + i - 1] ?? 0))
        const least = Math.min(...deltas)
        parts.push({ varint: least < 0 ? -least * 2 - 1 : least * 2 }, WIDTH, WIDTH, WIDTH, WIDTH)
        parts.push(new Uint8Array(Uint32Array.from(deltas, (delta) => delta - least).buffer))
      }
      const bytes = bytesOf(...parts)
      const seen: number[] = []
      walkDeltas(bytes, new ThriftReader(bytes), numbers.length, (value) => seen.push(value))
      expect(seen).toEqual(numbers)
    }),
  )
})
