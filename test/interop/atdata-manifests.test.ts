import { readFile, rename } from 'node:fs/promises'
import { Dataset, defineLens, defineSample, manifestUrls, str } from 'shardex'
import { expect, test } from 'vitest'
import { decodeOffsetIndex } from '../../packages/repo/src/shard/offset-index.ts'
import { shared, tempDir } from '../services/index.ts'
import { all } from './all.ts'
import { describeAtdata } from './atdata.ts'
import { describePlaces, describeServers, redisAndS3, sqliteAndDisk } from './places.ts'
import { Everything, everything, Tiny } from './samples.ts'

const labelled = (count: number) => Array.from({ length: count }, (_, id) => ({ id, label: `n${id % 5}` }))
const idsOf = async (samples: AsyncIterable<{ id: number | bigint }>) => (await all(samples)).map(({ id }) => Number(id))

await describeAtdata('manifests of atdata', (atdata) => {
  const there = shared(sqliteAndDisk)
  const dir = shared(() => tempDir('manifests'))

  test('it finds samples by ours, at the bytes where they lie', async () => {
    const [{ dataUrls }] = await there().repo.insert(Dataset.from(Tiny, labelled(30)), 'ours', { maxcount: 10, manifest: true })
    const found = await atdata.call<[string, string, number][]>('query', { urls: dataUrls, field: 'label', value: 'n3' })
    expect(found.map(([, key]) => Number(key))).toEqual([3, 8, 13, 18, 23, 28])
    for (const [shard, key, offset] of found) {
      const tar = await readFile(`${shard}.tar`)
      const index = decodeOffsetIndex(await readFile(`${shard}.tar.idx`), 'index')
      const size = index.sizes[index.find(key)!]!
      expect(Tiny.unpack(new Uint8Array(tar.subarray(offset, offset + size)))).toEqual({ id: Number(key), label: 'n3' })
    }
    const { header } = manifestUrls(dataUrls[0]!)
    expect(await atdata.call('aggregates', { path: header })).toMatchObject({
      id: { type: 'numeric', min: 0, max: 9, mean: 4.5, count: 10 },
      label: { type: 'categorical', cardinality: 5 },
    })
  })

  test('it reads every kind of column as we wrote it, missing values too', async () => {
    const [{ dataUrls }] = await there().repo.insert(Dataset.from(Everything, everything), 'everything', { manifest: true })
    const { samples } = manifestUrls(dataUrls[0]!)
    const columns = await atdata.call<Record<string, unknown[]>>('columns', { path: samples })
    // `count` is from -2^63 to 2^64 - 1, for which Parquet has no type.
    expect(Object.keys(columns)).toEqual([
      '__key__',
      '__offset__',
      '__size__',
      'text',
      'ratio',
      'flag',
      'words',
      'note',
      'size',
      'score',
    ])
    const own = everything as readonly { text: string; flag: boolean; words: string[]; note?: string; size?: number }[]
    expect(columns['text']).toEqual(own.map(({ text }) => text))
    expect(columns['flag']).toEqual(own.map(({ flag }) => flag))
    expect(columns['words']).toEqual(own.map(({ words }) => words))
    expect(columns['note']).toEqual(own.map(({ note }) => note ?? null))
    expect(columns['size']).toEqual(own.map(({ size }) => size ?? null))
    const index = decodeOffsetIndex(await readFile(`${dataUrls[0]}.idx`), 'index')
    expect(columns['__offset__']).toEqual([...index.offsets])
  })

  test('we find samples by theirs, and read a shard only if some may match', async () => {
    const [url = ''] = await atdata.call<string[]>('write_manifests', { path: dir().file('theirs.tar'), count: 12 })
    const dataset = Dataset.from(Tiny, url)
    expect(await idsOf(dataset.query({ label: 'n3', id: { gt: 3 } }))).toEqual([8])
    expect((await idsOf(dataset.query({ label: 'n3' }).shuffled({ seed: 1 }))).toSorted((a, b) => a - b)).toEqual([3, 8])
    await rename(url, dir().file('away.tar'))
    expect(await idsOf(dataset.query({ label: 'n9' }))).toEqual([])
    await expect(idsOf(dataset.query({ label: 'n3' }))).rejects.toMatchObject({ code: 'shard.not_found' })
    await rename(dir().file('away.tar'), url)
  })

  test('manifest-offsets: its offsets are sums of payloads and not places in the tar; we take positions and keys instead', async () => {
    const [url = ''] = await atdata.call<string[]>('write_manifests', { path: dir().file('offsets.tar'), count: 5 })
    const found = await atdata.call<[string, string, number][]>('query', { urls: [url], field: 'id', value: 3 })
    const tar = await readFile(url)
    const [, key = '', offset = 0] = found[0] ?? []
    expect(tar.indexOf(`${key}.msgpack`)).toBeGreaterThan(offset)
    expect((await all(Dataset.from(Tiny, url).query({ id: 3 })))[0]).toEqual({ id: 3, label: 'n3', __key__: key })
  })

  test('manifest-last: of several shards it leaves the last an empty manifest, and its query forgets the samples; we refuse it', async () => {
    const urls = await atdata.call<string[]>('write_manifests', { path: dir().file('many.tar'), count: 5, maxcount: 2 })
    expect(urls).toHaveLength(3)
    const found = await atdata.call<object[]>('query', { urls, field: 'label', value: 'n4' })
    expect(found).toEqual([])
    const error = await idsOf(Dataset.from(Tiny, urls).query({ label: 'n4' })).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'index.corrupt', details: { found: 'no samples' } })
    expect(await idsOf(Dataset.from(Tiny, urls.slice(0, 2)).query({ label: 'n3' }))).toEqual([3])
    expect(await idsOf(Dataset.from(Tiny, urls).query({ label: 'n4' }, { scan: true }))).toEqual([4])
  })

  test('manifest-missing: its query finds nothing where there are no manifests; we refuse', async () => {
    const [{ dataUrls }] = await there().repo.insert(Dataset.from(Tiny, labelled(3)), 'bare')
    expect(await atdata.call('query', { urls: dataUrls, field: 'label', value: 'n1' }).catch(() => [])).toEqual([])
    const bare = await there().repo.open('bare', { type: Tiny })
    await expect(idsOf(bare.query({ label: 'n1' }))).rejects.toMatchObject({ code: 'manifest.not_found' })
  })
})

