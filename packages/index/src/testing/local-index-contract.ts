import { defineSample, float, int, ndarray, type SampleType, str } from '@shardex/schema'
import { describe, expect, test } from 'vitest'
import type { ShardDescription } from '../entry.ts'
import { LocalIndex } from '../local-index.ts'
import { testLensesOfIndex } from './lenses.ts'
import { listed, type OpenPlace, refusal } from './place-under-test.ts'

const ImageSample: SampleType = defineSample('mymodule.ImageSample', { image: ndarray('float32', [null, null, 3]), label: str() })

/** What `LocalIndex` promises on every backend. */
export function testLocalIndex(name: string, open: OpenPlace): void {
  describe(`LocalIndex: ${name}`, () => {
    testEntries(open)
    testLookups(open)
    testSchemas(open)
    testLensesOfIndex(open)
    testInserts(open)
    testBadInput(open)
  })
}

function testEntries(open: OpenPlace): void {
  test('adds an entry as the guide does, and finds it by name and by CID', async () => {
    await using place = await open()
    const index = new LocalIndex({ provider: await place.connect() })
    const dataset = { dataUrls: ['data-{000000..000009}.tar'], type: ImageSample }
    const metadata = {
      description: 'Training images',
      big: 2n ** 60n,
      raw: Uint8Array.of(1, 2),
      nested: { list: [1, 'x', null, 1.5] },
    }
    const added = await index.addEntry(dataset, {
      name: 'my-dataset',
      schemaRef: 'local://schemas/mymodule.ImageSample@1.0.0',
      metadata,
    })
    expect(added).toMatchObject({
      name: 'my-dataset',
      cid: 'bafyreiduvk5ufr3ap2s74qxr74swe46mi2s4gzroazlixqo4zgwzifxh5q',
      dataUrls: ['data-{000000..000009}.tar'],
      wdsUrl: 'data-{000000..000009}.tar',
      sampleKind: 'local://schemas/mymodule.ImageSample@1.0.0',
      revision: 1,
    })
    expect(added.metadata).toEqual(metadata)
    expect(Object.isFrozen(added)).toBe(true)
    expect(await index.getEntryByName('my-dataset')).toEqual(added)
    expect(await index.getEntry(added.cid)).toEqual({ ...added, revision: undefined })
    expect((await listed(index.entries)).map((entry) => entry.cid)).toEqual([added.cid])
    expect(await index.allEntries()).toHaveLength(1)
    expect((await index.listEntries({ limit: 1 })).entries).toHaveLength(1)
  })

  test('an entry without schema reference publishes the type of its dataset, once', async () => {
    await using place = await open()
    const index = new LocalIndex({ provider: await place.connect() })
    const first = await index.addEntry({ dataUrls: ['a.tar'], type: ImageSample, metadata: { from: 'dataset' } }, { name: 'a' })
    const second = await index.addEntry({ dataUrls: ['b.tar'], type: ImageSample }, { name: 'b' })
    expect(first.schemaRef).toBe('local://schemas/mymodule.ImageSample@1.0.0')
    expect(first.metadata).toEqual({ from: 'dataset' })
    expect(second.schemaRef).toBe(first.schemaRef)
    await refusal(index.addEntry({ dataUrls: ['c.tar'] }, { name: 'c' }), 'usage.invalid')
  })

  test('what is known of the shards comes back, with the sums', async () => {
    await using place = await open()
    const index = new LocalIndex({ provider: await place.connect() })
    const shards = [shardOf('s3://b/0.tar', 3), shardOf('s3://b/1.tar', 4)]
    const dataUrls = shards.map(({ url }) => url)
    const entry = await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls, shards })
    expect(entry).toMatchObject({ shards, sampleCount: 7, sizeBytes: 14_336 })
    expect((await index.getEntry(entry.cid))?.shards).toEqual(shards)
    await refusal(index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls, shards: shards.slice(1) }), 'usage.invalid')
    await refusal(index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls, shards: shards.toReversed() }), 'usage.invalid')
  })
}

