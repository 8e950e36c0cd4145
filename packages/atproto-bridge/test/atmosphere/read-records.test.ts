import { ShardexError } from '@shardex/errors'
import { entryCid } from '@shardex/index'
import { describeFields, encodeMsgpack, sampleTypeFromRecord } from '@shardex/schema'
import { describe, expect, test } from 'vitest'
import { decodeRecord } from '../../src/atmosphere/decode-record.ts'
import { readEntry } from '../../src/atmosphere/read-entry.ts'
import { readMetadata } from '../../src/atmosphere/read-metadata.ts'
import { readSchema } from '../../src/atmosphere/read-schema.ts'
import { atdataRecords } from '../vectors.ts'
import { ALICE, cidOf, fetched } from './fetched.ts'

const published = (name: string): Record<string, unknown> => {
  const found = atdataRecords.createRecord_calls.find(({ record }) => record['name'] === name)
  if (found === undefined) throw new Error(`no golden record ${name}`)
  return { ...found.record }
}
const http = published('http')
const DIGEST = 'a'.repeat(64)
const BLOB = 'bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'
const BLOB_SHA256 = 'b94d27b993ed3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9'

describe('entries that atdata published', () => {
  test('shards behind web addresses, with the digests of the record', () => {
    const entry = readEntry(fetched(http), ALICE)
    expect(entry).toMatchObject({
      uri: 'at://did:plc:alice/science.alt.dataset.entry/3kabc',
      did: 'did:plc:alice',
      name: 'http',
      schemaRef: 'at://did:plc:abc123/science.alt.dataset.schema/3kschema',
      dataUrls: ['https://h/a.tar', 'https://h/b.tar'],
      metadata: { split: 'train', x: 1, checksums: { 'https://h/a.tar': DIGEST, 'https://h/b.tar': 'b'.repeat(64) } },
      description: 'D',
      tags: ['t'],
      license: 'MIT',
      contentMetadata: { k: 'v' },
      createdAtMs: Date.parse('2024-01-02T03:04:05.678Z'),
      shards: undefined,
    })
    expect(entry.cid).toBe(entryCid(entry))
    expect(entry.recordCid).toBe(cidOf(http))
  })

  test('shards without digests, where it did not know them', () => {
    expect(readEntry(fetched(published('http-min')), ALICE)).toMatchObject({
      dataUrls: ['https://h/a.tar'],
      metadata: undefined,
      tags: [],
    })
  })

  test('shards in a bucket behind an endpoint, and of Amazon', () => {
    const s3 = published('s3')
    expect(readEntry(fetched(s3), ALICE)).toMatchObject({
      dataUrls: ['http://m:9000/bkt/k0', 'http://m:9000/bkt/k1'],
      storage: { kind: 's3', region: 'us-east-1' },
    })
    const { endpoint: _, ...amazon } = s3['storage'] as Record<string, unknown>
    expect(readEntry(fetched({ ...s3, storage: amazon }), ALICE).dataUrls).toEqual(['s3://bkt/k0', 's3://bkt/k1'])
  })

  test('shards that are blobs of the account: their CID is their digest', () => {
    const blob = { $type: 'blob', ref: { $link: BLOB }, mimeType: 'application/x-tar', size: 11 }
    const url = `https://pds.example.com/xrpc/com.atproto.sync.getBlob?did=did%3Aplc%3Aalice&cid=${BLOB}`
    const storage = {
      $type: 'science.alt.dataset.storageBlobs',
      blobs: [{ blob, checksum: { algorithm: 'sha256', digest: BLOB_SHA256 } }],
    }
    expect(readEntry(fetched({ ...http, storage }), ALICE)).toMatchObject({
      dataUrls: [url],
      metadata: { checksums: { [url]: BLOB_SHA256 } },
      storage: { kind: 'blobs', shards: [{ url, sha256: BLOB_SHA256, sizeBytes: 11 }] },
    })
  })

  test('the first generation: external URLs with braces, bare blobs, metadata in msgpack', () => {
    const old = {
      ...atdataRecords.legacy_shapes[1]!.record,
      // The bucket of the golden record, "b", is no name that a bucket can have.
      storage: { $type: 'ac.foundation.dataset.storageExternal', urls: ['s3://bucket/data-{000000..000009}.tar'] },
    }
    expect(readEntry(fetched(old), ALICE)).toMatchObject({
      uri: 'at://did:plc:alice/ac.foundation.dataset.record/3kabc',
      dataUrls: ['s3://bucket/data-{000000..000009}.tar'],
      metadata: { a: 1 },
    })
    const blobs = [{ $type: 'blob', ref: { $link: BLOB }, mimeType: 'application/x-tar', size: 11 }]
    const withBlobs = { ...old, storage: { $type: 'ac.foundation.dataset.storageBlobs', blobs } }
    expect(readEntry(fetched(withBlobs), ALICE).storage.shards).toMatchObject([{ sha256: BLOB_SHA256 }])
  })

  test.each(atdataRecords.dataset_metadata)('metadata $record is $to_dict', ({ record, to_dict }) => {
    expect(readMetadata('at://x', record)).toEqual(to_dict)
    expect(readMetadata('at://x', encodeMsgpack(to_dict as never))).toEqual(to_dict)
  })
})

