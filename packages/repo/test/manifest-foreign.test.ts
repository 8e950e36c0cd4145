import { ByteWriter } from '@shardex/schema'
import { expect, test } from 'vitest'
import { decodeSamples } from '../src/manifest/decode-samples.ts'
import { i32, i64, list, struct, text, writeThrift, writeVarint } from '../src/manifest/thrift.ts'

interface Claims {
  readonly rows: number
  /** Of each page. */
  readonly values: number
  /** How long the only run of levels, or of places in a dictionary, is said to be. */
  readonly run: number
  readonly dictionary?: number
}

const COLUMNS = ['__key__', '__offset__', '__size__']
const MAGIC = new TextEncoder().encode('PAR1')

/** A few hundred bytes as pandas might have written them, which claim what they are told to: texts that are all missing, or all the first of a dictionary. */
function claiming({ rows, values, run, dictionary }: Claims): Uint8Array {
  const writer = new ByteWriter()
  writer.write(MAGIC)
  const chunks = COLUMNS.map((name) => {
    const start = writer.length
    if (dictionary !== undefined) {
      writeThrift(writer, struct([1, i32(2)], [2, i32(5)], [3, i32(5)], [7, struct([1, i32(dictionary)], [2, i32(0)])]))
      writer.write(Uint8Array.of(1, 0, 0, 0, 0x61))
    }
    const runs = new ByteWriter()
    writeVarint(runs, run * 2)
    runs.writeByte(0)
    const content = new ByteWriter()
    content.write(dictionary === undefined ? Uint8Array.of(runs.length, 0, 0, 0) : Uint8Array.of(1))
    content.write(runs.toBytes())
    const head = struct([1, i32(values)], [2, i32(dictionary === undefined ? 0 : 8)], [3, i32(3)], [4, i32(3)])
    writeThrift(writer, struct([1, i32(0)], [2, i32(content.length)], [3, i32(content.length)], [5, head]))
    writer.write(content.toBytes())
    return { name, start, size: writer.length - start }
  })
  const meta = ({ name, start, size }: (typeof chunks)[number]) =>
    struct(
      [1, i32(6)],
      [2, list([i32(0)])],
      [3, list([text(name)])],
      [4, i32(0)],
      [5, i64(rows)],
      [6, i64(size)],
      [7, i64(size)],
      [9, i64(start)],
    )
  const group = struct(
    [1, list(chunks.map((chunk) => struct([2, i64(chunk.start)], [3, meta(chunk)])))],
    [2, i64(1)],
    [3, i64(rows)],
  )
  const leaf = (name: string) => struct([1, i32(6)], [3, i32(dictionary === undefined ? 1 : 0)], [4, text(name)], [6, i32(0)])
  const schema = list([struct([4, text('schema')], [5, i32(COLUMNS.length)]), ...COLUMNS.map(leaf)])
  const footer = new ByteWriter()
  writeThrift(footer, struct([1, i32(1)], [2, schema], [3, i64(rows)], [4, list([group])]))
  writer.write(footer.toBytes())
  writer.write(new Uint8Array(Uint32Array.of(footer.length).buffer))
  writer.write(MAGIC)
  return writer.toBytes()
}

const read = (claims: Claims) => decodeSamples(claiming(claims), [], 'hostile', { foreign: true })
/** More than there is memory for in a test run, if it were believed. */
const MANY = 30_000_000

test('Parquet of others that claims no more than it holds is read', async () => {
  expect((await read({ rows: 3, values: 3, run: 3 })).length).toBe(3)
  const rows = await read({ rows: 3, values: 3, run: 3, dictionary: 1 })
  expect(rows.numbersOf(({ __key__: key }) => key === 'a')).toEqual([0, 1, 2])
})

test.each<[string, Claims, RegExp]>([
  ['more rows than bytes', { rows: MANY, values: MANY, run: MANY }, /30000000 rows in \d+ bytes/],
  ['a page of more values than rows', { rows: 3, values: MANY, run: MANY }, /a page of 30000000 values for 3 rows/],
  ['a run of more levels than values', { rows: 3, values: 3, run: MANY }, /a run of 30000000 for 3 values/],
  ['a run of more places than values', { rows: 3, values: 3, run: MANY, dictionary: 1 }, /a run of 30000000 for 3 values/],
  ['a dictionary of more values than bytes', { rows: 3, values: 3, run: 3, dictionary: MANY }, /30000000 values in 5 bytes/],
])('Parquet of others that claims %s is refused before it takes memory', async (_, claims, found) => {
  expect(claiming(claims).length).toBeLessThan(1000)
  await expect(read(claims)).rejects.toMatchObject({ code: 'index.corrupt', message: expect.stringMatching(found) as string })
})

test('a footer with a list that claims more items than there are bytes is refused before room is made for them', async () => {
  const footer = new ByteWriter()
  footer.write(Uint8Array.of(0x29, 0xfc)) // field 2, a list of more than 14 structs
  writeVarint(footer, MANY)
  const file = new ByteWriter()
  file.write(MAGIC)
  file.write(footer.toBytes())
  file.write(new Uint8Array(Uint32Array.of(footer.length).buffer))
  file.write(MAGIC)
  await expect(decodeSamples(file.toBytes(), [], 'hostile', { foreign: true })).rejects.toMatchObject({
    code: 'index.corrupt',
    details: { found: `a list of ${MANY}` },
  })
})
