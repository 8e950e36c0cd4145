import { jsonToLex, lexToJson } from '@atproto/lexicon'
import type { Entry, Metadata } from '@shardex/index'
import {
  array,
  arrowTensor,
  bool,
  bytes,
  dataframe,
  decodeMsgpackMap,
  defineSample,
  float,
  int,
  ndarray,
  safetensors,
  sparse,
  str,
  structured,
  toSchemaRecord,
} from '@shardex/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { faultOfRecord, type PrepareOptions, parseRecord, prepare, recordToJson } from '../../src/index.ts'
import { entryKey, labelKey, schemaKey } from '../../src/record-keys.ts'
import { atdataRecords } from '../vectors.ts'

const Img = defineSample('demo.Img', {
  image: ndarray('float32', [null, 3]),
  label: str(),
  n: int(),
  f: float(),
  ok: bool(),
  raw: bytes(),
  tags: array(str()),
  emb: ndarray('float32'),
  opt: str().optional(),
  oarr: ndarray('float32').optional(),
})

const record = toSchemaRecord(Img, { version: '1.0.0', createdAt: '2024-01-02T03:04:05.678901+00:00', description: 'd' })
const index = { getSchema: async (ref: string) => (ref === REF ? { ...record, $ref: ref } : undefined) }
const REF = 'local://schemas/demo.Img@1.0.0'
const DIGEST = 'ab'.repeat(32)

/** An entry with a shard at each URL. */
function entryAt(
  urls: readonly string[],
  { sizeBytes = 10_240, metadata }: { sizeBytes?: number; metadata?: Metadata } = {},
): Entry {
  const shards = urls.map((url) => ({
    url,
    sha256: DIGEST,
    sizeBytes,
    sampleCount: 3,
    minKey: 'a',
    maxKey: 'c',
    merkleRoot: DIGEST,
    indexSha256: DIGEST,
    indexSizeBytes: 400,
    storeChecksum: 'etag:secret',
  }))
  return {
    cid: 'bafyreib',
    name: 'imgs',
    schemaRef: REF,
    dataUrls: urls,
    shards,
    contentCid: 'bafyreigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi',
    sampleCount: 3 * urls.length,
    sizeBytes: sizeBytes * urls.length,
    createdAtMs: 1_700_000_000_000,
    metadata,
    wdsUrl: urls[0] ?? '',
    sampleKind: REF,
  }
}

const problemsOf = async (entry: Entry, options?: PrepareOptions) =>
  (await prepare(entry, index, options)).problems.map(({ code, path }) => `${code} ${path}`)

