import { createHash } from 'node:crypto'
import { isShardexError } from '@shardex/errors'
import { defineSample, int } from '@shardex/schema'
import { expect, test } from 'vitest'
import { Dataset, decodeOffsetIndex } from '../src/index.ts'
import { Image, image, images, Tiny, tinies } from './images.ts'
import { collect, refused } from './outcomes.ts'
import { describeSettings } from './settings.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
describeSettings('Repo', (open) => {
  test('what is inserted is found by name and comes back sample by sample', async () => {
    await using setting = await open()
    const [entry, stored] = await setting.repo.insert(Dataset.from(Image, images(25)), 'images', {
      maxcount: 10,
      metadata: { split: 'train', n: 1 },
    })
    expect(entry).toMatchObject({ name: 'images', revision: 1, sampleCount: 25, schemaRef: 'local://schemas/tests.Image@1.0.0' })
    expect(stored.length).toBe(25)
    expect(stored.shardList).toHaveLength(3)
    expect(stored.url).toMatch(/data--[-0-9a-f]{36}--\{000000\.\.000002\}\.tar$/)

    const found = await setting.index.getEntryByName('images')
    expect(found).toEqual(entry)
    expect(found?.metadata).toEqual({ split: 'train', n: 1 })
    const samples = await collect(Dataset.from(Image, found!, { storage: setting.store.storage }))
    expect(samples.map((sample) => sample.label)).toEqual([...images(25)].map(({ label }) => label))
    expect(samples.map((sample) => sample.__key__)).toEqual(Array.from({ length: 25 }, (_, i) => String(i).padStart(9, '0')))
    expect([...samples[24]!.pixels.values]).toEqual([...image(24).pixels.values])
  })

  test('digests, sizes, counts and keys of the description are those of the objects', async () => {
    await using setting = await open()
    const [{ shards = [] }] = await setting.repo.insert(Dataset.from(Tiny, tinies(23)), 'tiny', { maxcount: 10 })
    expect(shards.map(({ sampleCount, minKey, maxKey }) => [sampleCount, minKey, maxKey])).toEqual([
      [10, '000000000', '000000009'],
      [10, '000000010', '000000019'],
      [3, '000000020', '000000022'],
    ])
    for (const shard of shards) {
      const tar = await setting.read(shard.url)
      const index = await setting.read(`${shard.url}.idx`)
      expect([sha256(tar), tar.length, sha256(index), index.length]).toEqual([
        shard.sha256,
        shard.sizeBytes,
        shard.indexSha256,
        shard.indexSizeBytes,
      ])
      const { offsets, sizes, sampleCount } = decodeOffsetIndex(index, 'index')
      for (let i = 0; i < sampleCount; i++)
        expect(Tiny.unpack(tar.subarray(offsets[i]!, offsets[i]! + sizes[i]!))).toHaveProperty('label')
    }
    expect((await setting.objects()).sort()).toEqual(shards.flatMap(({ url }) => [url, `${url}.idx`]).sort())
  })

  test('the same samples give the same bytes, through memory, disk and another insert', async () => {
    await using setting = await open()
    const digests = []
    for (const options of [{}, { cacheLocal: true }, { parallelShards: 1 }]) {
      const [{ shards = [] }] = await setting.repo.insert(Dataset.from(Image, images(40, 9000)), 'same', {
        maxsize: 1_500_000,
        ...options,
      })
      expect(shards.length).toBeGreaterThan(2)
      for (const { sizeBytes } of shards) expect(sizeBytes).toBeLessThanOrEqual(1_500_000)
      digests.push(shards.map((shard) => [shard.sha256, shard.indexSha256]))
    }
    expect(digests[1]).toEqual(digests[0])
    expect(digests[2]).toEqual(digests[0])
    expect((await setting.index.getEntryByName('same'))?.revision).toBe(3)
  })

  test('a sample larger than a chunk, and larger than maxsize, goes in and out whole', async () => {
    await using setting = await open()
    const large = image(1, 400_000) // 4.8 MB
    const [entry, stored] = await setting.repo.insert(Dataset.from(Image, [image(0), large, image(2)]), 'large', {
      maxsize: 100_000,
    })
    expect(entry.shards).toHaveLength(3)
    expect(Buffer.compare((await stored.at(1)).pixels.bytes, large.pixels.bytes)).toBe(0)
    expect((await collect(stored)).map(({ pixels }) => pixels.size)).toEqual([60, 4_800_000, 60])
  })

  test('keys of the samples are kept, also when a dataset is inserted again, and find their sample', async () => {
    await using setting = await open()
    const keyed = ['b/2', 'a/1', 'ü/3', '😀'].map((__key__, id) => ({ __key__, id, label: __key__ }))
    const [, first] = await setting.repo.insert(Dataset.from(Tiny, keyed), 'keyed')
    const [entry, second] = await setting.repo.insert(first, 'copy')
    expect((await collect(second)).map(({ __key__ }) => __key__)).toEqual(['b/2', 'a/1', 'ü/3', '😀'])
    expect(await second.byKey('ü/3')).toMatchObject({ id: 2, __key__: 'ü/3' })
    expect(await second.byKey('nobody')).toBeUndefined()
    expect(entry.shards?.[0]).toMatchObject({ minKey: 'a/1', maxKey: '😀' })
  })

  test('at() finds any sample by position, across shards, and says so when there is none', async () => {
    await using setting = await open()
    const [, stored] = await setting.repo.insert(Dataset.from(Tiny, tinies(23)), 'tiny', { maxcount: 10 })
    for (const i of [0, 9, 10, 22]) expect(await stored.at(i)).toMatchObject({ id: i })
    expect(isShardexError(await refused(stored.at(23)), 'dataset.range')).toBe(true)
  })

  test('open() gives a dataset whose samples are decoded by the schema of the registry', async () => {
    await using setting = await open()
    await setting.repo.insert(Dataset.from(Image, images(3)), 'images')
    const dataset = await setting.repo.open('images', { verify: 'sha256' })
    expect(dataset.type?.name).toBe('tests.Image')
    for await (const batch of dataset.ordered({ batchSize: 2 }))
      expect(batch['pixels']).toMatchObject({ shape: [batch.length, 4, 5, 3] })
    expect(isShardexError(await refused(setting.repo.open('nobody')), 'name.not_found')).toBe(true)
  })

  test('an old revision of a name can still be read', async () => {
    await using setting = await open()
    await setting.repo.insert(Dataset.from(Tiny, tinies(3)), 'moving')
    await setting.repo.insert(Dataset.from(Tiny, tinies(5)), 'moving', { version: '2.0.0' })
    expect((await setting.repo.open('moving')).length).toBe(5)
    expect((await setting.repo.open('moving', { at: { revision: 1 } })).length).toBe(3)
  })

  test('the loser of ifRevision is told before anything is written', async () => {
    await using setting = await open()
    await setting.repo.insert(Dataset.from(Tiny, tinies(3)), 'contested')
    const before = await setting.objects()
    const error = await refused(setting.repo.insert(Dataset.from(Tiny, tinies(3)), 'contested', { ifRevision: 0 }))
    expect(isShardexError(error, 'write.conflict') && error.details).toEqual({
      name: 'contested',
      expectedRevision: 0,
      actualRevision: 1,
    })
    expect(await setting.objects()).toEqual(before)
  })

  test('two writers who both want to be first: one is, the other leaves nothing', async () => {
    await using setting = await open()
    const insert = () => setting.repo.insert(Dataset.from(Tiny, tinies(30)), 'race', { ifRevision: 0 })
    const results = await Promise.allSettled([insert(), insert(), insert()])
    const losers = results.filter((result) => result.status === 'rejected')
    expect(losers.map(({ reason }) => isShardexError(reason, 'write.conflict'))).toEqual([true, true])
    expect(await setting.objects()).toHaveLength(2)
    expect((await collect(await setting.repo.open('race'))).length).toBe(30)
  })

  test.each<[string, () => Iterable<object>, string]>([
    ['an empty dataset', () => [], 'dataset.empty'],
    [
      'a duplicate key',
      () => [
        { __key__: 'a', id: 1, label: '' },
        { __key__: 'b', id: 1, label: '' },
        { __key__: 'a', id: 2, label: '' },
      ],
      'key.duplicate',
    ],
    ['a key that is no path', () => [{ __key__: '../../etc', id: 1, label: '' }], 'key.invalid'],
    ['a value of the wrong type', () => [...tinies(30), { id: 'one', label: '' }], 'sample.invalid'],
    ['a missing field', () => [...tinies(30), { id: 1 }], 'sample.invalid'],
  ])('%s is one clear error and leaves nothing', async (_, samples, code) => {
    await using setting = await open()
    const error = await refused(setting.repo.insert(Dataset.from(Tiny, samples() as never), 'bad', { maxcount: 10 }))
    expect(isShardexError(error) && error.code).toBe(code)
    expect(await setting.objects()).toEqual([])
    expect(await setting.index.getEntryByName('bad')).toBeUndefined()
  })

  test('a source that breaks off leaves nothing, and its error comes through', async () => {
    await using setting = await open()
    const broken = new Error('the camera fell over')
    const samples = async function* () {
      yield* images(30, 20_000)
      throw broken
    }
    expect(await refused(setting.repo.insert(Dataset.from(Image, samples()), 'broken', { maxcount: 10 }))).toBe(broken)
    expect(await setting.objects()).toEqual([])
  })

  test('an abort stops the insert with its reason and leaves nothing', async () => {
    await using setting = await open()
    const controller = new AbortController()
    const reason = new Error('enough')
    const samples = async function* () {
      for (let i = 0; ; i++) {
        if (i === 25) controller.abort(reason)
        yield image(i, 20_000)
      }
    }
    expect(
      await refused(setting.repo.insert(Dataset.from(Image, samples()), 'stopped', { maxcount: 10, signal: controller.signal })),
    ).toBe(reason)
    expect(await setting.objects()).toEqual([])
    expect(await setting.index.getEntryByName('stopped')).toBeUndefined()
  })

  test('an abort after the last byte and before the commit leaves nothing', async () => {
    await using setting = await open()
    const controller = new AbortController()
    const onProgress = ({ shards }: { shards: number }) => {
      if (shards === 3) controller.abort(new Error('too late'))
    }
    const options = { maxcount: 10, signal: controller.signal, onProgress }
    await expect(setting.repo.insert(Dataset.from(Tiny, tinies(30)), 'late', options)).rejects.toThrow('too late')
    expect(await setting.objects()).toEqual([])
    expect(await setting.index.getEntryByName('late')).toBeUndefined()
  })

  test('what can be known beforehand is refused before a sample is read, and no schema is left', async () => {
    await using setting = await open()
    await setting.index.publishSchema(Image)
    let read = 0
    const samples = function* () {
      read += 1
      yield* tinies(3)
    }
    const insert = (options: object) => refused(setting.repo.insert(Dataset.from(Tiny, samples()), 'refused', options))
    expect(isShardexError(await insert({ version: 'a b/c@d\n' }), 'name.invalid')).toBe(true)
    expect(isShardexError(await insert({ metadata: { f: () => 1 } as never }), 'msgpack.invalid')).toBe(true)
    expect(isShardexError(await insert({ ifRevision: -1 }), 'usage.invalid')).toBe(true)
    expect(isShardexError(await insert({ schemaRef: 'not a ref' }), 'ref.invalid')).toBe(true)
    expect(isShardexError(await insert({ schemaRef: 'local://schemas/m.None@1.0.0' }), 'schema.not_found')).toBe(true)
    expect(isShardexError(await insert({ schemaRef: 'local://schemas/tests.Image@1.0.0' }), 'schema.conflict')).toBe(true)
    expect(read).toBe(0)
    expect(await setting.objects()).toEqual([])
    expect((await collect(setting.index.listSchemas())).map(({ name }) => name)).toEqual(['Image'])
  })

  test.each(['a/b', 'tab\there', '', '..', 'a@b'])('the name %j is refused before anything is written', async (name) => {
    await using setting = await open()
    expect(isShardexError(await refused(setting.repo.insert(Dataset.from(Tiny, tinies(3)), name)), 'name.invalid')).toBe(true)
    expect(await setting.objects()).toEqual([])
  })

  test('a repo that was disposed of says so', async () => {
    await using setting = await open()
    await setting.repo[Symbol.asyncDispose]()
    await expect(setting.repo.insert(Dataset.from(Tiny, tinies(1)), 'late')).rejects.toThrow(/disposed/)
    await setting.store[Symbol.asyncDispose]()
    await expect(setting.store.writeShards(Dataset.from(Tiny, tinies(1)), { prefix: 'late' })).rejects.toThrow(/disposed/)
  })

  test('a schema that changes under one name becomes the next version', async () => {
    await using setting = await open()
    await setting.repo.insert(Dataset.from(Tiny, tinies(1)), 'a')
    const Changed = defineSample('tests.Tiny', { id: int() })
    const [entry] = await setting.repo.insert(Dataset.from(Changed, [{ id: 1 }]), 'b')
    expect(entry.schemaRef).toBe('local://schemas/tests.Tiny@1.0.1')
    expect((await setting.repo.insert(Dataset.from(Tiny, tinies(2)), 'c'))[0].schemaRef).toBe('local://schemas/tests.Tiny@1.0.0')
  })
})
