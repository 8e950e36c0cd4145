import { AtmosphereIndex, promote, Sessions } from '@shardex/atproto-bridge'
import { type StaticServer, serveDirectory } from '@shardex/storage/testing'
import { Dataset, type Entry, Repo } from 'shardex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describePds, type OwnPds, type PdsAccount, startPds, type TempDir, tempDir } from '../services/index.ts'
import { all } from './all.ts'
import { describeAtdata } from './atdata.ts'
import { plainSample } from './plain.ts'
import { Everything, everything, Tiny, tiny } from './samples.ts'

await describePds('one PDS', async () => {
  await describeAtdata('for shardex and atdata', (atdata) => {
    let pds: OwnPds
    let home: TempDir
    let alice: PdsAccount
    let bob: PdsAccount
    let repo: Repo
    let web: StaticServer
    let atmosphere: AtmosphereIndex
    const identity = () => ({ plcUrl: pds.plcUrl, handleResolver: pds.url, allowPrivate: true })

    beforeAll(async () => {
      ;[pds, home] = await Promise.all([startPds(), tempDir('one-pds')])
      alice = await pds.createAccount('alice.test', 'hunter22')
      bob = await pds.createAccount('bob.test', 'hunter33')
      repo = new Repo({ home: home.path })
      web = await serveDirectory(home.file('data'))
      atmosphere = new AtmosphereIndex(identity())
    })
    afterAll(async () => {
      for (const part of [atmosphere, web, repo, pds, home]) await part[Symbol.asyncDispose]()
    })

    const urlOf = (path: string): string => web.url + path.slice(home.file('data').length + 1)
    const promoted = async (entry: Entry, options: Parameters<typeof promote>[3]) => {
      const sessions = new Sessions({ folder: home.file('sessions'), ...identity() })
      await sessions.login('alice.test', { appPassword: alice.password })
      const { agent } = await sessions.open('alice.test')
      return promote(entry, repo.index, agent, {
        description: 'of shardex',
        tags: ['t'],
        license: 'MIT',
        allowPrivate: true,
        ...options,
      })
    }
    /** The same shards, at a web server. */
    const served = (entry: Entry): Entry => ({
      ...entry,
      dataUrls: entry.dataUrls.map(urlOf),
      shards: entry.shards?.map((shard) => ({ ...shard, url: urlOf(shard.url) })),
    })

    test('atdata reads what we promote: record, schema, label and samples', async () => {
      const [entry] = await repo.insert(Dataset.from(Everything, everything), 'everything', {
        maxcount: 3,
        metadata: { source: 'scanner' },
      })
      const { uri, schemaUri } = await promoted(served(entry), { storage: 'urls', version: '2.0' })

      expect(await atdata.atmosphere('describe', { pds: pds.url, uri })).toMatchObject({
        name: 'everything',
        schemaRef: schemaUri,
        description: 'of shardex',
        license: 'MIT',
        tags: ['t'],
        storage: 'http',
        urls: entry.dataUrls.map(urlOf),
        metadata: { map: { source: 'scanner' } },
      })
      const schema = await atdata.atmosphere<{ properties: object; required: string[] }>('schema', {
        pds: pds.url,
        uri: schemaUri,
      })
      expect(schema).toMatchObject({ name: 'Everything', version: '1.0.0' })
      expect(Object.keys(schema.properties).sort()).toEqual(Object.keys(Everything.fields).sort())
      expect(schema.required).not.toContain('note')
      expect(
        await atdata.atmosphere('resolve', { pds: pds.url, account: 'alice.test', name: 'everything', version: '2.0' }),
      ).toBe(uri)
      expect(await atdata.atmosphere('read', { pds: pds.url, uri, type: 'Everything' })).toEqual(
        everything.map((sample) => plainSample(Everything, sample)),
      )
    })

    test('atdata reads our blobs', async () => {
      const [entry] = await repo.insert(Dataset.from(Tiny, tiny(0, 12)), 'tiny-blobs', { maxcount: 5 })
      const { uri, schemaUri } = await promoted(entry, { storage: 'blobs' })
      expect(await atdata.atmosphere('sample_type', { pds: pds.url, uri: schemaUri })).toEqual({
        id: "<class 'int'>",
        label: "<class 'str'>",
      })
      const found = await atdata.atmosphere<{ storage: string; blobs: string[] }>('describe', { pds: pds.url, uri })
      expect(found.storage).toBe('blobs')
      expect(found.blobs).toHaveLength(3)
      expect(await atdata.atmosphere('read_blobs', { pds: pds.url, uri, type: 'Tiny' })).toEqual(
        tiny(0, 12).map((sample) => plainSample(Tiny, sample)),
      )
    })

    test('we read what atdata publishes: web addresses without digests, by name and label', async () => {
      const [entry] = await repo.insert(Dataset.from(Tiny, tiny(0, 12)), 'tiny-urls', { maxcount: 5 })
      const urls = entry.dataUrls.map(urlOf)
      const account = { pds: pds.url, handle: bob.handle, password: bob.password }
      const metadata = { split: 'train', model: 'bert' }
      const published = await atdata.atmosphere<{ uri: string; schemaUri: string }>('publish', {
        ...account,
        type: 'Tiny',
        name: 'their-tiny',
        urls,
        metadata,
        label: '1.0',
      })

      const found = await atmosphere.getEntry('bob.test/their-tiny@1.0')
      expect(found).toMatchObject({
        ...{ uri: published.uri, did: bob.did, name: 'their-tiny', schemaRef: published.schemaUri, dataUrls: urls, metadata },
        ...{ description: 'of atdata', license: 'MIT', tags: ['t'] },
      })
      expect((await atmosphere.getEntry(`${bob.did}/their-tiny`))?.uri).toBe(published.uri)
      expect(await atmosphere.getSchema(published.schemaUri)).toMatchObject({ name: 'Tiny', version: '1.2.0' })
      const samples = await all(await atmosphere.open(published.uri, { verify: 'crc32' }))
      expect(samples).toMatchObject(tiny(0, 12))
    })

    test('we read and prove the blobs that atdata publishes', async () => {
      const [entry] = await repo.insert(Dataset.from(Everything, everything), 'every-blob', { maxcount: 4 })
      const account = { pds: pds.url, handle: bob.handle, password: bob.password }
      const { uri } = await atdata.atmosphere<{ uri: string }>('publish', {
        ...account,
        type: 'Everything',
        name: 'their-blobs',
        shards: entry.dataUrls,
      })
      const samples = await all(await atmosphere.open(uri, { type: Everything }))
      expect(samples.map((sample) => plainSample(Everything, sample))).toEqual(
        everything.map((sample) => plainSample(Everything, sample)),
      )
      expect(await all(atmosphere.entries('bob.test'))).toMatchObject([{ name: 'their-blobs' }, { name: 'their-tiny' }])
    })
  })
})