describe('the records of a dataset', () => {
  test('have the schema that atdata writes for the same fields', async () => {
    const { schema, problems } = await prepare(entryAt(['https://h.net/a.tar']), index)
    const { shardex, ...rest } = schema.record
    const { metadata: _, ...theirs } = atdataRecords.createRecord_calls[0]!.record
    expect(problems).toEqual([])
    expect(rest).toEqual(theirs)
    expect(shardex).toEqual({ format: 1, module: 'demo', fields: record.fields })
  })

  test('name the formats of every kind of bytes so that readers of atdata tell them apart', async () => {
    const Kinds = defineSample('Kinds', {
      a: sparse(),
      b: structured(),
      c: arrowTensor(),
      d: safetensors(),
      e: dataframe(),
      f: array(ndarray('uint8')),
    })
    const kinds = toSchemaRecord(Kinds, { version: '1.0.0', createdAt: new Date(0) })
    const { schema } = await prepare(entryAt(['https://h.net/a.tar']), { getSchema: async ($ref) => ({ ...kinds, $ref }) })
    const { properties, arrayFormatVersions } = schema.record.schema
    const refs = Object.values(properties).map(
      (property) => (property['$ref'] ?? (property['items'] as { $ref: string }).$ref) as string,
    )
    // In the order in which atdata looks for these words in a reference.
    const words = ['ndarray', 'sparse', 'structured', 'safetensors', 'arrow', 'tensor', 'dataframe']
    expect(refs.map((ref) => words.find((word) => ref.includes(word)))).toEqual([
      'sparse',
      'structured',
      'arrow',
      'safetensors',
      'dataframe',
      'ndarray',
    ])
    expect(Object.keys(arrayFormatVersions ?? {})).toEqual([
      'sparseBytes',
      'structuredBytes',
      'arrowTensor',
      'safetensors',
      'dataframe',
      'ndarrayBytes',
    ])
  })

  test('point to each other, and fit their lexicons', async () => {
    const now = new Date('2026-01-01T00:00:00Z')
    const { schema, entry, label } = await prepare(entryAt(['https://h.net/a.tar']), index, {
      repo: 'did:plc:abc',
      version: '2',
      now,
    })
    expect(entry.record).toMatchObject({
      schemaRef: schema.uri,
      createdAt: '2023-11-14T22:13:20.000Z',
      size: { samples: 3, bytes: 10_240, shards: 1 },
    })
    expect(label.record).toEqual({
      $type: label.collection,
      name: 'imgs',
      version: '2',
      datasetUri: entry.uri,
      createdAt: now.toISOString(),
    })
    expect([schema, entry, label].map(({ record }) => faultOfRecord(record))).toEqual([undefined, undefined, undefined])
    expect(entry.uri).toMatch(/^at:\/\/did:plc:abc\/science\.alt\.dataset\.entry\/[2-7a-j][2-7a-z]{12}$/)
    expect(schema.uri).toMatch(/\/science\.alt\.dataset\.schema\/Img:1\.0\.0:[0-9a-f]{24}$/)
  })

  test('have keys that follow from what they say, the same each time and others for others', async () => {
    const one = await prepare(entryAt(['https://h.net/a.tar']), index, { description: 'x', now: new Date(1) })
    const moved = await prepare(entryAt(['s3://bucket/a.tar']), index, { now: new Date(2) })
    const longer = await prepare(entryAt(['https://h.net/a.tar', 'https://h.net/b.tar']), index)
    const renamed = await prepare(entryAt(['https://h.net/a.tar']), index, { name: 'other', version: '1' })
    expect(moved.entry.uri).toBe(one.entry.uri)
    expect(new Set([one, longer, renamed].map(({ entry }) => entry.rkey)).size).toBe(3)
    expect(new Set([one, longer, renamed].map(({ label }) => label.rkey)).size).toBe(2)
    for (const { schema, entry, label } of [one, moved, renamed])
      expect([schema.rkey, entry.rkey, label.rkey]).toEqual([
        schemaKey(schema.record),
        entryKey(entry.record),
        labelKey(label.record),
      ])
  })

  test('tell metadata in msgpack, fractions included, but no private mirrors, no digests twice and nothing of the store at home', async () => {
    const metadata = {
      split: 'train',
      ratio: 0.5,
      checksums: { 'https://h.net/a.tar': DIGEST },
      mirrors: ['/backup/', 'https://m.net/'],
    }
    const { entry, problems } = await prepare(entryAt(['https://h.net/a.tar'], { metadata }), index)
    expect(problems).toEqual([])
    expect(decodeMsgpackMap(entry.record.metadata as Uint8Array)).toEqual({
      split: 'train',
      ratio: 0.5,
      mirrors: ['https://m.net/'],
    })
    expect(Buffer.from(entry.record.shardex!.details).includes('secret')).toBe(false)
    const blobs = await prepare(entryAt(['/a.tar'], { metadata }), index)
    expect(decodeMsgpackMap(blobs.entry.record.metadata as Uint8Array)).toEqual({ split: 'train', ratio: 0.5 })
  })

  test('lie where the shards are, unless told otherwise', async () => {
    const kindOf = async (...urls: string[]) => (await prepare(entryAt(urls), index)).entry.record.storage.$type.split('.').at(-1)
    expect(await kindOf('https://h.net/a.tar', 'http://h.net/b.tar')).toBe('storageHttp')
    expect(await kindOf('s3://b/a.tar')).toBe('storageS3')
    expect(await kindOf('https://h.net/a.tar', '/b.tar')).toBe('storageBlobs')
  })

  test('know the CID of a blob before it is sent', async () => {
    const { entry } = await prepare(entryAt(['/a.tar']), index)
    expect(lexToJson(entry.record.storage)).toMatchObject({
      blobs: [
        {
          blob: {
            $type: 'blob',
            ref: { $link: 'bafkreiflvov2xk5lvov2xk5lvov2xk5lvov2xk5lvov2xk5lvov2xk5lvm' },
            mimeType: 'application/x-tar',
            size: 10_240,
          },
          checksum: { algorithm: 'sha256', digest: DIGEST },
        },
      ],
    })
  })
})

