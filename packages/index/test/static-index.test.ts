import { copyFile, readdir } from 'node:fs/promises'
import { exportIndex, type LocalIndex, type ShardDescription, StaticIndex } from '@shardex/index'
import type { ObjectStore } from '@shardex/storage'
import { expect, test } from 'vitest'
import type { TempDir } from '../../../test/services/temp-dir.ts'
import { nameKey } from '../src/static/layout.ts'
import { CONTENT, openStaticPlace, Photo, WEB } from './static-place.ts'

test('what was exported is read from a web server as the registry has it', async () => {
  await using place = await openStaticPlace()
  const { index, store } = place
  await index.addEntry({ dataUrls: [WEB], type: Photo, metadata: { licence: 'CC0', tags: [1, 2n ** 60n] } }, { name: 'links' })
  const schemaRef = await index.publishSchema(Photo)
  const photos = { name: 'photos', schemaRef, dataUrls: [WEB], shards: [shardAt(WEB)], contentCid: CONTENT }
  await index.commitEntry(photos)
  await index.commitEntry({ ...photos, metadata: { better: true } })
  await index.setLabel('photos', (await index.getEntryByName('photos'))!.cid, { version: '1.0', description: 'the first' })
  await index.addEntry({ dataUrls: ['https://x.example/grüße-{000..002}.tar'] }, { name: 'grüße & mehr', schemaRef: 'no ref' })

  expect(await exportIndex(index, store)).toMatchObject({ names: ['grüße & mehr', 'links', 'photos'], entries: 2, schemas: 1 })

  await using published = await place.publish()
  for (const name of ['photos', 'links', 'grüße & mehr'])
    expect(await published.getEntryByName(name)).toEqual(await index.getEntryByName(name))
  const labelled = await index.getEntryByName('photos@1.0')
  expect(await published.getEntryByName('photos@1.0')).toEqual(labelled)
  expect(await published.getEntry(labelled!.cid)).toEqual(labelled)
  expect(await published.listNames()).toEqual(['grüße & mehr', 'links', 'photos'])
  const names: string[] = []
  for await (const { name } of published.entries) names.push(name)
  expect(names).toEqual(['grüße & mehr', 'links', 'photos'])
  expect(await published.getSchema(schemaRef)).toEqual(await index.getSchema(schemaRef))
  expect((await published.decodeSchema(schemaRef)).unpack(Photo.pack({ id: 1, label: 'x' }))).toEqual({ id: 1, label: 'x' })
})

test('what is not there is undefined, whatever the name looks like', async () => {
  await using place = await openStaticPlace()
  await exportIndex(place.index, place.store)
  await using published = await place.publish()
  for (const name of ['nothing', '../names', '', 'a/../b', '\0', 'x'.repeat(5000)])
    expect(await published.getEntryByName(name)).toBeUndefined()
  expect(await published.getEntry(CONTENT)).toBeUndefined()
  expect(await published.getSchema('local://schemas/No@1.0.0')).toBeUndefined()
  await expect(published.decodeSchema('local://schemas/No@1.0.0')).rejects.toMatchObject({ code: 'schema.not_found' })
})

test('shards below the index are found wherever the index is served, and their URLs there have a CID of their own', async () => {
  await using place = await openStaticPlace()
  const { index, store } = place
  const path = '/data/photos-000000.tar'
  await index.commitEntry({ name: 'photos', schemaRef: 'x', dataUrls: [path], shards: [shardAt(path)], contentCid: CONTENT })
  const local = (await index.getEntryByName('photos'))!
  await expect(exportIndex(index, store)).rejects.toMatchObject({
    code: 'url.invalid',
    message: expect.stringContaining('--copy') as string,
  })

  await exportIndex(index, store, { publicUrl: (_, shard) => `shards/${shard?.sha256} 1.tar` })
  await using published = await place.publish()
  const entry = (await published.getEntryByName('photos'))!
  expect(entry.dataUrls).toEqual([`${place.url}shards/${'a'.repeat(64)}%201.tar`])
  expect(entry.shards).toEqual([{ ...shardAt(path), url: entry.dataUrls[0] }])
  expect(entry.contentCid).toBe(CONTENT)
  expect(entry.cid).not.toBe(local.cid)
  expect(await published.getEntry(entry.cid)).toMatchObject({ cid: entry.cid, contentCid: CONTENT })
  expect(await new StaticIndex(store).getEntryByName('photos')).toMatchObject({
    cid: entry.cid,
    dataUrls: [place.dir.file(`shards/${'a'.repeat(64)} 1.tar`)],
  })
})

