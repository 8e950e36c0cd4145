import { jsonToLex, lexToIpld } from '@atproto/lexicon'
import { dagCborCid } from '@shardex/index'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeRecord } from '../../src/atmosphere/decode-record.ts'
import { faultOfRecord, parseRecord, prepare, recordToJson } from '../../src/index.ts'
import { DIGEST, entryAt, index, problemsOf } from './entries.ts'

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

  test('is a bucket of which nobody says at which server it is', async () => {
    const entry = entryAt(['s3://bucket/a.tar'])
    expect(await problemsOf(entry)).toEqual(['endpoint.missing entry.storage.endpoint'])
    expect(await problemsOf(entry, { s3: {} })).toEqual([])
    expect(await problemsOf(entry, { s3: { endpoint: 'https://s3.h.net' } })).toEqual([])
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

  test.each([
    ['a date', new Date(0), 'a Date'],
    ['a map', new Map([['a', 1]]), 'a Map'],
    ['a set', new Set([1]), 'a Set'],
    ['a buffer', new ArrayBuffer(8), 'an ArrayBuffer'],
    ['other numbers than bytes', new Float32Array(2), 'Float32Array of 8 bytes'],
    ['a list with holes', [1, undefined], 'undefined'],
    ['bytes in disguise', { $bytes: 'AAAA' }, 'the key "$bytes"'],
    ['a link in disguise', { $link: 'bafy' }, 'the key "$link"'],
    ['a type of its own', { $type: 'blob' }, 'the key "$type"'],
    ['a prototype', JSON.parse('{"__proto__": {"a": 1}}'), 'the key "__proto__"'],
    ['a key with half a character', { '\ud800': 1 }, 'the key "\\ud800"'],
  ])('is %s', async (_, x, found) => {
    const { problems } = await prepare(entryAt(['https://h.net/a.tar']), index, { contentMetadata: { x } })
    expect(problems).toMatchObject([{ code: 'value.unsupported', found }])
    expect(problems[0]?.path).toMatch(/^entry\.contentMetadata\.x/)
  })

  test('are values that contain themselves, or more values than any record holds', async () => {
    const circle: Record<string, unknown> = {}
    circle['again'] = [circle]
    let twice: unknown = 1
    for (let i = 0; i < 25; i++) twice = [twice, twice]
    let deep: unknown = 1
    for (let i = 0; i < 20_000; i++) deep = { deep }
    const faultsOf = async (x: unknown) => problemsOf(entryAt(['https://h.net/a.tar']), { contentMetadata: { x } })
    expect(await faultsOf(circle)).toEqual(['value.unsupported entry.contentMetadata.x.again[0]'])
    expect(await faultsOf(twice)).toEqual([expect.stringMatching(/^record\.too_large entry\.contentMetadata\.x/)])
    expect(await faultsOf(deep)).toEqual([expect.stringMatching(/^value\.unsupported entry\.contentMetadata\.x(\.deep)+$/)])
  })

  test('are values deeper than readers go', async () => {
    let x: unknown = Uint8Array.of(1)
    for (let depth = 1; depth < 40; depth++) {
      const { entry, problems } = await prepare(entryAt(['https://h.net/a.tar']), index, { contentMetadata: { x } })
      if (problems.length === 0) {
        const value = recordToJson(entry.record)
        const cid = dagCborCid(lexToIpld(jsonToLex(value)))
        expect(decodeRecord(entry.uri, cid, value).cid).toBe(cid)
      }
      expect(problems.length).toBe(depth > 29 ? 1 : 0)
      x = depth % 2 === 0 ? [x] : { x }
    }
  })

  test.each([
    ['s3://AKIA:SECRET@bucket/key', 'url.credentials'],
    ['s3://AKIA:SEC/RET@bucket/key', 'url.credentials'],
    ['see https://u:p@h.net/ for more', 'url.credentials'],
    ['https://u:p@h.net/{0..9}.tar', 'url.credentials'],
    ['postgres://u:p@db/x', 'url.credentials'],
    ['https://h.net/a?X-Amz-Signature=ab', 'url.credentials'],
    ['http://10.0.0.1/', 'url.private'],
    ['from http://nas.local/a.tar', 'url.private'],
    ['/home/me/secret', 'url.local'],
    ['~/secret', 'url.local'],
    ['C:\\Users\\me', 'url.local'],
    ['file:///home/me', 'url.local'],
  ])('is metadata like %s', async (text, code) => {
    for (const metadata of [{ about: text }, { about: [1, { deep: text }] }, { about: { [text]: 1 } }]) {
      const entry = entryAt(['https://h.net/a.tar'], { metadata })
      const { problems } = await prepare(entry, index)
      expect(problems).toMatchObject([{ code, path: expect.stringMatching(/^entry\.metadata\.about/) }])
      expect(JSON.stringify(problems)).not.toMatch(/SEC|u:p|secret/)
      expect((await prepare(entry, index, { allowPrivate: true })).problems).toHaveLength(code === 'url.credentials' ? 1 : 0)
    }
  })

  test.each(['s3://bucket/key', 'hf://datasets/a', 'https://h.net/a#b', '/', '/m/0abc', 'and/or', 'me@h.net', 'a: b', '1:2'])(
    'is not metadata like %s',
    async (text) => {
      expect(await problemsOf(entryAt(['https://h.net/a.tar'], { metadata: { text, [text]: 1 } }))).toEqual([])
    },
  )

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
