import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { isShardexError } from '@shardex/errors'
import { type Entry, encodeDetails } from '@shardex/index'
import { Dataset, Repo } from '@shardex/repo'
import { defineSample, int, NDArray, ndarray, str, toSchemaRecord } from '@shardex/schema'
import { serveDirectory } from '@shardex/storage/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describePds, type OwnPds, RESTART_MS, startPds, type TempDir, tempDir } from '../../../../test/services/index.ts'
import { AtmosphereIndex } from '../../src/atmosphere/atmosphere-index.ts'
import { openPublisher, type Publisher } from './publish.ts'

const Digit = defineSample('vision.Digit', { pixels: ndarray('uint8', [4, 4]), label: int(), writer: str().optional() })
const digits = Array.from({ length: 40 }, (_, i) => ({ pixels: NDArray.from(new Uint8Array(16).fill(i), [4, 4]), label: i % 10 }))
const NOW = '2026-11-21T09:00:00.000Z'
const NONE = { algorithm: 'none', digest: '' }

await describePds('datasets on a real PDS', () => {
  let pds: OwnPds
  let dir: TempDir
  let alice: Publisher
  let entry: Entry
  let schemaRef: string
  let reading: () => AtmosphereIndex

  beforeAll(async () => {
    ;[pds, dir] = await Promise.all([startPds(), tempDir('atmosphere')])
    alice = await openPublisher(pds, await pds.createAccount('alice.test', 'hunter22'))
    await using repo = new Repo({ home: dir.path })
    ;[entry] = await repo.insert(Dataset.from(Digit, digits), 'digits', { maxcount: 16 })
    const { shardex: _, description: __, ...schema } = toSchemaRecord(Digit, { version: '1.0.0', createdAt: NOW })
    schemaRef = await alice.put({ $type: 'ac.foundation.dataset.schema', ...schema })
    reading = () => new AtmosphereIndex({ plcUrl: pds.plcUrl, handleResolver: pds.url, allowPrivate: true })
  })
  afterAll(async () => {
    await pds[Symbol.asyncDispose]()
    await dir[Symbol.asyncDispose]()
  })

  const record = (name: string, storage: object, more: object = {}) => ({
    $type: 'science.alt.dataset.entry',
    name,
    schemaRef,
    storage,
    createdAt: NOW,
    tags: [],
    ...more,
  })
  const http = (base: string, checksum = (sha256: string): object => ({ algorithm: 'sha256', digest: sha256 })) => ({
    $type: 'science.alt.dataset.storageHttp',
    shards: entry.shards!.map(({ url, sha256 }) => ({
      url: base + url.slice(url.indexOf('/data/') + 1),
      checksum: checksum(sha256),
    })),
  })
  const labelsOf = async (dataset: AsyncIterable<unknown>): Promise<number[]> => {
    const labels: number[] = []
    for await (const sample of dataset) labels.push((sample as { label: number }).label)
    return labels
  }
  const ALL = digits.map(({ label }) => label)

  describe('shards on a web server', () => {
    test('are streamed, each proved by the digest in the record, by whoever knows the URI', async () => {
      await using server = await serveDirectory(dir.path)
      const uri = await alice.put(record('by-uri', http(server.url)))
      await using atmosphere = reading()

      const dataset = await atmosphere.open(uri)

      expect(await labelsOf(dataset)).toEqual(ALL)
      const [first] = await collect(dataset.take(1))
      expect(first).toMatchObject({ __key__: expect.any(String), label: 0, pixels: { shape: [4, 4] } })
      const typed = await atmosphere.open(uri, { type: Digit })
      for await (const sample of typed.take(1)) expect(sample.pixels.shape).toEqual([4, 4])
    })

    test('are read like our own where the record describes them: at random, one by one, shuffled', async () => {
      await using server = await serveDirectory(dir.path)
      const { shards, contentCid } = entry
      const storage = http(server.url)
      const shardex = { format: 1, content: contentCid, details: encodeDetails({ shards: shards!, contentCid }) }
      const uri = await alice.put(record('described', storage, { shardex }))
      await using atmosphere = reading()

      const found = await atmosphere.getEntry(uri)
      const dataset = await atmosphere.open(found!)

      // The schema of the first generation does not say all that a content CID covers.
      expect(found).toMatchObject({ contentCid: undefined, sampleCount: 40 })
      expect(await dataset.at(17)).toMatchObject({ label: 7 })
      expect((await labelsOf(dataset.shuffled({ seed: 1 }))).sort()).toEqual(ALL.toSorted())
    })

    test('that were changed give no sample at all', async () => {
      await using server = await serveDirectory(dir.path)
      const uri = await alice.put(record('changed', http(server.url)))
      await using atmosphere = reading()
      const dataset = await atmosphere.open(uri)
      const path = entry.shards![0]!.url
      const bytes = await readFile(path)
      const changed = Uint8Array.from(bytes)
      changed[600]! ^= 1
      await writeFile(path, changed)
      try {
        const seen: unknown[] = []
        const failure = await (async () => {
          for await (const sample of dataset) seen.push(sample)
        })().catch((error: unknown) => error)
        expect(isShardexError(failure, 'shard.corrupt')).toBe(true)
        expect(seen).toEqual([])
      } finally {
        await writeFile(path, bytes)
      }
    })

    test('without digests are read only by those who say that they want to', async () => {
      await using server = await serveDirectory(dir.path)
      const uri = await alice.put(
        record(
          'unknown',
          http(server.url, () => NONE),
        ),
      )
      await using atmosphere = reading()
      await expect(labelsOf(await atmosphere.open(uri))).rejects.toMatchObject({ code: 'config.invalid' })
      expect(await labelsOf(await atmosphere.open(uri, { verify: 'crc32' }))).toEqual(ALL)
    })

    test('are cut by no index that the record does not describe', async () => {
      await using server = await serveDirectory(dir.path)
      const asked: string[] = []
      const proxy = createServer(async (request, response) => {
        asked.push(request.url ?? '')
        response.end(await readFile(`${dir.path}${request.url}`).catch(() => Buffer.from('')))
      })
      await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening))
      const { port } = proxy.address() as { port: number }
      const uri = await alice.put(record('spied', http(`http://127.0.0.1:${port}/`)))
      await using atmosphere = reading()
      expect(await labelsOf(await atmosphere.open(uri))).toEqual(ALL)
      expect(asked).toHaveLength(3)
      expect(asked.filter((path) => path.endsWith('.idx'))).toEqual([])
      proxy.close()
      void server
    })
  })

  describe('shards that are blobs of the account', () => {
    test('are streamed and proved by their CIDs, in both forms of records', async () => {
      const blobs = []
      for (const { url } of entry.shards!) {
        const { data } = await alice.agent.uploadBlob(await readFile(url), { encoding: 'application/x-tar' })
        blobs.push(data.blob)
      }
      const uri = await alice.put(
        record('blobs', { $type: 'science.alt.dataset.storageBlobs', blobs: blobs.map((blob) => ({ blob })) }),
      )
      const old = {
        ...record('old-blobs', { $type: 'ac.foundation.dataset.storageBlobs', blobs }),
        $type: 'ac.foundation.dataset.record',
      }
      const oldUri = await alice.put(old)
      await using atmosphere = reading()

      expect(await labelsOf(await atmosphere.open(uri))).toEqual(ALL)
      expect(await labelsOf(await atmosphere.open(oldUri))).toEqual(ALL)
      const found = await atmosphere.getEntry(uri)
      expect(found?.storage.shards.map(({ sha256 }) => sha256)).toEqual(entry.shards!.map(({ sha256 }) => sha256))
      expect(found?.dataUrls[0]).toContain(`${pds.url}/xrpc/com.atproto.sync.getBlob?did=${encodeURIComponent(alice.did)}`)
    })
  })

  describe('names', () => {
    test('lead where the newest label says, and name@version to what that one marks', async () => {
      const [one, two] = [
        await alice.put(record('cats-1', http('https://h/'))),
        await alice.put(record('cats-2', http('https://h/'))),
      ]
      const label = (datasetUri: string, createdAt: string, version?: string) =>
        alice.put({
          $type: 'science.alt.dataset.label',
          name: 'cats',
          datasetUri,
          createdAt,
          ...(version !== undefined && { version }),
        })
      await label(two, '2026-02-02T00:00:00.000Z', '2.0')
      await label(one, '2026-01-01T00:00:00.000Z', '1.0')
      await using atmosphere = reading()

      expect((await atmosphere.getEntry('alice.test/cats'))?.uri).toBe(two)
      expect((await atmosphere.getEntry('@Alice.test/cats@1.0'))?.uri).toBe(one)
      expect((await atmosphere.getEntry(`${alice.did}/cats@2.0`))?.uri).toBe(two)
      expect(await atmosphere.getEntry('alice.test/cats@3.0')).toBeUndefined()
      expect((await atmosphere.getEntry('alice.test/cats-1'))?.uri).toBe(one) // without label: by its own name
      expect(await atmosphere.getEntry('alice.test/dogs')).toBeUndefined()
    })

    test('by handle give the URI by DID', async () => {
      const uri = await alice.put(record('birds', http('https://h/')))
      await using atmosphere = reading()
      expect((await atmosphere.getEntry(uri.replace(alice.did, 'alice.test')))?.uri).toBe(uri)
    })
  })

  test('schemas of both generations are found by URI, and absence is undefined', async () => {
    await using atmosphere = reading()
    expect(await atmosphere.getSchema(schemaRef)).toMatchObject({ $ref: schemaRef, name: 'Digit', version: '1.0.0' })
    expect((await atmosphere.decodeSchema(schemaRef)).fields).toMatchObject({ label: { kind: { kind: 'int' } } })
    const nothing = schemaRef.replace(/[^/]+$/, '3knothing')
    expect(await atmosphere.getSchema(nothing)).toBeUndefined()
    await expect(atmosphere.decodeSchema(nothing)).rejects.toMatchObject({ code: 'schema.not_found' })
    expect(await atmosphere.getEntry(`at://${alice.did}/science.alt.dataset.entry/3knothing`)).toBeUndefined()
    await expect(atmosphere.getEntry('at://bob.test/science.alt.dataset.entry/3k')).rejects.toMatchObject({
      code: 'account.not_found',
    })
    await expect(atmosphere.getEntry(`at://did:plc:${'a'.repeat(24)}/science.alt.dataset.entry/3k`)).rejects.toMatchObject({
      code: 'account.not_found',
    })
  })

  test('lists of any length come in pages, with their URIs, and what cannot be used beside them', async () => {
    const bob = await openPublisher(pds, await pds.createAccount('bob.test', 'hunter22'))
    const records = Array.from({ length: 230 }, (_, i) => record(`set-${i}`, http('https://h/')))
    for (let i = 0; i < records.length; i += 115) {
      const writes = records
        .slice(i, i + 115)
        .map((value) => ({ $type: 'com.atproto.repo.applyWrites#create' as const, collection: value.$type, value }))
      await bob.agent.com.atproto.repo.applyWrites({ repo: bob.did, validate: false, writes })
    }
    await bob.put({ $type: 'science.alt.dataset.entry', name: 'broken' })
    await bob.put({
      ...record('old', { $type: 'ac.foundation.dataset.storageExternal', urls: ['https://h/a.tar'] }),
      $type: 'ac.foundation.dataset.record',
    })
    await using atmosphere = reading()

    const names: string[] = []
    for await (const { name, uri, did } of atmosphere.entries('bob.test')) {
      expect(uri).toMatch(new RegExp(`^at://${bob.did}/(science.alt.dataset.entry|ac.foundation.dataset.record)/[a-z2-7]+$`))
      expect(did).toBe(bob.did)
      names.push(name)
    }
    expect(names.sort()).toEqual([...records.map(({ name }) => name), 'old'].sort())

    const first = await atmosphere.listEntries('bob.test', { limit: 7 })
    expect(first.items).toHaveLength(6)
    expect(first.invalid).toMatchObject([{ code: 'record.invalid', details: { found: expect.stringContaining('schemaRef') } }])
    const second = await atmosphere.listEntries('bob.test', { limit: 7, cursor: first.cursor })
    expect(second.items).toHaveLength(7)
    await expect(atmosphere.listEntries('bob.test', { cursor: 'x' })).rejects.toMatchObject({ code: 'usage.invalid' })
  })

  test('a PDS that is away is told as that, and is asked again when it is back', { timeout: RESTART_MS }, async () => {
    const uri = await alice.put(record('away', http('https://h/')))
    await using atmosphere = reading()
    expect(await atmosphere.getEntry(uri)).toMatchObject({ name: 'away' })
    await pds.kill()
    await expect(atmosphere.getEntry(uri)).rejects.toMatchObject({ code: 'atmosphere.unavailable', details: { url: pds.url } })
    await pds.restart()
    expect(await atmosphere.getEntry(uri)).toMatchObject({ name: 'away' })
  })

  test('addresses of this network are not dialed for a stranger', async () => {
    const uri = await alice.put(record('private', http('http://127.0.0.1:9/')))
    await using strict = new AtmosphereIndex({ plcUrl: pds.plcUrl, handleResolver: pds.url })
    expect(await strict.resolve('alice.test')).toEqual({ did: alice.did, handle: 'alice.test', pds: pds.url })
    await expect(strict.getEntry(uri)).rejects.toMatchObject({ code: 'url.invalid', details: { url: pds.url } })
    await using atmosphere = reading()
    const entry = await atmosphere.getEntry(uri)
    await expect(labelsOf(await strict.open(entry!, { type: Digit }))).rejects.toMatchObject({
      code: 'url.invalid',
      details: { url: 'http://127.0.0.1:9', found: 'a private address' },
    })
  })

  test('an abort ends everything with its reason', async () => {
    await using atmosphere = reading()
    const reason = new Error('enough')
    await expect(atmosphere.getEntry('alice.test/cats', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
