import { cp, readdir } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Entry, LocalIndex } from '@shardex/index'
import { openStorage } from '@shardex/storage'
import { serveDirectory } from '@shardex/storage/testing'
import { expect, test } from 'vitest'
import { describeS3, freshBucket, type TempDir, tempDir } from '../../../test/services/index.ts'
import { Dataset, LocalDiskStore, Repo, verifyEntry } from '../src/index.ts'
import { Tiny, tinies } from './images.ts'
import { collect } from './outcomes.ts'

/** A dataset of 300 samples in three shards that lie on a web server. */
async function onTheWeb(dir: TempDir) {
  await using index = new LocalIndex({ path: dir.file('index.db') })
  await using store = new LocalDiskStore({ root: dir.file('shards') })
  await using repo = new Repo({ index, store })
  const [entry] = await repo.insert(Dataset.from(Tiny, tinies(300)), 'tiny', { maxcount: 100 })
  const web = dir.file('web')
  for (const { url } of entry.shards!) for (const path of [url, `${url}.idx`]) await cp(path, `${web}/${basename(path)}`)
  const server = await serveDirectory(web)
  const shards = entry.shards!.map((shard) => ({ ...shard, url: server.url + basename(shard.url) }))
  return { server, web, entry: { ...entry, shards, dataUrls: shards.map(({ url }) => url) } satisfies Entry }
}

test('what was read once is read again without its web server, in every way', async () => {
  await using dir = await tempDir('cached')
  const { server, entry } = await onTheWeb(dir)
  await using storage = openStorage({ cache: { dir: dir.file('cache'), maxBytes: 2 ** 24 }, retry: { attempts: 1 } })
  const dataset = Dataset.from(Tiny, entry, { storage })
  const first = await collect(dataset)
  expect(await readdir(dir.file('cache'))).toHaveLength(6) // three shards, three offset indexes
  const order = await collect(dataset.shuffled({ seed: 1 }))
  await server[Symbol.asyncDispose]()
  const again = Dataset.from(Tiny, entry, { storage, verify: 'sha256' })
  expect(await collect(again)).toEqual(first)
  expect(await collect(again.shuffled({ seed: 1 }))).toEqual(order)
  expect(await again.at(250)).toMatchObject({ id: 250 })
  expect(await again.byKey('000000017')).toMatchObject({ id: 17 })
})

test('a shuffled epoch fills the cache for the next one', async () => {
  await using dir = await tempDir('cached')
  const { server, entry } = await onTheWeb(dir)
  await using storage = openStorage({ cache: { dir: dir.file('cache'), maxBytes: 2 ** 24 } })
  const dataset = Dataset.from(Tiny, entry, { storage })
  const epoch = await collect(dataset.shuffled({ seed: 1, epoch: 1 }))
  const kept = async () => (await readdir(dir.file('cache'))).filter((name) => !name.startsWith('filling-'))
  await expect.poll(kept, { timeout: 20_000 }).toHaveLength(6)
  await server[Symbol.asyncDispose]()
  expect(await collect(dataset.shuffled({ seed: 1, epoch: 1 }))).toEqual(epoch)
})

test('a verification sees what lies in the store, whatever lies in the cache', async () => {
  await using dir = await tempDir('cached')
  const { server, web, entry } = await onTheWeb(dir)
  await using _ = server
  await using storage = openStorage({ cache: { dir: dir.file('cache'), maxBytes: 2 ** 24 } })
  const dataset = Dataset.from(Tiny, entry, { storage })
  const samples = await collect(dataset)
  const [one, two] = entry.shards.map(({ url }) => basename(url))
  await cp(`${web}/${one}`, `${web}/${two}`)
  await cp(`${web}/${one}.idx`, `${web}/${two}.idx`)
  expect(await collect(dataset)).toEqual(samples)
  const reports = await collect(verifyEntry(entry, storage))
  expect(reports.map(({ ok }) => ok)).toEqual([true, false, true])
  expect(reports[1]?.problems.map(({ code }) => code)).toContain('index.corrupt')
})

describeS3('a repo with a cache', (server) => {
  test('keeps what it reads of its bucket', async () => {
    await using dir = await tempDir('cached')
    await using bucket = await freshBucket(server)
    const { endpoint: AWS_ENDPOINT, accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY } = server
    await using index = new LocalIndex({ path: dir.file('index.db') })
    const cache = { dir: dir.file('cache'), maxBytes: 2 ** 24 }
    const s3Credentials = { AWS_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY }
    await using repo = new Repo({ index, s3Credentials, hivePath: `${bucket.name}/data`, cache })
    const [entry] = await repo.insert(Dataset.from(Tiny, tinies(300)), 'tiny', { maxcount: 100 })
    const first = await collect(await repo.open('tiny', { type: Tiny }))
    const wanted = entry.shards!.flatMap(({ sha256, indexSha256 }) => [sha256, indexSha256])
    expect((await readdir(cache.dir)).sort()).toEqual(wanted.sort())
    for (const { url } of entry.shards!) {
      const { store, key } = await repo.store.storage.locate(url)
      await store.delete(key)
    }
    expect(await collect(await repo.open('tiny', { type: Tiny }))).toEqual(first)
  })
})
