import { copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { BlobRef } from '@atproto/api'
import { decodeDetails, type Entry } from '@shardex/index'
import { serveDirectory } from '@shardex/storage/testing'
import { expect, test } from 'vitest'
import { describePds, shared, startPds } from '../../../../test/services/index.ts'
import { promote, unpromote } from '../../src/index.ts'
import { headOf, interrupted, newAgent, openHousehold, recordAt, recordsOf, refusal } from './household.ts'

await describePds('promote', () => {
  const pds = shared(() => startPds({ blobLimitBytes: 1 << 20 }))
  const home = shared(openHousehold)

  test('publishes schema, entry and label, and a second time does not even make a commit', async () => {
    const agent = await newAgent(pds())
    const entry = await home().insert('digits', 25)
    const steps: number[] = []
    const about = { description: 'Digits', tags: ['t'], license: 'MIT', version: '1.0.0' }
    const onProgress = ({ doneBytes, totalBytes }: { doneBytes: number; totalBytes: number }) =>
      steps.push(doneBytes / totalBytes)
    const first = await promote(entry, home().index, agent, { ...about, onProgress })
    expect(first).toMatchObject({ schema: 'created', entry: 'created', label: 'created' })
    expect(steps.at(-1)).toBe(1)
    const value = await recordAt(agent, first.uri)
    expect(value).toMatchObject({
      name: 'digits',
      schemaRef: first.schemaUri,
      description: 'Digits',
      tags: ['t'],
      license: 'MIT',
      size: { samples: 25, bytes: entry.sizeBytes, shards: 3 },
      shardex: { content: entry.contentCid },
    })
    const { blobs } = value['storage'] as { blobs: { blob: BlobRef; checksum: object }[] }
    expect(blobs.map(({ checksum }) => checksum)).toEqual(
      entry.shards?.map(({ sha256 }) => ({ algorithm: 'sha256', digest: sha256 })),
    )
    expect(blobs.map(({ blob }) => blob.size)).toEqual(entry.shards?.map(({ sizeBytes }) => sizeBytes))
    const mark = value['shardex'] as { details: Uint8Array; indexes: BlobRef[] }
    expect(decodeDetails(mark.details, entry.dataUrls)).toEqual({ shards: entry.shards, contentCid: entry.contentCid })
    expect(mark.indexes.map(({ size }) => size)).toEqual(entry.shards?.map(({ indexSizeBytes }) => indexSizeBytes))
    expect(await recordAt(agent, first.labelUri)).toMatchObject({ name: 'digits', version: '1.0.0', datasetUri: first.uri })
    expect(await recordAt(agent, first.schemaUri)).toMatchObject({
      name: 'Digit',
      shardex: { module: 'demo', fields: [{ name: 'pixels' }, { name: 'label' }, { name: 'more' }] },
    })

    const head = await headOf(agent)
    const again = await promote(entry, home().index, agent, about)
    expect(again).toEqual({ ...first, schema: 'unchanged', entry: 'unchanged', label: 'unchanged', sentBytes: 0 })
    expect(await headOf(agent)).toBe(head)
  })

  test('updates the entry where only what is said of it changes, and moves the label where the data does', async () => {
    const agent = await newAgent(pds())
    const one = await promote(await home().insert('moving', 10), home().index, agent)
    const { createdAt } = await recordAt(agent, one.uri)
    const said = await promote(await home().insert('moving', 10), home().index, agent, { description: 'now said' })
    expect(said).toMatchObject({ uri: one.uri, schema: 'unchanged', entry: 'updated', label: 'updated', sentBytes: 0 })
    expect(await recordAt(agent, one.uri)).toMatchObject({ description: 'now said', createdAt })
    const two = await promote(await home().insert('moving', 20), home().index, agent)
    expect(two).toMatchObject({ schema: 'unchanged', entry: 'created', label: 'updated', labelUri: one.labelUri })
    expect(two.uri).not.toBe(one.uri)
    expect(await recordAt(agent, one.labelUri)).toMatchObject({ datasetUri: two.uri })
    expect(await recordAt(agent, one.uri)).toMatchObject({ size: { samples: 10 } })
  })

  test('takes no version away from the dataset that has it, unless told to', async () => {
    const agent = await newAgent(pds())
    const options = { version: '1.0' }
    const one = await promote(await home().insert('cited', 10), home().index, agent, options)
    const changed = await home().insert('cited', 20)
    const error = await refusal(promote(changed, home().index, agent, options), 'label.exists')
    expect(error.details).toEqual({ name: 'cited', version: '1.0', cid: one.uri })
    expect(await recordAt(agent, one.labelUri)).toMatchObject({ datasetUri: one.uri })
    const two = await promote(changed, home().index, agent, { ...options, moveVersion: true })
    expect(await recordAt(agent, one.labelUri)).toMatchObject({ datasetUri: two.uri })
  })

  test('publishes URLs of a web server as they are, and private ones only if told to', async () => {
    const agent = await newAgent(pds())
    const web = home().dir.file('web')
    const entry = await home().insert('web', 20)
    for (const { url } of entry.shards!) await copyTo(web, url)
    await using server = await serveDirectory(web)
    const moved = movedTo(entry, server.url)
    const error = await refusal(promote(moved, home().index, agent), 'promotion.refused')
    expect(error.details.problems).toMatchObject([
      { code: 'url.private', path: 'entry.storage.shards[0].url' },
      { code: 'url.private', path: 'entry.storage.shards[1].url' },
    ])
    expect(await recordsOf(agent)).toEqual({})
    // Who copied the shards may have forgotten what lies beside them.
    const [index, away] = [basename(`${moved.dataUrls[1]}.idx`), home().dir.file('away.idx')]
    await rename(`${web}/${index}`, away)
    const missing = await refusal(promote(moved, home().index, agent, { allowPrivate: true }), 'shard.not_found')
    expect(missing.details.shard).toBe(server.url + index)
    await writeFile(`${web}/${index}`, 'another')
    await refusal(promote(moved, home().index, agent, { allowPrivate: true }), 'storage.corrupt')
    expect(await recordsOf(agent)).toEqual({})
    await rename(away, `${web}/${index}`)
    const { uri } = await promote(moved, home().index, agent, { allowPrivate: true })
    expect(await recordAt(agent, uri)).toMatchObject({
      storage: {
        $type: 'science.alt.dataset.storageHttp',
        shards: moved.shards?.map(({ url, sha256 }) => ({ url, checksum: { algorithm: 'sha256', digest: sha256 } })),
      },
    })
    // The same data elsewhere is the same entry.
    const blobs = await promote(entry, home().index, agent)
    expect(blobs).toMatchObject({ uri, entry: 'updated', label: 'unchanged' })
  })

  test('fails if somebody else moves the label meanwhile, and goes on if they write something else', async () => {
    const agent = await newAgent(pds())
    const [old, entry] = [await home().insert('raced', 10), await home().insert('raced', 20)]
    const { labelUri } = await promote(old, home().index, agent)
    const label = await recordAt(agent, labelUri)
    const put = (rkey: string, more: object) =>
      agent.com.atproto.repo.putRecord({
        repo: agent.assertDid,
        collection: String(label['$type']),
        rkey,
        record: { ...label, ...more },
      })
    const racer = interrupted(home().repo.store.storage, 1, () => put(rkeyOf(labelUri), { description: 'mine' }))
    const error = await refusal(promote(entry, home().index, agent, { source: racer }), 'record.conflict')
    expect(error.details.record).toBe(labelUri)
    expect(error.message).toMatch(/changed by somebody else/)
    expect(await recordAt(agent, labelUri)).toMatchObject({ description: 'mine', datasetUri: label['datasetUri'] })

    const neighbour = interrupted(home().repo.store.storage, 1, () => put('3jzfcijpj2z2a', { name: 'something else' }))
    const moreData = await home().insert('raced', 30)
    expect(await promote(moreData, home().index, agent, { source: neighbour })).toMatchObject({ label: 'updated' })
  })

  test('done by several at once, is done once', async () => {
    const agent = await newAgent(pds())
    const entry = await home().insert('together', 30)
    const all = await Promise.all([1, 2, 3].map(() => promote(entry, home().index, agent, { now: new Date(0) })))
    expect(new Set(all.map(({ uri }) => uri)).size).toBe(1)
    expect(Object.keys(await recordsOf(agent))).toHaveLength(3)
  })

  test('publishes no shard that is not what it was', async () => {
    const agent = await newAgent(pds())
    const entry = await home().insert('damaged', 20)
    const [, { url } = { url: '' }] = entry.shards!
    const bytes = await readFile(url)
    bytes[1000]! ^= 1
    await writeFile(url, bytes)
    const error = await refusal(promote(entry, home().index, agent), 'storage.corrupt')
    expect(error.details.url).toBe(url)
    expect(await recordsOf(agent)).toEqual({})
  })

  test('says so if the PDS takes only smaller blobs', async () => {
    const agent = await newAgent(pds())
    const entry = await home().insert('heavy', 10, 0, 200_000)
    const error = await refusal(promote(entry, home().index, agent), 'atmosphere.refused')
    expect(error.message).toMatch(/413.*insert the samples with smaller shards/)
    expect(await recordsOf(agent)).toEqual({})
  })

  test('renews its session while blobs are sent, and says so when that is over', async () => {
    const agent = await newAgent(pds())
    const expire = async () => {
      agent.session!.accessJwt = pds().expiredToken(agent.assertDid)
    }
    const source = interrupted(home().repo.store.storage, 2, expire)
    expect(await promote(await home().insert('renewed', 30), home().index, agent, { source })).toMatchObject({ entry: 'created' })

    await expire()
    agent.session!.refreshJwt = agent.session!.accessJwt
    const error = await refusal(promote(await home().insert('over', 10), home().index, agent), 'credentials.refused')
    expect(error.message).toMatch(/Log in again/)
  })

  test('stops when told to, with the reason that was given', async () => {
    const agent = await newAgent(pds())
    const stop = new AbortController()
    const reason = new Error('enough')
    const source = interrupted(home().repo.store.storage, 2, async () => stop.abort(reason))
    await expect(promote(await home().insert('stopped', 30), home().index, agent, { source, signal: stop.signal })).rejects.toBe(
      reason,
    )
    expect(await recordsOf(agent)).toEqual({})
  })

  test('is taken back whole, and nothing else with it', async () => {
    const agent = await newAgent(pds())
    const [mine, other] = [await home().insert('mine', 10), await home().insert('other', 10)]
    await promote(other, home().index, agent)
    const { schemaUri } = await promote(other, home().index, agent)
    // As atdata publishes: under keys that mean nothing, and with the same name.
    for (const part of ['entry', 'label']) {
      const collection = `science.alt.dataset.${part}`
      const records = await agent.com.atproto.repo.listRecords({ repo: agent.assertDid, collection })
      await agent.com.atproto.repo.createRecord({
        repo: agent.assertDid,
        collection,
        record: { ...records.data.records[0]?.value, name: 'mine' },
      })
    }
    const before = await recordsOf(agent)
    const first = await promote(mine, home().index, agent, { version: '1' })
    const second = await promote(await home().insert('mine', 20), home().index, agent, { version: '2' })
    const onlySecond = await unpromote(agent, { name: 'mine', version: '2' })
    expect(onlySecond.deleted.toSorted()).toEqual([second.uri, second.labelUri].toSorted())
    const { deleted } = await unpromote(agent, { name: 'mine' })
    expect(deleted.toSorted()).toEqual([first.uri, first.labelUri].toSorted())
    expect(await recordsOf(agent)).toEqual(before)
    expect(await unpromote(agent, { name: 'mine' })).toEqual({ deleted: [] })
    expect(await recordAt(agent, schemaUri)).toMatchObject({ name: 'Digit' })
  })

  test('takes the schema back with the last that needs it', async () => {
    const agent = await newAgent(pds())
    const { schemaUri, uri } = await promote(await home().insert('last', 10), home().index, agent)
    // As atdata writes it, which the lexicon does not allow; and yet it needs its schema.
    const record = { ...(await recordAt(agent, uri)), name: 'theirs', metadata: { split: 'train' } }
    const theirs = { repo: agent.assertDid, collection: 'science.alt.dataset.entry', rkey: '3jzfcijpj2z2a' }
    await agent.com.atproto.repo.putRecord({ ...theirs, record })
    expect((await unpromote(agent, { name: 'last' })).deleted).not.toContain(schemaUri)
    await promote(await home().insert('last', 10), home().index, agent)
    await agent.com.atproto.repo.deleteRecord(theirs)
    expect((await unpromote(agent, { name: 'last' })).deleted).toContain(schemaUri)
    expect(await recordsOf(agent)).toEqual({})
  })
})

async function copyTo(folder: string, path: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const file of [path, `${path}.idx`]) await copyFile(file, `${folder}/${basename(file)}`)
}

function movedTo(entry: Entry, base: string): Entry {
  const shards = entry.shards!.map((shard) => ({ ...shard, url: base + basename(shard.url) }))
  return { ...entry, shards, dataUrls: shards.map(({ url }) => url) }
}

function rkeyOf(uri: string): string {
  return uri.slice(uri.lastIndexOf('/') + 1)
}