test('names that are given come to those that are there; all names replace them', async () => {
  await using place = await openStaticPlace()
  const { index, store } = place
  for (const name of ['a', 'b', 'c'])
    await index.addEntry({ dataUrls: [`https://x.example/${name}.tar`] }, { name, schemaRef: 'x' })
  await exportIndex(index, store, { names: ['c'] })
  await exportIndex(index, store, { names: ['a', 'b'] })
  await using published = await place.publish()
  expect(await published.listNames()).toEqual(['a', 'b', 'c'])
  await expect(exportIndex(index, store, { names: ['d'] })).rejects.toMatchObject({ code: 'name.not_found' })

  await index.deleteName('b')
  await exportIndex(index, store)
  expect(await published.listNames()).toEqual(['a', 'c'])
  expect(await published.getEntryByName('b')).toBeUndefined()
})

test('labels that the registry no longer has go, also those of names that ended; what the export did not write stays', async () => {
  await using place = await openStaticPlace()
  const { index, store, dir } = place
  await addLabelled(index, { a: ['1.0', '2.0'], b: ['1.0'], c: ['1.0'] })
  await exportIndex(index, store)
  for (const name of ['mine', 'a@mine']) await copyFile(dir.file(nameKey('a')), dir.file(nameKey(name)))
  await index.deleteLabel('a', '1.0')
  await index.deleteLabel('b', '1.0')
  await index.deleteName('c')

  await exportIndex(index, store, { names: ['a'] })
  expect(await pointers(dir)).toEqual(['a', 'a@2.0', 'a@mine', 'b', 'b@1.0', 'c', 'c@1.0', 'mine'])
  await exportIndex(index, store)
  expect(await pointers(dir)).toEqual(['a', 'a@2.0', 'a@mine', 'b', 'mine'])
  await using published = await place.publish()
  expect(await published.getEntryByName('a@1.0')).toBeUndefined()
})

test('an export takes back also what one before it wrote that broke off', async () => {
  await using place = await openStaticPlace()
  const { index, store, dir } = place
  await addLabelled(index, { a: ['1.0'], b: [] })
  const brokenOff: ObjectStore = {
    ...store,
    async put(key, bytes, options) {
      if (key === 'names.json') throw new Error('no more space')
      return store.put(key, bytes, options)
    },
  }
  await expect(exportIndex(index, brokenOff)).rejects.toThrow('no more space')
  expect(await pointers(dir)).toEqual(['a', 'a@1.0', 'b'])
  await index.deleteLabel('a', '1.0')
  await index.deleteName('b')
  await exportIndex(index, store)
  expect(await pointers(dir)).toEqual(['a'])
})

test('reading all entries can be stopped at any of them', async () => {
  await using place = await openStaticPlace()
  const { index, store } = place
  await addLabelled(index, { a: [], b: [], c: [] })
  await exportIndex(index, store)
  const controller = new AbortController()
  const asked: string[] = []
  const watched: ObjectStore = {
    ...store,
    async get(key, options) {
      asked.push(key)
      if (key === nameKey('b')) controller.abort(new Error('enough'))
      return store.get(key, options)
    },
  }
  const all = await new StaticIndex(store).allEntries({ signal: new AbortController().signal })
  expect(all.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  await expect(new StaticIndex(watched).allEntries({ signal: controller.signal })).rejects.toThrow('enough')
  expect(asked.at(-1)).toBe(nameKey('b'))
})

async function addLabelled(index: LocalIndex, labels: Readonly<Record<string, readonly string[]>>): Promise<void> {
  for (const [name, versions] of Object.entries(labels)) {
    const { cid } = await index.addEntry({ dataUrls: [`https://x.example/${name}.tar`] }, { name, schemaRef: 'x' })
    for (const version of versions) await index.setLabel(name, cid, { version })
  }
}

async function pointers(dir: TempDir): Promise<string[]> {
  const files = await readdir(dir.file('names'))
  return files.map((file) => file.slice(0, -'.json'.length)).sort()
}

function shardAt(url: string): ShardDescription {
  const [sha256, merkleRoot, indexSha256] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string]
  return { url, sha256, sizeBytes: 10_240, sampleCount: 4, minKey: 'a', maxKey: 'd', merkleRoot, indexSha256, indexSizeBytes: 99 }
}