function testLookups(open: OpenPlace): void {
  test('a name is found as of a revision, a time and a label', async () => {
    await using place = await open()
    const index = new LocalIndex({ provider: await place.connect() })
    const before = new Date(0)
    const one = await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['1'], label: { version: '1.0.0' } })
    const two = await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['2'], ifRevision: 1 })
    expect((await index.getEntryByName('a'))?.cid).toBe(two.cid)
    expect(await index.getEntryByName('a', { at: { revision: 1 } })).toMatchObject({ cid: one.cid, revision: 1 })
    expect(await index.getEntryByName('a', { at: before })).toBeUndefined()
    expect((await index.getEntryByName('a', { at: { timeMs: Date.now() + 1e6 } }))?.cid).toBe(two.cid)
    expect((await index.getEntryByName('a@1.0.0'))?.cid).toBe(one.cid)
    expect(await index.getEntryByName('a@2.0.0')).toBeUndefined()
    expect((await listed(index.history('a'))).map(({ cid }) => cid)).toEqual([one.cid, two.cid])
    expect((await index.listNames({ prefix: 'a' })).names).toMatchObject([{ name: 'a', revision: 2, cid: two.cid }])
  })

  test('setting the unversioned label moves the name, as in atdata', async () => {
    await using place = await open()
    const index = new LocalIndex({ provider: await place.connect() })
    const one = await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['1'] })
    await index.setLabel('prod', one.cid)
    expect(await index.getEntryByName('prod')).toMatchObject({ cid: one.cid, revision: 1 })
    expect(await index.namesOf(one.cid)).toEqual(['a', 'prod'])
    await index.setLabel('prod', one.cid, { version: '1', description: 'go' })
    expect(await index.getLabel('prod')).toEqual({ name: 'prod', version: '1', cid: one.cid, description: 'go' })
    expect((await listed(index.listLabels('prod'))).map(({ version }) => version)).toEqual(['', '1'])
    expect((await index.getEntryByLabel('prod'))?.cid).toBe(one.cid)
  })

  test('is of no use after it was disposed of, and can be disposed of twice', async () => {
    await using place = await open()
    const index = new LocalIndex({ provider: await place.connect() })
    await index.allEntries()
    await index[Symbol.asyncDispose]()
    await index[Symbol.asyncDispose]()
    await expect(index.getEntry('x')).rejects.toBeInstanceOf(TypeError)
  })
}

function testSchemas(open: OpenPlace): void {
  test('publishes, finds, lists and rebuilds a schema as the guide does', async () => {
    await using place = await open()
    const index = new LocalIndex({ provider: await place.connect() })
    const ref = await index.publishSchema(ImageSample, { version: '1.0.0', description: 'Image with label annotation' })
    expect(ref).toBe('local://schemas/mymodule.ImageSample@1.0.0')
    const record = await index.getSchema(ref)
    expect(record).toMatchObject({ name: 'ImageSample', version: '1.0.0', description: 'Image with label annotation', $ref: ref })
    expect(await index.getSchema('atdata://local/schema/ImageSample@1.0.0')).toMatchObject({ name: 'ImageSample' })
    expect((await listed(index.listSchemas())).map(({ $ref }) => $ref)).toEqual([ref])
    const rebuilt = await index.decodeSchema(ref)
    expect([rebuilt.name, Object.keys(rebuilt.fields)]).toEqual(['mymodule.ImageSample', ['image', 'label']])
    expect(await index.getSchema('local://schemas/mymodule.ImageSample@2.0.0')).toBeUndefined()
    await refusal(index.decodeSchema('local://schemas/mymodule.ImageSample@2.0.0'), 'schema.not_found')
    await refusal(index.getSchema('nonsense'), 'ref.invalid')
  })

  test('the same definition is published once; another one takes the next patch', async () => {
    await using place = await open()
    const index = new LocalIndex({ provider: await place.connect() })
    const one = defineSample('m.Row', { a: int() })
    const two = defineSample('m.Row', { a: float() })
    expect(await index.publishSchema(one)).toBe('local://schemas/m.Row@1.0.0')
    expect(await index.publishSchema(two)).toBe('local://schemas/m.Row@1.0.1')
    expect(await index.publishSchema(one)).toBe('local://schemas/m.Row@1.0.0')
    expect(await index.publishSchema(one, { version: '1.0.0' })).toBe('local://schemas/m.Row@1.0.0')
    expect(await index.publishSchema(one, { version: '2.0.0' })).toBe('local://schemas/m.Row@2.0.0')
    expect(await index.publishSchema(one)).toBe('local://schemas/m.Row@2.0.0')
    expect(await index.latestSchemaVersion('m.Row')).toBe('2.0.0')
    const error = await refusal(index.publishSchema(two, { version: '1.0.0' }), 'schema.conflict')
    expect(error.details.ref).toBe('local://schemas/m.Row@1.0.0')
    await refusal(index.publishSchema(two, { version: 'abc' }), 'ref.invalid')
  })

  test('64 publishers at once get 64 versions for 64 definitions, and one for one', async () => {
    await using place = await open()
    const indexes = await Promise.all(Array.from({ length: 4 }, async () => new LocalIndex({ provider: await place.connect() })))
    const publish = (type: SampleType, i: number): Promise<string> => indexes[i % 4]!.publishSchema(type)
    const different = Array.from({ length: 64 }, (_, i) => defineSample('m.Many', { [`field${i}`]: int() }))
    expect(new Set(await Promise.all(different.map(publish))).size).toBe(64)
    expect(await indexes[0]?.latestSchemaVersion('Many')).toBe('1.0.63')
    const same = Array.from({ length: 64 }, () => defineSample('m.One', { a: int() }))
    expect(new Set(await Promise.all(same.map(publish)))).toEqual(new Set(['local://schemas/m.One@1.0.0']))
  })
}