describe('schemas that atdata published', () => {
  test('JSON Schema, flat and with a body inside', () => {
    const schema = published('Img')
    const fields = [
      'emb: ndarray of any dtype',
      'f: float',
      'image: ndarray of any dtype',
      'label: str',
      'n: int',
      'oarr: ndarray of any dtype, optional',
      'ok: bool',
      'opt: str, optional',
      'raw: bytes',
      'tags: list of str',
    ]
    const read = readSchema(fetched(schema))
    expect(read).toMatchObject({
      $ref: 'at://did:plc:alice/science.alt.dataset.schema/3kabc',
      name: 'Img',
      version: '1.0.0',
      description: 'd',
    })
    expect(describeFields(sampleTypeFromRecord(read)).sort()).toEqual(fields)
    const { $type, ...body } = schema['schema'] as Record<string, unknown>
    const nested = { ...body, $type, properties: {}, schemaBody: body }
    expect(readSchema(fetched({ ...schema, schema: nested })).fields).toEqual(read.fields)
  })

  test('lists of fields, as the first generation has them', () => {
    const old = atdataRecords.legacy_shapes[0]!.record
    expect(describeFields(sampleTypeFromRecord(readSchema(fetched(old))))).toEqual([
      'x: str',
      'a: ndarray of any dtype',
      'l: list of int, optional',
    ])
    expect(readSchema(fetched({ ...old, $type: 'ac.foundation.dataset.schema' })).name).toBe('S')
  })

  test.each([
    ['a newer format', { atdataSchemaVersion: 2 }, 'the schema format 2'],
    ['a field of no type', { schema: bodyWith({ x: {} }) }, 'the field "x" of type undefined'],
    [
      'a field of a type that nobody knows',
      { schema: bodyWith({ x: { type: 'toString' } }) },
      'the field "x" of type "toString"',
    ],
    ['no field', { schema: bodyWith({}) }, 'no fields'],
    ['a field that every object has', { schema: bodyWith({ constructor: { type: 'string' } }) }, 'the field name "constructor"'],
    ['a name that is none', { name: 'a b' }, 'the name "a b"'],
  ])('refuses %s', (_, change, found) => {
    expect(() => readSchema(fetched({ ...published('Img'), ...change }))).toThrow(invalid(found))
  })
})