await describeAtdata('manifests of atdata on S3', (atdata) => {
  describeServers('as it writes them beside its shards', () => {
    test('we find samples by theirs, in all shards', async () => {
      await using there = await redisAndS3()
      const urls = await atdata.call<string[]>('write_manifests_to_s3', {
        place: there.place,
        prefix: 'theirs',
        count: 12,
        maxcount: 5,
      })
      expect(urls).toHaveLength(3)
      const dataset = Dataset.from(Tiny, urls, { storage: there.repo.store.storage })
      expect(await idsOf(dataset.query({ label: 'n3', id: { ne: 3 } }))).toEqual([8])
      expect(await idsOf(dataset.query({ id: { gte: 4, lte: 10 } }))).toEqual([4, 5, 6, 7, 8, 9, 10])
      expect(await dataset.query({ label: { in: ['n0', 'n1'] } }).count()).toBe(6)
    })
  })
})

const Labelled = defineSample('interop.Labelled', { label: str() }, { description: 'A part of Tiny.' })

await describeAtdata('lenses of atdata', (atdata) => {
  describePlaces((_, open) => {
    test('each stores lenses that the other lists and loads', async () => {
      await using there = await open()
      const { index, place } = there
      const ours = await index.storeLens(defineLens(Tiny, Labelled), { name: 'ours' })
      const theirs = await atdata.call<string>('store_lens', { place, name: 'theirs' })
      expect(await atdata.call('lenses', { place })).toEqual([ours, theirs])
      expect(await atdata.call('load_lens', { place, ref: ours, sample: { id: 1, label: 'one' } })).toEqual({ label: 'one' })
      const lens = await index.loadLens(theirs)
      expect(lens.get({ id: 1, label: 'one' })).toEqual({ label: 'one' })
      expect(lens.put({ label: 'two' }, { id: 1, label: 'one' })).toEqual({ id: 1, label: 'two' })
      await index.adopt()
      const listed: string[] = []
      for await (const { $ref } of index.listLenses()) listed.push($ref)
      expect(listed).toEqual([ours, theirs])
    })

    test('lens-transforms: what it would leave out, it refuses to load of ours', async () => {
      await using there = await open()
      const cast = defineLens(Tiny, defineSample('interop.Text', { label: str() }), {
        fields: { label: { field: 'id', cast: 'str' } },
      })
      const ref = await there.index.storeLens(cast, { name: 'cast' })
      await expect(atdata.call('load_lens', { place: there.place, ref, sample: { id: 1, label: 'one' } })).rejects.toThrow(
        /Cannot reconstitute/,
      )
      expect((await there.index.loadLens(ref)).get({ id: 7, label: '' })).toEqual({ label: '7' })
    })
  })
})
