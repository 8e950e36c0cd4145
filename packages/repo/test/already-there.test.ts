import { dirname } from 'node:path'
import { isShardexError } from '@shardex/errors'
import { LocalIndex } from '@shardex/index'
import type { ObjectStore } from '@shardex/storage'
import { describe, expect, test } from 'vitest'
import { type TempDir, tempDir, watchSyncs } from '../../../test/services/index.ts'
import { type DataStore, Dataset, type InsertOptions, LocalDiskStore, Repo } from '../src/index.ts'
import { Tiny, tinies } from './images.ts'

const CONTENT = { layout: 'content', maxcount: 40 } satisfies InsertOptions

/** A repository whose store is ours to meddle with. */
async function openPlace(dir: TempDir, meddle: (store: ObjectStore) => ObjectStore = (store) => store) {
  const ours = new AsyncDisposableStack()
  const disk = ours.use(new LocalDiskStore({ root: dir.file('shards') }))
  const index = ours.use(new LocalIndex({ path: dir.file('index.db') }))
  const objects = meddle(await disk.objects())
  const store: DataStore = {
    storage: disk.storage,
    objects: async () => objects,
    writeShards: (...args) => disk.writeShards(...args),
    readUrl: (url) => disk.readUrl(url),
    supportsStreaming: () => disk.supportsStreaming(),
    [Symbol.asyncDispose]: () => disk[Symbol.asyncDispose](),
  }
  return { repo: ours.use(new Repo({ index, store })), [Symbol.asyncDispose]: () => ours.disposeAsync() }
}

/** Of two writers one links an object first. The other may not tell of it before it is durable: the first may die on its way to that. */
describe.runIf(process.platform === 'linux')('an object that is there already is made durable before an insert returns', () => {
  test('under its digest', async () => {
    await using dir = await tempDir('there')
    await using place = await openPlace(dir)
    const [{ dataUrls }] = await place.repo.insert(Dataset.from(Tiny, tinies(100)), 'first', CONTENT)
    using syncs = await watchSyncs()
    await place.repo.insert(Dataset.from(Tiny, tinies(100)), 'second', CONTENT)
    for (const url of dataUrls) for (const path of [url, `${url}.idx`, dirname(url)]) expect([...syncs.paths]).toContain(path)
  })

  test('under its number, when an insert goes on', async () => {
    await using dir = await tempDir('there')
    const options = { ingestId: 'nightly', maxcount: 10 } satisfies InsertOptions
    let isOn = true
    await using place = await openPlace(dir, (store) => ({
      ...store,
      // It is linked, and then its writer dies.
      async put(...args) {
        const head = await store.put(...args)
        if (isOn && args[0].endsWith('000002.tar')) throw new Error('the power failed')
        return head
      },
    }))
    const insert = () => place.repo.insert(Dataset.from(Tiny, tinies(50)), 'nightly', options)
    await expect(insert()).rejects.toThrow('the power failed')
    isOn = false
    using syncs = await watchSyncs()
    const [{ dataUrls }] = await insert()
    for (const path of [dataUrls[2]!, dirname(dataUrls[2]!)]) expect([...syncs.paths]).toContain(path)
  })
})

test('an object that is there for a put and gone for the look after it is stored', async () => {
  await using dir = await tempDir('there')
  const taken = new Set<string>()
  await using place = await openPlace(dir, (store) => ({
    ...store,
    async put(key, body, options) {
      if (taken.has(key)) return store.put(key, body, options)
      taken.add(key)
      // Another writer stores it first, and a collector takes it away.
      await store.put(key, new Uint8Array([1]))
      const refused = await store.put(key, body, options).catch((error: unknown) => error)
      await store.delete(key)
      expect(isShardexError(refused, 'storage.exists')).toBe(true)
      throw refused
    },
  }))
  const [entry] = await place.repo.insert(Dataset.from(Tiny, tinies(100)), 'busy', CONTENT)
  expect(taken.size).toBe(2 * entry.dataUrls.length)
  expect(entry.sampleCount).toBe(100)
  let samples = 0
  for await (const _ of (await place.repo.open('busy', { type: Tiny })).ordered()) samples += 1
  expect(samples).toBe(100)
})
