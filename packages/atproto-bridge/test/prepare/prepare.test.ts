import { lexToJson } from '@atproto/lexicon'
import {
  array,
  arrowTensor,
  dataframe,
  decodeMsgpackMap,
  defineSample,
  ndarray,
  safetensors,
  sparse,
  structured,
  toSchemaRecord,
} from '@shardex/schema'
import { describe, expect, test } from 'vitest'
import { faultOfRecord, parseRecord, prepare } from '../../src/index.ts'
import { entryKey, labelKey, schemaKey } from '../../src/record-keys.ts'
import { atdataRecords } from '../vectors.ts'
import { DIGEST, entryAt, index, record } from './entries.ts'

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
