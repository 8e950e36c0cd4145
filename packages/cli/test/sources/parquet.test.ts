import { open } from 'node:fs/promises'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, test } from 'vitest'
import { tempDir } from '../temp-dir.ts'
import { failureOf, readSource } from './read-source.ts'

describe('Parquet', () => {
  test('types come from the schema of the file, over several row groups', async () => {
    await using dir = await tempDir()
    const path = await dir.write(
      't.parquet',
      new Uint8Array(
        parquetWriteBuffer({
          rowGroupSize: 2,
          columnData: [
            { name: 'id', data: [1n, 2n, 2n ** 60n], type: 'INT64', nullable: false },
            { name: 'whole', data: [1, 2, 3], type: 'DOUBLE', nullable: false },
            { name: 'ok', data: [true, null, false], type: 'BOOLEAN' },
            { name: 'full', data: ['a', 'b', 'c'], type: 'STRING', nullable: true },
            { name: 'raw', data: [Uint8Array.of(0xff), Uint8Array.of(), Uint8Array.of(1)], type: 'BYTE_ARRAY', nullable: false },
            { name: 'at', data: [new Date(0), new Date(1_700_000_000_123), new Date(-1)], type: 'TIMESTAMP', nullable: false },
            { name: 'doc', data: [{ b: 1 }, [2], 'x'], type: 'JSON', nullable: false },
          ],
        }),
      ),
    )
    const source = await readSource(path)
    expect(source.fields).toEqual([
      'id: int',
      'whole: float',
      'ok: bool, optional',
      'full: str',
      'raw: bytes',
      'at: str',
      'doc: str',
    ])
    expect(source.describe).toBe('3 rows of t.parquet')
    expect(source.all.map(({ id, ok, raw }) => ({ id, ok, raw }))).toEqual([
      { id: 1, ok: true, raw: Uint8Array.of(0xff) },
      { id: 2, ok: undefined, raw: Uint8Array.of() },
      { id: 2n ** 60n, ok: false, raw: Uint8Array.of(1) },
    ])
    expect(source.all.map(({ at }) => at)).toEqual([
      '1970-01-01T00:00:00.000Z',
      '2023-11-14T22:13:20.123Z',
      '1969-12-31T23:59:59.999Z',
    ])
    expect(source.all.map(({ doc }) => doc)).toEqual(['{"b":1}', '[2]', '"x"'])
  })

  test('lists stay lists and structs are opened into their parts', async () => {
    await using dir = await tempDir()
    const path = await dir.write(
      'nested.parquet',
      new Uint8Array(
        parquetWriteBuffer({
          schema: [
            { name: 'root', num_children: 2 },
            { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
            { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
            { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
            { name: 'vector', converted_type: 'LIST', num_children: 1, repetition_type: 'OPTIONAL' },
            { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
            { name: 'element', type: 'FLOAT', repetition_type: 'OPTIONAL' },
          ],
          columnData: [
            {
              name: 'image',
              data: [
                { bytes: Uint8Array.of(1), path: 'a.png' },
                { bytes: Uint8Array.of(2), path: null },
              ],
            },
            { name: 'vector', data: [[0.5, 2], []] },
          ],
        }),
      ),
    )
    const source = await readSource(path)
    expect(source.fields).toEqual(['image_bytes: bytes', 'image_path: str, optional', 'vector: list of float, optional'])
    expect(source.all).toEqual([
      { image_bytes: Uint8Array.of(1), image_path: 'a.png', vector: [0.5, 2] },
      { image_bytes: Uint8Array.of(2), vector: [] },
    ])
  })

  test.each(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD', 'BROTLI'] as const)('a file compressed with %s is read', async (codec) => {
    await using dir = await tempDir()
    const data = Array.from({ length: 500 }, (_, n) => `row ${n % 7}`)
    const buffer = parquetWriteBuffer({
      codec,
      compressors: { GZIP: gzipSync, ZSTD: zstdCompressSync, BROTLI: brotliCompressSync },
      columnData: [{ name: 'text', data, type: 'STRING', nullable: false }],
    })
    const source = await readSource(await dir.write('c.parquet', new Uint8Array(buffer)))
    expect(source.all.map(({ text }) => text)).toEqual(data)
  })

  test('a limit takes only the first rows', async () => {
    await using dir = await tempDir()
    const buffer = parquetWriteBuffer({ columnData: [{ name: 'n', data: [1, 2, 3], type: 'INT32', nullable: false }] })
    const source = await readSource(await dir.write('l.parquet', new Uint8Array(buffer)), { limit: 2 })
    expect(source.all.map(({ n }) => n)).toEqual([1, 2])
  })

  test('a file cut short, flipped or of something else is refused, never misread without a word', async () => {
    await using dir = await tempDir()
    const data = Array.from({ length: 200 }, (_, n) => `value ${n}`)
    const whole = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'text', data, type: 'STRING', nullable: false }] }))
    for (const length of [0, 3, 11, 100, whole.byteLength - 1]) {
      expect(await failureOf(await dir.write(`cut-${length}.parquet`, whole.subarray(0, length)))).toMatchObject({
        code: 'source.invalid',
      })
    }
    for (let at = whole.byteLength - 200; at < whole.byteLength; at++) {
      const flipped = whole.slice()
      flipped[at] = (flipped[at] as number) ^ 0xff
      const outcome = await readSource(await dir.write('flipped.parquet', flipped)).catch((error: unknown) => error)
      if (outcome instanceof Error) expect(outcome, `byte ${at}`).toMatchObject({ name: 'ShardexError' })
    }
  })

  test('a row group with a column that the schema does not have is refused, and ends nothing else', async () => {
    await using dir = await tempDir()
    const data = ['a'.repeat(40), 'b']
    const columnData = ['one', 'two'].map((name) => ({ name, data, type: 'STRING' as const, nullable: false }))
    const bytes = Buffer.from(parquetWriteBuffer({ columnData }))
    // The page of `two` cannot be read, and the footer's last mention of it is in its row group.
    bytes.fill(0xff, bytes.indexOf('PAR1') + 4, bytes.indexOf('PAR1') + 60)
    bytes.write('one', bytes.lastIndexOf('two'))
    expect(await failureOf(await dir.write('foreign.parquet', new Uint8Array(bytes)))).toMatchObject({
      code: 'source.invalid',
      message: expect.stringContaining('columns are not those of the schema'),
    })
  })

  test('a footer that announces more than there is, is refused before it is allocated', async () => {
    await using dir = await tempDir()
    const path = await dir.write('big.parquet', 'PAR1')
    await using handle = await open(path, 'a')
    await handle.write(Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0x7f]), Buffer.from('PAR1')]))
    expect(await failureOf(path)).toMatchObject({ code: 'source.invalid' })
  })
})
