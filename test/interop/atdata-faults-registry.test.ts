import { glob } from 'node:fs/promises'
import { Dataset, defineSample, int, LocalIndex, str } from 'shardex'
import { expect, test } from 'vitest'
import { shared, tempDir } from '../services/index.ts'
import { all } from './all.ts'
import { describeAtdata } from './atdata.ts'
import { describeServers, redisAndS3, sqliteAndDisk } from './places.ts'
import { plainMetadata } from './plain.ts'
import { Tiny, tiny } from './samples.ts'

// Each test shows first what is wrong in atdata, then that it is not so here. If the first half fails, atdata was mended: then change docs/interop.md.
await describeAtdata('faults of atdata in writing and in the registry', (atdata) => {
  const onDisk = shared(sqliteAndDisk)
  const dir = shared(() => tempDir('faults'))

  test('keys: its copies have other keys; ours have the same, and the same content CID', async () => {
    const [entry] = await onDisk().repo.insert(Dataset.from(Tiny, tiny(0, 3)), 'keys')
    const [keys, copied] = await atdata.fault<string[][]>('keys_of_copies', { place: onDisk().place, name: 'keys' })
    expect(keys).toEqual(['000000000', '000000001', '000000002'])
    for (const key of copied ?? []) expect(keys).not.toContain(key)
    const [copy] = await onDisk().repo.insert(await onDisk().repo.open('keys', { type: Tiny }), 'keys-our-copy')
    expect((await all(await onDisk().repo.open('keys-our-copy'))).map(({ __key__ }) => __key__)).toEqual(keys)
    expect([copy.contentCid, copy.cid === entry.cid]).toEqual([entry.contentCid, false])
  })

  test('orphans: its failed insert leaves a shard behind; ours leaves nothing', async () => {
    await using there = await sqliteAndDisk()
    const { place } = there
    const left = await atdata.fault('files_after_failed_insert', { place, missing: dir().file('missing.tar') })
    expect(left).toEqual({ failure: 'FileNotFoundError', files: [expect.stringMatching(/^data--.*\.tar$/)] })
    await using ours = await sqliteAndDisk()
    function* failing() {
      yield* tiny(0, 3)
      throw new Error('on purpose')
    }
    await expect(ours.repo.insert(Dataset.from(Tiny, failing()), 'failed', { maxcount: 2 })).rejects.toThrow('on purpose')
    expect(await all(glob('**/*.tar', { cwd: (ours.place as { root: string }).root }))).toEqual([])
  })

  test('maxcount: it writes one shard where three were asked for; we write three', async () => {
    expect(await atdata.fault('shards_asked_for', { place: onDisk().place, count: 25, maxcount: 10 })).toBe(1)
    const [entry] = await onDisk().repo.insert(Dataset.from(Tiny, tiny(0, 25)), 'sharded-by-us', { maxcount: 10 })
    expect(entry.dataUrls).toHaveLength(3)
  })

  test('names: a second name for the same data renames the entry of the first; here each is found as itself', async () => {
    const names = await atdata.fault('one_content_two_names', { place: onDisk().place, path: dir().file('named.tar') })
    expect(names).toEqual(['two', 'two'])
    expect((await onDisk().index.getEntryByName('one'))?.name).toBe('one')
    expect((await onDisk().index.getEntryByName('two'))?.name).toBe('two')
  })

  test('ended: it finds the past of a name that ended; we do not', async () => {
    const { repo, index, place } = onDisk()
    const [{ cid }] = await repo.insert(Dataset.from(Tiny, tiny(0, 1)), 'ended')
    await index.deleteName('ended')
    expect(await atdata.call('find', { place, name: 'ended' })).toMatchObject({ cid })
    expect(await index.getEntryByName('ended')).toBeUndefined()
  })

  test('path: it ignores the path of an index unless it is told the provider too; we use it', async () => {
    const path = dir().file('index.db')
    expect(await atdata.fault('where_an_index_lies', { path })).toMatch(/\.atdata\/index\.db$/)
    await using index = new LocalIndex({ path })
    expect((await index.diagnose()).url).toContain(path)
  })

  test('s3-sources: of a source with two objects it registers the first; we register both', async () => {
    expect(await atdata.fault('shards_of_an_s3_source')).toEqual(['s3://b/one.tar'])
    const dataUrls = ['s3://b/one.tar', 's3://b/two.tar']
    expect((await onDisk().index.addEntry({ dataUrls, type: Tiny }, { name: 's3-source' })).dataUrls).toEqual(dataUrls)
  })

  test('one-name: the second of two types of one name gets the schema of the first; here it gets a version of its own', async () => {
    await using there = await sqliteAndDisk()
    const ref = 'atdata://local/schema/Shape@1.0.0'
    expect(await atdata.fault('types_of_one_name', { place: there.place })).toEqual({ refs: [ref, ref], read: 'TypeError' })
    await using ours = await sqliteAndDisk()
    const [first] = await ours.repo.insert(
      { type: defineSample('Shape', { number: int() }), samples: [{ number: 1 }] },
      'numbers',
    )
    const [second] = await ours.repo.insert({ type: defineSample('Shape', { text: str() }), samples: [{ text: 'one' }] }, 'texts')
    expect([first.schemaRef, second.schemaRef]).toEqual(['local://schemas/Shape@1.0.0', 'local://schemas/Shape@1.0.1'])
    expect(await all(await ours.repo.open('texts'))).toMatchObject([{ text: 'one' }])
  })

  test('overwrite: it publishes another definition over a version, and versions that are none; we refuse both', async () => {
    await using there = await sqliteAndDisk()
    const { place, index } = there
    expect(await atdata.fault('version_published_twice', { place })).toEqual(['text'])
    expect(await atdata.fault('published_version', { place, version: 'abc' })).toBe('atdata://local/schema/Tiny@abc')
    const publish = (version: string) => index.publishSchema(defineSample('Shape', { other: int() }), { version })
    await expect(publish('1.0.0')).rejects.toMatchObject({ code: 'schema.conflict' })
    await expect(publish('abc')).rejects.toMatchObject({ code: 'ref.invalid' })
  })

  test('type-cache: types of one name and version in two registries are one type to it; to us they are two', async () => {
    await using one = await sqliteAndDisk()
    await using two = await sqliteAndDisk()
    const ref = await one.index.publishSchema(defineSample('interop.Cached', { value: int() }))
    expect(await two.index.publishSchema(defineSample('interop.Cached', { value: str() }))).toBe(ref)
    const theirs = await atdata.fault('types_of_two_registries', { places: [one.place, two.place], ref })
    expect(theirs).toEqual({ same: true, types: ["<class 'int'>", "<class 'int'>"] })
    const kinds = await Promise.all(
      [one, two].map(async ({ index }) => (await index.decodeSchema(ref)).fields['value']?.kind.kind),
    )
    expect(kinds).toEqual(['int', 'str'])
  })

  describeServers('in Redis and S3', () => {
    const onRedis = shared(redisAndS3)

    test('stale: it keeps metadata that were taken back; we do not', async () => {
      const { index, place } = onRedis()
      const [returned, found] = await atdata.fault<unknown[]>('metadata_taken_back', { place, path: dir().file('bare.tar') })
      expect([returned, found]).toEqual([null, plainMetadata({ secret: 1 })])
      const bare = { name: 'bare-too', schemaRef: 'local://schemas/Tiny@1.0.0', dataUrls: ['u'] }
      await index.commitEntry({ ...bare, metadata: { secret: 1 } })
      const { cid } = await index.commitEntry(bare)
      expect((await index.getEntry(cid))?.metadata).toBeUndefined()
      expect(await atdata.call('find', { place, name: 'bare-too' })).toMatchObject({ cid, metadata: null })
    })

    test('any-version: it finds any version of a name that has several; we find where the name points', async () => {
      const { index, place } = onRedis()
      let wrong = 0
      for (let i = 0; i < 16; i++) {
        const name = `versions-${i}`
        const commit = (version: string) =>
          index.commitEntry({ name, schemaRef: 'x', dataUrls: [`${name}/${version}`], label: { version } })
        for (const version of ['1.0.0', '2.0.0']) await commit(version)
        const { cid } = await commit('3.0.0')
        expect((await index.getEntryByName(name))?.cid).toBe(cid)
        if ((await atdata.call<{ cid: string }>('find', { place, name })).cid !== cid) wrong += 1
      }
      expect(wrong).toBeGreaterThan(0)
    })

    test('globs: it finds other names when a name has a star; we do not', async () => {
      const { index, place } = onRedis()
      const { cid } = await index.commitEntry({ name: 'starlight', schemaRef: 'x', dataUrls: ['starlight'] })
      expect(await atdata.call('find', { place, name: 'star*' })).toMatchObject({ cid, name: 'starlight' })
      expect(await index.getEntryByName('star*')).toBeUndefined()
    })

    test('s3-urls: it has no way to open the s3 URLs that it registers; we open them', async () => {
      const [entry] = await onRedis().repo.insert(Dataset.from(Tiny, tiny(0, 2)), 's3-url')
      await expect(atdata.fault('read_url', { url: entry.dataUrls[0] })).rejects.toThrow('no gopen handler defined')
      const { storage } = onRedis().repo.store
      expect(await all(Dataset.from(Tiny, entry.dataUrls, { storage }))).toMatchObject(tiny(0, 2))
    })
  })
})