function testInserts(open: OpenPlace): void {
  const plan = { id: 'job 7', name: 'a', base: 's3://b/a/', layout: 'content', settings: 's', resumable: true } as const
  const lease = { owner: 'me', leaseMs: 60_000 }
  const shards = [shardOf('s3://b/a/0.tar', 3), shardOf('s3://b/a/1.tar', 4)]
  const urlsOf = ({ url }: ShardDescription): string[] => [url, `${url}.idx`]

  test('an insert has a journal, from its beginning to its commit', async () => {
    await using place = await open()
    const index = new LocalIndex({ provider: await place.connect() })
    await index.ingests.begin(plan, lease)
    await index.garbage.mark(shards.flatMap(urlsOf))
    for (const [number, shard] of shards.entries())
      expect(await index.ingests.note(plan.id, 'me', number, shard, urlsOf(shard))).toEqual([])
    expect(await listed(index.garbage.list(0))).toEqual([])
    expect(await listed(index.ingests.shards(plan.id))).toEqual(
      shards.map((description, number) => ({ number, description, urls: urlsOf(description) })),
    )
    expect(await index.ingests.openFor('a')).toMatchObject([{ id: plan.id }])
    await index.ingests.renew(plan.id, lease)

    const dataUrls = shards.map(({ url }) => url)
    const commit = { name: 'a', schemaRef: 'x', dataUrls, shards, ingest: { id: plan.id, owner: 'me' } }
    const entry = await index.commitEntry(commit)
    await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls: ['elsewhere'] })
    expect(await index.commitEntry(commit)).toEqual(entry)
    expect(await index.ingests.find(plan.id)).toMatchObject({ state: 'committed', cid: entry.cid, shardCount: 2 })
    expect(await listed(index.ingests.list())).toHaveLength(1)
    expect(await index.ingests.abandon(plan.id, { idleMs: 0 })).toBe(false)
    await index.ingests.release(plan.id, 'me')
    expect(await index.ingests.forget(plan.id)).toBe(true)
    expect(await index.registryId()).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('what an entry needs is no garbage, and what is being deleted cannot be registered', async () => {
    await using place = await open()
    const index = new LocalIndex({ provider: await place.connect() })
    const urls = Array.from({ length: 1500 }, (_, i) => `s3://b/${i}.tar`)
    expect(await index.garbage.mark(urls)).toBe(1500)
    expect(await index.garbage.mark([])).toBe(0)
    const dataUrls = ['s3://b/7.tar', 's3://b/8.tar']
    await index.garbage.mark(['s3://b/7.tar.idx'])
    await index.commitEntry({ name: 'a', schemaRef: 'x', dataUrls, shards: dataUrls.map((url) => shardOf(url, 1)) })
    const marks = await listed(index.garbage.list(0))
    expect(marks).toHaveLength(1498)
    expect(await index.garbage.unmark(marks.slice(1200))).toBe(298)
    expect(await index.garbage.claim(marks)).toHaveLength(1200)
    const doomed = marks[0]!.url
    await refusal(index.commitEntry({ name: 'b', schemaRef: 'x', dataUrls: [doomed] }), 'shard.not_found')
  })

  test('refuses what no journal can hold, and says which part', async () => {
    await using place = await open()
    const index = new LocalIndex({ provider: await place.connect() })
    const { ingests, garbage } = index
    const shard = shards[0]!
    const calls: [string, () => Promise<unknown>][] = [
      ...['', 'a\n', '\uD800', 'é'.repeat(128)].map((id): [string, () => Promise<unknown>] => [
        'ingestId',
        () => ingests.begin({ ...plan, id }, lease),
      ]),
      ['base', () => ingests.begin({ ...plan, base: '' }, lease)],
      ['settings', () => ingests.begin({ ...plan, settings: '' }, lease)],
      ['layout', () => ingests.begin({ ...plan, layout: 'pile' as never }, lease)],
      ['resumable', () => ingests.begin({ ...plan, resumable: 1 as never }, lease)],
      ['owner', () => ingests.begin(plan, { ...lease, owner: '' })],
      ...[0, 1.5, 86_400_001].map((leaseMs): [string, () => Promise<unknown>] => [
        'leaseMs',
        () => ingests.renew('i', { ...lease, leaseMs }),
      ]),
      ['number', () => ingests.note('i', 'me', -1, shard, urlsOf(shard))],
      ['urls', () => ingests.note('i', 'me', 0, shard, [])],
      ['urls[1]', () => ingests.note('i', 'me', 0, shard, [shard.url, ''])],
      ['description', () => ingests.note('i', 'me', 0, shard, urlsOf(shard).toReversed())],
      ['description', () => ingests.note('i', 'me', 0, { ...shard, sha256: 'x' }, urlsOf(shard))],
      ['idleMs', () => ingests.abandon('i', { idleMs: -1 })],
      ['urls[0]', () => garbage.mark(['\uD800'])],
      ['olderThanMs', async () => garbage.list(-1)],
    ]
    for (const [argument, call] of calls) expect((await refusal(call(), 'usage.invalid')).details.argument).toBe(argument)
    await refusal(ingests.begin({ ...plan, name: 'a/b' }, lease), 'name.invalid')
    expect(await ingests.begin({ ...plan, id: 'é'.repeat(127) }, lease)).toMatchObject({ state: 'open' })
    expect(await listed(ingests.list())).toHaveLength(1)
  })
}

