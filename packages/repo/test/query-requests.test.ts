import { basename } from 'node:path'
import { LocalIndex } from '@shardex/index'
import { defineSample, int, NDArray, ndarray } from '@shardex/schema'
import { serveDirectory } from '@shardex/storage/testing'
import { describe, expect, test } from 'vitest'
import { describeS3, freshBucket, tempDir } from '../../../test/services/index.ts'
import { type FaultProxy, faultProxy } from '../../storage/test/fault-proxy.ts'
import { Dataset, LocalDiskStore, manifestUrls, Repo, S3DataStore } from '../src/index.ts'
import { idsOf } from './ids.ts'

/** Each sample is larger than the gap that is worth reading. */
const PAYLOAD_BYTES = 80_000
const Picture = defineSample('tests.Picture', { id: int(), group: int(), pixels: ndarray('uint8', [PAYLOAD_BYTES]) })
const pixels = NDArray.from(new Uint8Array(PAYLOAD_BYTES), [PAYLOAD_BYTES])
const SHARDS = 6
const picture = (id: number) => ({ id, group: Math.floor(id / 10), pixels })
const pictures = () => Array.from({ length: SHARDS * 10 }, (_, id) => picture(id))

/** What was asked for, by file: `GET` and the range without what comes before `=`. */
function gets({ requests }: FaultProxy, ending: string): Map<string, string[]> {
  const byFile = new Map<string, string[]>()
  for (const request of requests) {
    const [method = '', path = '', range = ''] = request.split(' ')
    const file = basename(path.split('?')[0] ?? '')
    if (method !== 'GET' || !file.endsWith(ending)) continue
    byFile.set(file, [...(byFile.get(file) ?? []), range.replace('bytes=', '')])
  }
  return byFile
}

/** A query of three samples in one shard, two of them side by side, behind a server that says what it was asked. */
async function expectFewRequests(dataset: Dataset<{ id: number | bigint }>, proxy: FaultProxy, wanted: string): Promise<void> {
  const found = (dataset as Dataset<{ id: number; group: number }>).query({ group: 3, id: { in: [31, 32, 38, 99] } })
  expect(await idsOf(found)).toEqual([31, 32, 38])
  expect([...gets(proxy, '.manifest.json').keys()]).toHaveLength(SHARDS)
  // The other shards cannot match: neither their samples nor their rows are asked for.
  expect([...gets(proxy, '.manifest.parquet').keys()]).toEqual([basename(manifestUrls(wanted).samples)])
  const shards = gets(proxy, '.tar')
  expect([...shards.keys()]).toEqual([basename(wanted)])
  const ranges = [...shards.values()].flat().map((range) => range.split('-').map(Number) as [number, number])
  expect(ranges).toHaveLength(2)
  const bytes = ranges.reduce((sum, [start, end]) => sum + end + 1 - start, 0)
  expect(bytes).toBeLessThan(3 * (PAYLOAD_BYTES + 2048))
  expect(bytes).toBeGreaterThan(3 * PAYLOAD_BYTES)
}

describe('Requests of a query to a web server', () => {
  test('are those for the headers, the rows of shards that may match, and the samples that do', async () => {
    await using dir = await tempDir('requests')
    await using index = new LocalIndex({ path: dir.file('index.db') })
    await using repo = new Repo({ index, store: new LocalDiskStore({ root: dir.file('shards') }) })
    const [entry] = await repo.insert(Dataset.from(Picture, pictures()), 'pictures', { maxcount: 10, manifest: true })
    await using server = await serveDirectory(dir.file('shards', 'pictures'))
    await using proxy = await faultProxy(server.url, () => undefined)
    const urls = entry.dataUrls.map((url) => `${proxy.url}/${basename(url)}`)
    await expectFewRequests(Dataset.from(Picture, urls), proxy, urls[3]!)
  })

  test('are one for all samples of a shard that follow each other', async () => {
    await using dir = await tempDir('requests')
    await using index = new LocalIndex({ path: dir.file('index.db') })
    await using repo = new Repo({ index, store: new LocalDiskStore({ root: dir.file('shards') }) })
    const [entry] = await repo.insert(Dataset.from(Picture, pictures()), 'pictures', { maxcount: 10, manifest: true })
    await using server = await serveDirectory(dir.file('shards', 'pictures'))
    await using proxy = await faultProxy(server.url, () => undefined)
    const urls = entry.dataUrls.map((url) => `${proxy.url}/${basename(url)}`)
    const found = Dataset.from(Picture, urls).query({ group: { in: [1, 4] } })
    expect(await idsOf(found)).toHaveLength(20)
    // All samples of both match, as their headers say.
    expect(gets(proxy, '.manifest.parquet').size).toBe(0)
    const shards = gets(proxy, '.tar') // they were asked for side by side: either may come first
    expect([...shards.keys()].sort()).toEqual([1, 4].map((i) => basename(urls[i]!)).sort())
    expect([...shards.values()].flat()).toHaveLength(2)
  })
})

describeS3('Requests of a query to S3', (server) => {
  test('are those for the headers, the rows of shards that may match, and the samples that do', async () => {
    await using dir = await tempDir('requests')
    await using bucket = await freshBucket(server)
    await using proxy = await faultProxy(server.endpoint, () => undefined)
    await using index = new LocalIndex({ path: dir.file('index.db') })
    const keys = { AWS_ACCESS_KEY_ID: server.accessKeyId, AWS_SECRET_ACCESS_KEY: server.secretAccessKey }
    await using store = new S3DataStore({ credentials: { ...keys, AWS_ENDPOINT: server.endpoint }, bucket: bucket.name })
    await using repo = new Repo({ index, store })
    const [entry] = await repo.insert(Dataset.from(Picture, pictures()), 'pictures', { maxcount: 10, manifest: true })
    await using watched = new S3DataStore({ credentials: { ...keys, AWS_ENDPOINT: proxy.url }, bucket: bucket.name })
    await expectFewRequests(Dataset.from(Picture, entry, { storage: watched.storage }), proxy, entry.dataUrls[3]!)
  })
})
