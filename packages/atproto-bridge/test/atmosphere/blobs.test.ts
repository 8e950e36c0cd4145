import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import type { AtpAgent } from '@atproto/api'
import { dagCborCid, type Entry, encodeDetails } from '@shardex/index'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describePds, RESTART_MS, shared, startPds } from '../../../../test/services/index.ts'
import { AtmosphereIndex } from '../../src/atmosphere/atmosphere-index.ts'
import { promote } from '../../src/promote/promote.ts'
import { Digit, newAgent, openHousehold } from '../promote/household.ts'

await describePds('blobs with offset indexes', () => {
  const pds = shared(startPds)
  const home = shared(openHousehold)
  let entry: Entry
  let uri: string
  let agent: AtpAgent
  const honest = globalThis.fetch
  /** Every request for a blob: it goes where it always goes. */
  const asked: string[] = []
  beforeAll(async () => {
    entry = await home().insert('heavy', 30, 0, 200_000)
    agent = await newAgent(pds())
    ;({ uri } = await promote(entry, home().index, agent, { storage: 'blobs' }))
    globalThis.fetch = (input, init) => {
      if (String(input).includes('sync.getBlob')) asked.push(String(input))
      return honest(input, init)
    }
  })
  afterAll(() => {
    globalThis.fetch = honest
  })
  const reading = (): AtmosphereIndex => new AtmosphereIndex({ plcUrl: pds().plcUrl, allowPrivate: true })

  test('are read at random and shuffled, and fetched only once for many epochs', async () => {
    await using atmosphere = reading()
    const dataset = await atmosphere.open(uri, { type: Digit })
    expect(dataset.length).toBe(30)
    expect(await dataset.at(17)).toMatchObject({ label: 17 })
    const epoch = async (number: number): Promise<number[]> => {
      const labels: number[] = []
      for await (const { label } of dataset.shuffled({ seed: 3, epoch: number })) labels.push(Number(label))
      return labels
    }
    const first = await epoch(0)
    expect(first.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, label) => label))
    const requests: number[] = []
    // What is fetched in the background is there when it is there.
    while (requests.at(-1) !== 0 && requests.length < 50) {
      const before = asked.length
      expect(await epoch(0)).toEqual(first)
      requests.push(asked.length - before)
    }
    expect(requests.at(-1)).toBe(0)
  })

  test('have the content CID that their schema and shards say, and no record says another one', async () => {
    await using atmosphere = reading()
    expect((await atmosphere.getEntry(uri))?.contentCid).toBe(entry.contentCid)
    const [repo, collection, rkey] = [agent.assertDid, 'science.alt.dataset.entry', uri.slice(uri.lastIndexOf('/') + 1)]
    const { value } = (await agent.com.atproto.repo.getRecord({ repo, collection, rkey })).data
    const contentCid = dagCborCid('something else')
    const details = encodeDetails({ shards: entry.shards!, contentCid })
    const record = { ...value, shardex: { ...(value['shardex'] as object), content: contentCid, details } }
    const { data } = await agent.com.atproto.repo.createRecord({ repo, collection, record, validate: false })
    await expect(atmosphere.getEntry(data.uri)).rejects.toMatchObject({
      code: 'record.invalid',
      details: { found: `the content CID ${contentCid}`, wanted: expect.stringContaining(entry.contentCid!) },
    })
  })

  test('leave nothing on this machine when the index is disposed of', async () => {
    const spools = async (): Promise<string[]> =>
      (await readdir(tmpdir())).filter((name) => name.startsWith(`shardex-spool-${process.pid}-`))
    const before = await spools()
    const atmosphere = reading()
    await (await atmosphere.open(uri, { type: Digit })).at(3)
    const made = (await spools()).filter((name) => !before.includes(name))
    expect(made).not.toEqual([]) // under the name by which a sweep knows that this process lives
    await atmosphere[Symbol.asyncDispose]()
    for (const name of made) expect(existsSync(`${tmpdir()}/${name}`)).toBe(false)
  })

  test('whose PDS goes away in the middle end with that, and are read when it is back', { timeout: RESTART_MS }, async () => {
    await using atmosphere = reading()
    const dataset = await atmosphere.open(uri, { type: Digit })
    const labels: number[] = []
    const read = async (): Promise<void> => {
      for await (const { label } of dataset) {
        if (labels.length === 0) await pds().kill()
        labels.push(Number(label))
      }
    }
    await expect(read()).rejects.toMatchObject({ code: 'storage.unavailable' })
    expect(labels.length).toBeGreaterThan(0)
    expect(labels.length).toBeLessThan(30)
    await pds().restart()
    const all: number[] = []
    for await (const { label } of dataset) all.push(Number(label))
    expect(all).toEqual(Array.from({ length: 30 }, (_, label) => label))
  })

  test('that are gone are told as shards that are gone', async () => {
    await using atmosphere = reading()
    const found = (await atmosphere.getEntry(uri))!
    const gone = found.dataUrls[0]!.replace(/.{6}$/, 'aaaaaa')
    const shards = found.storage.shards.map((shard, i) => (i === 0 ? { ...shard, url: gone } : shard))
    const damaged = {
      ...found,
      dataUrls: shards.map(({ url }) => url),
      shards: undefined,
      storage: { kind: 'blobs', shards },
    } as const
    const dataset = await atmosphere.open(damaged, { type: Digit, verify: 'crc32' })
    await expect(dataset[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'shard.not_found' })
  })
})