function testBadInput(open: OpenPlace): void {
  test.each(['', ' a', 'a\n', 'a/b', 'a@1', '..', 'x'.repeat(201), '\uD800', 'a\u2028b'])(
    'refuses the name %j and writes nothing',
    async (bad) => {
      await using place = await open()
      const index = new LocalIndex({ provider: await place.connect() })
      await refusal(index.commitEntry({ name: bad, schemaRef: 'x', dataUrls: ['1'] }), 'name.invalid')
      await refusal(index.addEntry({ dataUrls: ['1'], type: ImageSample }, { name: bad }), 'name.invalid')
      const { cid } = await index.commitEntry({ name: 'good', schemaRef: 'x', dataUrls: ['1'] })
      await refusal(index.rename('good', bad), 'name.invalid')
      await refusal(index.setLabel(bad, cid, { version: '1' }), 'name.invalid')
      expect((await index.diagnose()).counts).toEqual({ entries: 1, names: 1, labels: 1, schemas: 0 })
    },
  )

  test('refuses what cannot be stored and says what it is', async () => {
    await using place = await open()
    const index = new LocalIndex({ provider: await place.connect() })
    const good = { name: 'a', schemaRef: 'x', dataUrls: ['1'] }
    await refusal(index.commitEntry({ ...good, dataUrls: ['\uDC00'] }), 'usage.invalid')
    await refusal(index.commitEntry({ ...good, schemaRef: '' }), 'usage.invalid')
    await refusal(index.commitEntry({ ...good, ifRevision: -1 }), 'usage.invalid')
    await refusal(index.commitEntry({ ...good, label: { version: 'a@b' } }), 'name.invalid')
    await refusal(index.commitEntry({ ...good, metadata: { when: new Date() as never } }), 'msgpack.invalid')
    await refusal(index.commitEntry({ ...good, metadata: [1] as never }), 'usage.invalid')
    await expect(index.getEntryByName('a', { at: new Date('nonsense') })).rejects.toBeInstanceOf(TypeError)
    expect(await index.allEntries()).toEqual([])
  })
}

function shardOf(url: string, sampleCount: number): ShardDescription {
  const [sha256, indexSha256] = ['0f'.repeat(32), 'a0'.repeat(32)]
  return {
    url,
    sha256,
    sizeBytes: sampleCount * 2048,
    sampleCount,
    minKey: '000000',
    maxKey: '00000é',
    merkleRoot: 'b1'.repeat(32),
    indexSha256,
    indexSizeBytes: 64,
  }
}
