import { readdir } from 'node:fs/promises'
import { StaticIndex } from '@shardex/index'
import { Dataset } from '@shardex/repo'
import { openFileStore, openStorage } from '@shardex/storage'
import { serveDirectory } from '@shardex/storage/testing'
import { expect, test } from 'vitest'
import { type Desk, describeDesks, openDesk } from './desk.ts'

describeDesks('export-index', (open) => {
  test('--copy makes a folder that is all that a reader needs', async () => {
    await using desk = await openRows(open)
    expect(await desk.json(['export-index', 'public', '--copy'])).toMatchObject({
      names: ['rows'],
      entries: 1,
      schemas: 1,
      copied: 3,
    })
    await using server = await serveDirectory(`${desk.dir.path}/public`)
    expect(await idsOf(server.url)).toEqual(Array.from({ length: 25 }, (_, id) => id))

    await desk.json(['insert', 'rows.jsonl', '--name', 'more', '--maxcount', '10'])
    expect(await desk.json(['export-index', 'public', '--copy', '--name', 'more'])).toMatchObject({ names: ['more'], copied: 0 })
    await using store = await openFileStore(`${desk.dir.path}/public`)
    expect(await new StaticIndex(store).listNames()).toEqual(['more', 'rows'])
  })

  test('shards that nobody could reach are refused with advice, and nothing is named', async () => {
    await using desk = await openRows(open)
    const { code, stderr } = await desk.shardex(['export-index', 'public'])
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(/--base-url.*--copy/) })
    expect(await readdir(`${desk.dir.path}/public`).catch(() => [])).toEqual([])
  })
})

test('--base-url says where a server has the store', async () => {
  await using desk = await openRows(openDesk)
  await using server = await serveDirectory(`${desk.dir.path}/home/data`)
  await desk.json(['export-index', 'public', '--base-url', server.url.slice(0, -1)])
  await using index = await serveDirectory(`${desk.dir.path}/public`)
  expect(await idsOf(index.url)).toHaveLength(25)
})

test('a shard that was changed is not copied', async () => {
  await using desk = await openRows(openDesk)
  const shard = (await desk.objects()).find((url) => url.endsWith('.tar'))!
  const { store, key } = await openStorage().locate(shard)
  const bytes = new Uint8Array((await store.head(key))!.sizeBytes)
  await store.put(key, bytes)
  expect(await desk.shardex(['export-index', 'public', '--copy'])).toMatchObject({
    code: 5,
    stderr: expect.stringContaining(shard),
  })
  await using target = await openFileStore(`${desk.dir.path}/public`)
  expect((await target.list('shards/')).objects.filter((object) => object.key.endsWith('.tar'))).toEqual([])
})

test.each([
  [['export-index', 'https://x.example/index'], 'written to'],
  [['export-index', 'public', '--base-url', 'ftp://x'], 'https://'],
  [['export-index', 'public', '--copy', '--base-url', 'https://x'], 'one of them'],
  [['export-index', 'public', '--copy', '--name', 'nothing'], 'nothing'],
])('%j is refused', async (argv, advice) => {
  await using desk = await openRows(openDesk)
  const { code, stderr } = await desk.shardex(argv)
  expect(code).toBeGreaterThanOrEqual(2)
  expect(stderr).toContain(advice)
})

async function openRows(open: () => Promise<Desk>): Promise<Desk> {
  const desk = await open()
  await desk.dir.write('rows.jsonl', Array.from({ length: 25 }, (_, id) => `{"id":${id}}`).join('\n'))
  await desk.json(['insert', 'rows.jsonl', '--name', 'rows', '--maxcount', '10'])
  return desk
}

/** What somebody reads who knows nothing but the address. */
async function idsOf(url: string): Promise<unknown[]> {
  await using index = new StaticIndex(url)
  const entry = (await index.getEntryByName('rows'))!
  const ids: unknown[] = []
  for await (const sample of Dataset.from(await index.decodeSchema(entry.schemaRef), entry, { verify: 'sha256' }))
    ids.push(sample['id'])
  return ids
}
