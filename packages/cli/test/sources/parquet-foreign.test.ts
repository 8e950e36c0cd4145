import { fileURLToPath } from 'node:url'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, test } from 'vitest'
import { boundedCompressors } from '../../src/sources/readers/parquet-compressors.ts'
import { tempDir } from '../temp-dir.ts'
import { failureOf, readSource } from './read-source.ts'

test.each(['pyarrow', 'duckdb'])(
  'Parquet as %s has it is read: deltas, split bytes, lists, nulls, pages of both versions',
  async (writer) => {
    const { all } = await readSource(fileURLToPath(new URL(`vectors/${writer}.parquet`, import.meta.url)))
    const expected = Array.from({ length: 10 }, (_, k) => ({
      id: k,
      small: k % 7 === 0 ? undefined : k * k - 20,
      x: k / 4,
      url: k % 4 === 3 ? undefined : `https://example.org/${Math.floor(k / 3)}`,
      ok: k % 5 === 0 ? undefined : k % 2 === 0,
      tags: Array.from({ length: k % 3 }, (__, j) => `t${j}`),
    }))
    expect(all.map(({ id, small, x, url, ok, tags }) => ({ id, small, x, url, ok, tags }))).toEqual(expected)
  },
)

describe('Parquet that claims more than it holds is refused before it takes time or memory', () => {
  const MAGIC = '50415231'
  /** 30,000,000 as Thrift has it, and as the head of a run. */
  const MANY = { count: '8087a70e', run: '808ece1c' }
  /** Three texts, the second of which is missing, in one page. */
  const honest = Buffer.from(
    parquetWriteBuffer({ codec: 'UNCOMPRESSED', columnData: [{ name: 'text', data: ['a', null, 'b'], type: 'STRING' }] }),
  ).toString('hex')
  const changed = (from: string, to: string): string => {
    expect(honest.split(from).length, from).toBe(2)
    expect(to.length).toBe(from.length)
    return honest.replace(from, to)
  }

  test.each<[string, () => string, string]>([
    [
      'a run of levels',
      // How many bytes they have and, after the header, the run and a part of the values.
      () => changed('150415000000' + '0305' + '010000', `150a15000000${MANY.run}01`),
      'a run of 30000000 for 3 values',
    ],
    ['a page', () => changed('5c1506', '5c1508'), 'a page of 4 values for 3 rows'],
    ['a list in the footer', () => `${MAGIC}29fc${MANY.count}06000000${MAGIC}`, 'a list of 30000000'],
  ])('%s', async (_, hex, found) => {
    await using dir = await tempDir()
    expect(await failureOf(await dir.write('hostile.parquet', Buffer.from(hex(), 'hex')))).toMatchObject({
      code: 'source.invalid',
      message: expect.stringContaining(found) as string,
    })
  })
})

describe('a page that claims to be larger than its bytes can make it', () => {
  const GIB = 2 ** 30

  test.each(['SNAPPY', 'GZIP', 'BROTLI', 'ZSTD', 'LZ4', 'LZ4_RAW'] as const)('is refused, compressed with %s', (codec) => {
    const before = process.memoryUsage().arrayBuffers
    for (const stored of [new Uint8Array(40), new Uint8Array(40).fill(0xff)])
      expect(() => boundedCompressors[codec]?.(stored, GIB - 1)).toThrow()
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(GIB / 16)
    expect(() => boundedCompressors[codec]?.(new Uint8Array(40), GIB + 1)).toThrow(`a page of ${GIB + 1} bytes`)
  })

  test('is refused, compressed with LZ4 in blocks whose lengths lead back to their start', () => {
    const stored = Buffer.from('00000000fffffff8'.repeat(3), 'hex')
    expect(() => boundedCompressors.LZ4?.(stored, 5)).toThrow('lz4')
  })

  test('LZ4 is read with and without the blocks of Hadoop', () => {
    const block = Buffer.from('50', 'hex') // five bytes as they are
    const text = Buffer.from('hello')
    const stored = Buffer.concat([block, text])
    const framed = Buffer.concat([Buffer.from('0000000500000006', 'hex'), stored])
    const wanted = new Uint8Array(text)
    expect(new Uint8Array(boundedCompressors.LZ4?.(stored, 5) ?? [])).toEqual(wanted)
    expect(new Uint8Array(boundedCompressors.LZ4?.(Buffer.concat([framed, framed]), 10) ?? [])).toEqual(
      new Uint8Array([...wanted, ...wanted]),
    )
  })
})
