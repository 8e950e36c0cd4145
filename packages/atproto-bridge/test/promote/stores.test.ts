import { readFile, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { crc32 } from 'node:zlib'
import { S3DataStore } from '@shardex/repo'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bucket, describePds, describeS3, freshBucket, shared, startPds } from '../../../../test/services/index.ts'
import { promote, unpromote } from '../../src/index.ts'
import { interrupted, newAgent, openHousehold, recordAt, recordsOf, refusal } from './household.ts'

await describePds('promotion by way of a store', () => {
  const pds = shared(startPds)
  const home = shared(openHousehold)

  describeS3('S3', (server) => {
    let bucket: Bucket
    let dataStore: S3DataStore
    beforeAll(async () => {
      bucket = await freshBucket(server)
      const { endpoint: AWS_ENDPOINT, accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY } = server
      dataStore = new S3DataStore({
        bucket: bucket.name,
        credentials: { AWS_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY },
      })
    })
    afterAll(async () => {
      await dataStore?.[Symbol.asyncDispose]()
      await bucket?.[Symbol.asyncDispose]()
    })

    const stored = async (): Promise<string[]> => (await (await dataStore.objects()).list('')).objects.map(({ key }) => key)

    test('copies the shards once, names the bucket, and takes the copies back with the records', async () => {
      const agent = await newAgent(pds())
      const entry = await home().insert('bucketed', 20)
      const options = { dataStore, storage: 's3', s3: { region: 'eu-1' }, allowPrivate: true } as const
      const keys = entry.shards!.map(({ sha256 }) => `promoted/${agent.assertDid}/bucketed/${sha256}.tar`)
      const { uri } = await promote(entry, home().index, agent, options)
      expect(await recordAt(agent, uri)).toMatchObject({
        storage: {
          $type: 'science.alt.dataset.storageS3',
          bucket: bucket.name,
          endpoint: server.endpoint,
          region: 'eu-1',
          shards: entry.shards!.map(({ sha256 }, i) => ({ key: keys[i], checksum: { algorithm: 'sha256', digest: sha256 } })),
        },
      })
      expect(await stored()).toEqual(keys.flatMap((key) => [key, `${key}.idx`]).sort())
      const unread = interrupted(home().repo.store.storage, 1, async () =>
        expect.unreachable('a shard that is there was read again'),
      )
      const again = await promote(entry, home().index, agent, { ...options, source: unread })
      expect(again).toMatchObject({ uri, entry: 'unchanged', label: 'unchanged' })
      await unpromote(agent, { name: 'bucketed', dataStore })
      expect([await recordsOf(agent), await stored()]).toEqual([{}, []])
    })

    test('leaves the copies of others where they are', async () => {
      const [one, other] = await Promise.all([newAgent(pds()), newAgent(pds())])
      const entry = await home().insert('shared', 10)
      const options = { dataStore, storage: 's3', allowPrivate: true } as const
      for (const agent of [one, other]) await promote(entry, home().index, agent, options)
      await unpromote(one, { name: 'shared', dataStore })
      const left = (await stored()).filter((key) => key.includes('/shared/'))
      const kept = `promoted/${other.assertDid}/shared/${entry.shards![0]!.sha256}.tar`
      expect(left).toEqual([kept, `${kept}.idx`])
    })

    test('takes copies back that a run before has left, but none that a record needs', async () => {
      const agent = await newAgent(pds())
      const options = { dataStore, storage: 's3', allowPrivate: true } as const
      const [one, two] = [await home().insert('swept', 20), await home().insert('swept', 10)]
      await promote(one, home().index, agent, { ...options, version: '1' })
      await promote(two, home().index, agent, { ...options, version: '2', storage: 'urls', moveVersion: true })
      const left = async () => (await stored()).filter((key) => key.includes('/swept/'))
      const keysOf = ({ shards }: typeof one) =>
        shards!.flatMap(({ sha256 }) => ['', '.idx'].map((end) => `promoted/${agent.assertDid}/swept/${sha256}.tar${end}`)).sort()
      // As if it had ended between the commit and the copies.
      await unpromote(agent, { name: 'swept', version: '1' })
      expect(await left()).toEqual([...new Set([...keysOf(one), ...keysOf(two)])].sort())
      expect(await unpromote(agent, { name: 'swept', version: '1', dataStore })).toEqual({ deleted: [] })
      expect(await left()).toEqual(keysOf(two))
      await unpromote(agent, { name: 'swept', dataStore })
      expect(await left()).toEqual([])
    })

    test('names the addresses of the copies where readers shall need no bucket', async () => {
      const agent = await newAgent(pds())
      const entry = await home().insert('linked', 10)
      const { uri } = await promote(entry, home().index, agent, {
        dataStore,
        storage: 'urls',
        allowPrivate: true,
        name: 'linked #1',
      })
      const url = `${server.endpoint}/${bucket.name}/promoted/${agent.assertDid}/linked%20%231/${entry.shards![0]!.sha256}.tar`
      expect(await recordAt(agent, uri)).toMatchObject({
        storage: { $type: 'science.alt.dataset.storageHttp', shards: [{ url }] },
      })
    })

    test('puts a copy again where something else lies', async () => {
      const agent = await newAgent(pds())
      const entry = await home().insert('squatted', 10)
      const [shard] = entry.shards!
      const key = `promoted/${agent.assertDid}/squatted/${shard!.sha256}.tar`
      const objects = await dataStore.objects()
      const bytes = await readFile(shard!.url)
      const sum = Buffer.alloc(4)
      sum.writeUInt32BE(crc32(bytes))
      const known = { ...entry, shards: [{ ...shard!, storeChecksum: `crc32:${sum.toString('base64')}` }] }
      const there = async () => buffer((await objects.get(key))!.chunks)
      for (const thing of [Buffer.from('squatter'), Buffer.alloc(bytes.length)]) {
        const { checksum } = await objects.put(key, thing)
        await objects.put(`${key}.idx`, Buffer.from('squatter'))
        await promote(known, home().index, agent, { dataStore, storage: 's3', allowPrivate: true })
        // Of the same size, a store tells it apart that keeps checksums.
        if (thing.length < bytes.length || checksum?.startsWith('crc32:')) expect((await there()).equals(bytes)).toBe(true)
        expect(await objects.head(`${key}.idx`)).toMatchObject({ sizeBytes: shard!.indexSizeBytes })
      }
    })

    test('copies no shard that is not what it was', async () => {
      const agent = await newAgent(pds())
      const entry = await home().insert('spoiled', 10)
      const [{ url, sha256 } = { url: '', sha256: '' }] = entry.shards!
      const bytes = await readFile(url)
      bytes[1000]! ^= 1
      await writeFile(url, bytes)
      await refusal(promote(entry, home().index, agent, { dataStore, storage: 's3', allowPrivate: true }), 'storage.corrupt')
      expect(await stored()).not.toContain(`promoted/${agent.assertDid}/spoiled/${sha256}.tar`)
      expect(await recordsOf(agent)).toEqual({})
    })

    test('is refused before anything is copied', async () => {
      const agent = await newAgent(pds())
      const entry = await home().insert('refused', 10)
      const before = await stored()
      const error = await refusal(promote(entry, home().index, agent, { dataStore, storage: 's3' }), 'promotion.refused')
      expect(error.details.problems).toMatchObject([{ code: 'url.private', path: 'entry.storage.endpoint' }])
      expect(await stored()).toEqual(before)
    })
  })
})