describe('what keeps a dataset from being published', () => {
  test('are URLs that mean something else to others', async () => {
    const urls = ['/a.tar', 's3://b/c.tar', 'http://localhost/d.tar', 'https://u:p@h.net/e.tar', 'https://h.net/{0..1}.tar']
    expect(await problemsOf(entryAt(urls), { storage: 'urls' })).toEqual([
      'url.local entry.storage.shards[0].url',
      'url.scheme entry.storage.shards[1].url',
      'url.private entry.storage.shards[2].url',
      'url.credentials entry.storage.shards[3].url',
      'url.pattern entry.storage.shards[4].url',
    ])
  })

  test('are keys that are not in one bucket of a server that everybody reaches', async () => {
    const urls = ['s3://one/a.tar', 's3://two/b.tar', 's3://one/c-{0..3}.tar', '/d.tar', 'https://h.net/e.tar', 's3://one']
    expect(await problemsOf(entryAt(urls), { storage: 's3', s3: { endpoint: 'http://10.0.0.1:9000', region: 'a/b' } })).toEqual([
      'url.private entry.storage.endpoint',
      'value.unsupported entry.storage.region',
      'url.pattern entry.storage.shards[2].key',
      'url.local entry.storage.shards[3].key',
      'url.scheme entry.storage.shards[4].key',
      'url.invalid entry.storage.shards[5].key',
      'bucket.many entry.storage.bucket',
    ])
  })

  test('are digests and sizes that nobody knows', async () => {
    const { shards: _, ...foreign } = entryAt(['https://h.net/a.tar', 'https://h.net/b.tar'])
    expect(await problemsOf(foreign)).toEqual([
      'digest.missing entry.storage.shards[0].checksum',
      'digest.missing entry.storage.shards[1].checksum',
    ])
    const noted = { ...foreign, metadata: { checksums: { 'https://h.net/a.tar': DIGEST, 'https://h.net/b.tar': DIGEST } } }
    expect(await problemsOf(noted)).toEqual([])
    expect(await problemsOf(noted, { storage: 'blobs' })).toEqual([
      'digest.missing entry.storage.blobs[0].blob',
      'digest.missing entry.storage.blobs[1].blob',
    ])
  })

  test('are blobs over the limit of the lexicon', async () => {
    expect(await problemsOf(entryAt(['/a.tar'], { sizeBytes: 52_428_800 }))).toEqual([])
    expect(await problemsOf(entryAt(['/a.tar'], { sizeBytes: 52_428_801 }))).toEqual([
      'blob.too_large entry.storage.blobs[0].blob',
    ])
  })

  test('are values that records have no place for', async () => {
    const contentMetadata = { classes: [{ weight: 0.5 }], big: 2 ** 60, when: 7n, ok: [1, null, 'x', true], nothing: Number.NaN }
    expect(await problemsOf(entryAt(['https://h.net/a.tar']), { contentMetadata })).toEqual([
      'number.float entry.contentMetadata.classes[0].weight',
      'value.unsupported entry.contentMetadata.big',
      'value.unsupported entry.contentMetadata.when',
      'number.float entry.contentMetadata.nothing',
    ])
  })

  test('is what the lexicons have no place for', async () => {
    expect(await problemsOf(entryAt(['https://h.net/a.tar']), { license: 'x'.repeat(201) })).toEqual([
      'record.invalid entry.license',
    ])
    expect(await problemsOf(entryAt(['https://h.net/a.tar']), { tags: Array(31).fill('t') })).toEqual([
      'record.invalid entry.tags',
    ])
    expect(await problemsOf(entryAt([]))).toEqual(['shards.missing entry.storage'])
  })

  test('is a record that no PDS takes', async () => {
    const urls = Array.from({ length: 3000 }, (_, i) => `https://h.net/${i}.tar`)
    expect(await problemsOf(entryAt(urls))).toEqual(['record.too_large entry'])
  })

  test('is a schema that the registry does not have', async () => {
    await expect(
      prepare({ ...entryAt(['https://h.net/a.tar']), schemaRef: 'local://schemas/X@1.0.0' }, index),
    ).rejects.toMatchObject({ code: 'schema.not_found' })
  })
})