describe('records that a stranger has made up', () => {
  test('refuses content that is not what the CID says', () => {
    const uri = 'at://did:plc:alice/science.alt.dataset.entry/3kabc'
    expect(() => decodeRecord(uri, cidOf(http), { ...http, name: 'another' })).toThrow(invalid('content with the CID'))
    expect(() => decodeRecord(uri, undefined, http)).toThrow(invalid('the CID undefined'))
    expect(() => decodeRecord(uri, cidOf(http), JSON.parse(JSON.stringify(http).replace('{', '{"__proto__":{"a":1},')))).toThrow(
      invalid(''),
    )
  })

  test('refuses text that is none, which no block of a repository holds', () => {
    for (const value of [
      { ...http, name: 'half \ud800' },
      { ...http, contentMetadata: { '\ud800': 1 } },
    ])
      expect(() => fetched(value)).toThrow(invalid('half of a surrogate pair'))
  })

  test('refuses values that are too deep to walk', () => {
    let deep: unknown = 1
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(() => decodeRecord('at://x', 'bafy', { ...http, contentMetadata: { deep } })).toThrow(invalid('more than 32 deep'))
  })

  test.each([
    ['a file of this machine', '/etc/passwd'],
    ['a file: URL', 'file:///etc/passwd'],
    ['a command', 'pipe:touch /tmp/x'],
    ['credentials in the URL', 'https://me:secret@host/a.tar'],
    ['a gopher', 'gopher://host/'],
    ['braces that do not end', 'https://h/{0..'],
    ['too many', 'https://h/{0..999999}.tar'],
  ])('refuses shards at %s', (_, url) => {
    const storage = { $type: 'science.alt.dataset.storageHttp', shards: [{ url, checksum: { algorithm: 'none', digest: '' } }] }
    expect(() => readEntry(fetched({ ...http, storage }), ALICE)).toThrow(ShardexError)
  })

  test.each([
    ['one digest for many shards', { url: 'https://h/{0..3}.tar', checksum: { algorithm: 'sha256', digest: DIGEST } }],
    ['a digest that is none', { url: 'https://h/a.tar', checksum: { algorithm: 'sha256', digest: 'abc' } }],
  ])('refuses %s', (_, shard) => {
    const storage = { $type: 'science.alt.dataset.storageHttp', shards: [shard] }
    expect(() => readEntry(fetched({ ...http, storage }), ALICE)).toThrow(ShardexError)
  })

  test.each([
    ['a region that is another host', { region: 'evil.example/' }],
    ['a bucket that is a path', { bucket: '../x' }],
    ['an endpoint with a password', { endpoint: 'https://a:b@host' }],
    ['an endpoint that is no web address', { endpoint: 'file:///etc' }],
  ])('refuses %s', (_, change) => {
    const s3 = published('s3')
    expect(() => readEntry(fetched({ ...s3, storage: { ...(s3['storage'] as object), ...change } }), ALICE)).toThrow(ShardexError)
  })

  test('refuses a blob with the digest of another', () => {
    const blob = { $type: 'blob', ref: { $link: BLOB }, mimeType: 'application/x-tar', size: 11 }
    const storage = {
      $type: 'science.alt.dataset.storageBlobs',
      blobs: [{ blob, checksum: { algorithm: 'sha256', digest: DIGEST } }],
    }
    expect(() => readEntry(fetched({ ...http, storage }), ALICE)).toThrow(invalid(`the SHA-256 ${DIGEST}`))
  })

  test('refuses a mark of ours that says something else than the record', () => {
    const mark = (change: object) => ({
      ...http,
      shardex: { format: 1, content: cidOf({}), details: { $bytes: 'oA' }, ...change },
    })
    expect(() => readEntry(fetched(mark({})), ALICE)).toThrow(invalid('descriptions of its shards that cannot be read'))
    expect(() => readEntry(fetched(mark({ format: 2 })), ALICE)).toThrow(invalid('a shardex mark of format 2'))
  })

  test('refuses storage that the lexicon of its record knows nothing of', () => {
    const old = { ...atdataRecords.legacy_shapes[1]!.record, storage: { $type: 'science.alt.dataset.storageHttp', urls: [] } }
    expect(() => readEntry(fetched(old), ALICE)).toThrow(invalid('storage in which'))
    const other = { ...http, storage: { $type: 'com.example.elsewhere' } }
    expect(() => readEntry(fetched(other), ALICE)).toThrow(invalid('storage "com.example.elsewhere"'))
  })

  test('reads an entry as a schema, or the other way round, for neither', () => {
    expect(() => readSchema(fetched(http))).toThrow(invalid('the type science.alt.dataset.entry'))
    expect(() => readEntry(fetched(published('Img')), ALICE)).toThrow(invalid('the type science.alt.dataset.schema'))
  })
})

function bodyWith(properties: object) {
  return { ...(published('Img')['schema'] as object), properties, required: [] }
}

function invalid(found: string) {
  return expect.objectContaining({ code: 'record.invalid', message: expect.stringContaining(found) })
}
