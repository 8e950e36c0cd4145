import { readFileSync } from 'node:fs'
import { array, bool, defineSample, float, type Infer, int, str } from '@shardex/schema'
import { expect, test } from 'vitest'
import { manifestColumns } from '../src/manifest/columns.ts'
import { decodeSamples } from '../src/manifest/decode-samples.ts'
import { encodeManifest } from '../src/manifest/encode-manifest.ts'
import { decodeHeader } from '../src/manifest/header.ts'
import { pythonText } from '../src/manifest/python-text.ts'
import { SampleRecorder } from '../src/manifest/recorder.ts'
import { decodeOffsetIndex, OffsetIndexBuilder } from '../src/shard/offset-index.ts'

/** The sample type of atdata's vector, and its samples. */
const M = defineSample('M', { label: str(), score: float(), n: int(), ok: bool(), tags: array(str()), opt: float().optional() })
const samples: Infer<typeof M>[] = [
  { label: 'dog', score: 0, n: 0, ok: true, tags: ['a', '0'], opt: 1.5 },
  { label: 'dog', score: 0.5, n: 1, ok: false, tags: ['a', '1'] },
  { label: 'cat', score: 1, n: 2, ok: false, tags: ['a', '2'] },
]

interface Vectors {
  readonly header: { readonly aggregates: Record<string, object> }
  readonly header_json_text: string
  readonly empty_header_json_text: string
  readonly rows: readonly Record<string, unknown>[]
}

function load<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./vectors/${name}.json`, import.meta.url), 'utf8')) as T
}

function encoded() {
  const builder = new OffsetIndexBuilder()
  const recorder = new SampleRecorder(manifestColumns(M))
  for (const [i, sample] of samples.entries()) {
    builder.add(Buffer.from(`k${i}`), 512 + 1536 * i, 10 + i, 0)
    recorder.add(sample)
  }
  const index = decodeOffsetIndex(builder.encode(8192, new Uint8Array(96)), 'index')
  return encodeManifest({
    shard: 's3://bucket/prefix/data--uuid--000000.tar',
    shardSha256: 'ab'.repeat(32),
    index,
    columns: recorder.columns,
    values: recorder.take(3),
    schemaType: 'M',
    schemaVersion: '1.0.0',
    createdAt: new Date('2024-01-02T03:04:05.678Z'),
  })
}

test('our header says what atdata says of the same samples', () => {
  const theirs = load<Vectors>('atdata-manifest')
  const ours = JSON.parse(new TextDecoder().decode(encoded().header)) as Record<string, object>
  const { shardex, aggregates, created_at, ...facts } = ours
  expect({ ...theirs.header, ...facts, provenance: undefined }).toEqual({ ...theirs.header, provenance: undefined })
  expect(created_at).toBe('2024-01-02T03:04:05.678000+00:00')
  expect(Object.keys(aggregates as object)).toEqual(Object.keys(theirs.header.aggregates))
  // Beside what atdata says, of a set also how many items there are.
  expect({ ...aggregates, tags: { ...theirs.header.aggregates['tags'] } }).toEqual(theirs.header.aggregates)
  expect(aggregates).toMatchObject({ tags: { ...theirs.header.aggregates['tags'], cardinality: 4 } })
  expect(shardex).toMatchObject({ format: 1, shard_sha256: 'ab'.repeat(32) })
})

test('headers of atdata are read, and the words in an empty one that are no JSON', () => {
  const { header_json_text, empty_header_json_text } = load<Vectors>('atdata-manifest')
  const bytes = (text: string) => new TextEncoder().encode(text)
  expect(decodeHeader(bytes(header_json_text), 'vector')).toMatchObject({
    sampleCount: 3,
    sizeBytes: 33,
    schemaType: 'M',
    proof: undefined,
  })
  expect(decodeHeader(bytes(empty_header_json_text), 'vector').aggregates.get('score')).toEqual({
    type: 'numeric',
    min: null,
    max: null,
    mean: 0,
    count: 0,
  })
  const named = empty_header_json_text.replace('"shard_id": "empty"', '"shard_id": "-Infinity, \\"NaN\\""')
  expect(decodeHeader(bytes(named), 'vector').shardId).toBe('-Infinity, "NaN"')
})

test('the files of a manifest are pinned, byte for byte, and hold the rows', async () => {
  const { header, samples: parquet } = encoded()
  const vector = load<{ header: string; parquet_hex: string }>('manifest')
  expect(new TextDecoder().decode(header)).toBe(vector.header)
  expect(Buffer.from(parquet).toString('hex')).toBe(vector.parquet_hex)
  const rows = await decodeSamples(parquet, manifestColumns(M), 'vector', { foreign: false })
  expect(samples.map((_, i) => rows.row(i)).map(({ key, fields }) => ({ ...fields, key }))).toMatchObject(
    samples.map((sample, i) => ({ ...sample, key: `k${i}` })),
  )
})

test('values are named as Python names them', () => {
  const floats: [number, string][] = [
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [-2.5, '-2.5'],
    [1e15, '1000000000000000.0'],
    [1e16, '1e+16'],
    [1.5e300, '1.5e+300'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [5e-324, '5e-324'],
    [Number.NaN, 'nan'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ]
  for (const [value, text] of floats) expect(pythonText(value, 'float')).toBe(text)
  expect([pythonText(3, 'int'), pythonText(2n ** 64n, 'int'), pythonText(true, 'bool'), pythonText('x', 'str')]).toEqual([
    '3',
    '18446744073709551616',
    'True',
    'x',
  ])
})