test('whatever is in the registry, it is refused with advice or makes records that fit', async () => {
  const url = fc.oneof(
    fc.string(),
    fc.webUrl({ withQueryParameters: true }),
    fc.webPath().map((path) => `s3://bucket${path}`),
    fc.constantFrom('https://h.net/a.tar', 's3://bucket/a.tar', '/a.tar', 's3://', 'https://h.net/{0..1}.tar'),
  )
  const leaf = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n),
    fc.boolean(),
    fc.uint8Array(),
    fc.constant(null),
  )
  const metadata = fc.dictionary(fc.string(), fc.oneof(leaf, fc.array(leaf), fc.constantFrom(['https://m.net/'], ['/m/'])))
  const options = fc.record({
    storage: fc.constantFrom('urls', 's3', 'blobs', undefined),
    description: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
    tags: fc.array(fc.string()),
    contentMetadata: fc.option(fc.dictionary(fc.string(), leaf as fc.Arbitrary<unknown>), { nil: undefined }),
    s3: fc.record({ endpoint: fc.option(url, { nil: undefined }), region: fc.option(fc.string(), { nil: undefined }) }),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(url, { maxLength: 3 }),
      fc.nat(60_000_000),
      metadata,
      options,
      async (urls, sizeBytes, meta, given) => {
        const { schema, entry, label, problems } = await prepare(entryAt(urls, { sizeBytes, metadata: meta }), index, given)
        for (const { advice, path } of problems) expect(advice && path).toBeTruthy()
        if (problems.length > 0) return
        for (const { record } of [schema, entry, label]) {
          expect(faultOfRecord(record)).toBeUndefined()
          expect(parseRecord(jsonToLex(recordToJson(record)), 'at://x')).toBeTruthy()
        }
      },
    ),
  )
})

describe('records that atdata publishes', () => {
  test.each(atdataRecords.createRecord_calls.filter(({ collection }) => !collection.endsWith('lensVerification')))(
    '$record.name in $collection is read',
    ({ record }) => {
      expect(parseRecord(record, 'at://x')).toBe(record)
    },
  )

  test('differ from the lexicon only in the metadata of entries, which we write as the lexicon has it', () => {
    const faults = atdataRecords.createRecord_calls.map(({ record }) => faultOfRecord(record as { $type: string }))
    expect(faults.filter((fault) => fault !== undefined)).toEqual(['Record/metadata must be a byte array'])
  })

  test.each(atdataRecords.legacy_shapes)('$collection of the first generation is read', ({ record }) => {
    expect(parseRecord(record, 'at://x')).toBe(record)
  })

  test.each([
    [null, '$type undefined'],
    [{ $type: 'app.bsky.feed.post' }, '$type "app.bsky.feed.post"'],
    [
      { $type: 'science.alt.dataset.label', name: 'n', datasetUri: 'no', createdAt: '2024-01-01T00:00:00Z' },
      'Record/datasetUri must be a valid at-uri',
    ],
    [{ ...atdataRecords.createRecord_calls[1]!.record, metadata: 7 }, 'Record/metadata must be a byte array'],
  ])('%s is refused', (value, found) => {
    expect(() => parseRecord(value, 'at://x')).toThrow(found)
  })
})
