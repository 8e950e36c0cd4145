import { isShardexError } from '@shardex/errors'
import { openStorage, type Storage } from '@shardex/storage'
import { expect, test } from 'vitest'
import { freePorts } from '../../../test/services/index.ts'
import { Dataset, type ShardReport, type VerifyOptions, verifyEntry } from '../src/index.ts'
import { inOrder } from '../src/verify/in-order.ts'
import { Tiny, tinies } from './images.ts'
import { flipped, insertMirrored } from './mirror.ts'
import { collect } from './outcomes.ts'
import { describeSettings, type Setting } from './settings.ts'

/** The entry with the checksums that its store has now, as if they had been noted when it was written. */
async function withChecksums(setting: Setting, name: string) {
  const entry = (await setting.index.getEntryByName(name))!
  const shards = []
  for (const shard of entry.shards!) {
    const { store, key } = await setting.store.storage.locate(shard.url)
    shards.push({ ...shard, storeChecksum: (await store.head(key))?.checksum })
  }
  return { ...entry, shards }
}

/** The same storage, which tells what is read through it. */
function counting(storage: Storage, asked: string[]): Storage {
  return {
    async locate(url) {
      const { store, key } = await storage.locate(url)
      const get: typeof store.get = async (key, options) => {
        asked.push(store.urlOf(key))
        return store.get(key, options)
      }
      return { store: { ...store, get }, key }
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

describeSettings('Verifying an entry', (open) => {
  test('shards are looked at side by side and told in order, with the bytes that are done', async () => {
    await using setting = await open()
    const [entry] = await setting.repo.insert(Dataset.from(Tiny, tinies(95)), 'many', { maxcount: 10 })
    const urls = entry.shards!.map(({ url }) => url)
    await setting.overwrite(urls[3]!, await flipped(setting, urls[3]!, 5))
    const done: number[] = []
    const options: VerifyOptions = { depth: 'bytes', parallel: 3, onProgress: (bytes) => done.push(bytes) }
    const reports = await collect(verifyEntry(entry, setting.store.storage, options))
    expect(reports.map(({ url }) => url)).toEqual(urls)
    expect(reports.map(({ ok }) => ok)).toEqual(urls.map((_, i) => i !== 3))
    expect(reports.map(({ samples }) => samples)).toEqual([10, 10, 10, 9, 10, 10, 10, 10, 10, 5])
    expect(done).toEqual([...done].sort((a, b) => a - b))
    expect(done.at(-1)).toBe(entry.sizeBytes)
  })

  test('the checksum of the store is enough where it is the noted one, and every byte is read where it is not', async () => {
    await using setting = await open()
    await insertMirrored(setting, [])
    const entry = await withChecksums(setting, 'mirrored')
    const [first, second] = entry.shards
    await setting.overwrite(second!.url, await flipped(setting, second!.url, 1))
    const asked: string[] = []
    const look = (depth: VerifyOptions['depth']) =>
      collect(verifyEntry(entry, counting(setting.store.storage, asked), { depth, parallel: 1 }))

    const seen = (reports: readonly ShardReport[]) => reports.map(({ ok, proof, samples }) => [ok, proof, samples])
    const trusted = first!.storeChecksum === undefined ? 'sha256' : 'store'
    expect(seen(await look('store'))).toEqual([
      [true, trusted, 10],
      [false, 'sha256', 9],
      [true, trusted, 10],
    ])
    expect(asked.filter((url) => url === first!.url)).toHaveLength(trusted === 'store' ? 0 : 1)
    expect(asked.filter((url) => url === `${first!.url}.idx`)).toHaveLength(1)
    expect(seen(await look('bytes')).map(([, proof]) => proof)).toEqual(['sha256', 'sha256', 'sha256'])
  })

  test('a damaged index is told even where the checksum of the shard is enough, and the shard beside it is whole', async () => {
    await using setting = await open()
    await insertMirrored(setting, [])
    const entry = await withChecksums(setting, 'mirrored')
    await setting.overwrite(`${entry.shards[0]!.url}.idx`, Buffer.alloc(entry.shards[0]!.indexSizeBytes))
    await setting.remove(entry.shards[1]!.url)
    await setting.remove(`${entry.shards[1]!.url}.idx`)
    for (const depth of ['store', 'bytes'] as const) {
      const [first, second, third] = await collect(verifyEntry(entry, setting.store.storage, { depth }))
      expect(first?.problems.map(({ code }) => code)).toEqual(['index.corrupt'])
      expect(first).toMatchObject({ samples: 10, sha256: entry.shards[0]!.sha256 })
      expect(second?.problems.map(({ code }) => code)).toEqual(['shard.not_found', 'storage.not_found'])
      expect(third?.ok).toBe(true)
    }
  })

  test('what is to be skipped is not looked at', async () => {
    await using setting = await open()
    const { shards = [], ...entry } = await insertMirrored(setting, [])
    await setting.remove(shards[0]!.url)
    const skip: VerifyOptions['skip'] = ({ wantedSha256 }) => wantedSha256 === shards[0]!.sha256
    const reports = await collect(verifyEntry({ ...entry, shards }, setting.store.storage, { skip }))
    expect(reports.map(({ url, ok }) => [url, ok])).toEqual(shards.slice(1).map(({ url }) => [url, true]))
  })

  test('an abort ends it with its reason', async () => {
    await using setting = await open()
    const entry = await insertMirrored(setting, [])
    const stop = new AbortController()
    const reason = new Error('enough')
    const reports = verifyEntry(entry, setting.store.storage, { parallel: 2, signal: stop.signal })
    await reports.next()
    stop.abort(reason)
    expect(await collect(reports).catch((error: unknown) => error)).toBe(reason)
  })
})

test('a store that is away is thrown and not reported as damage', async () => {
  const [port = 0] = await freePorts(1)
  await using storage = openStorage({ retry: { attempts: 1 } })
  const dataUrls = [`http://127.0.0.1:${port}/x.tar`]
  const entry = { name: 'x', cid: 'c', dataUrls, schemaRef: 'r', wdsUrl: '', sampleKind: '' }
  const error = await collect(verifyEntry(entry, storage)).catch((refusal: unknown) => refusal)
  expect(isShardexError(error, 'storage.unavailable')).toBe(true)
})

test('work goes on a few at a time, in order, and stops with the first failure', async () => {
  let running = 0
  let most = 0
  const stopped: number[] = []
  const work = async (item: number, signal: AbortSignal): Promise<number> => {
    most = Math.max(most, ++running)
    await new Promise(setImmediate)
    running -= 1
    if (item === 7) throw new Error('seven')
    if (item < 7) return item
    while (!signal.aborted) await new Promise(setImmediate)
    stopped.push(item)
    throw signal.reason
  }
  const results: number[] = []
  const reading = (async () => {
    for await (const result of inOrder(Array(100).keys(), 3, work)) results.push(result)
  })()
  await expect(reading).rejects.toThrow('seven')
  expect(results).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect(most).toBe(3)
  expect(stopped.sort()).toEqual([8, 9])
})
