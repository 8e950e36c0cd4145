import { readFile } from 'node:fs/promises'
import { type CommitEntryOptions, LocalIndex, type ShardDescription } from '@shardex/index'
import { expect, test } from 'vitest'
import { type Desk, openDesk } from './desk.ts'
import { insertShards } from './shards.ts'

const SHARD: Omit<ShardDescription, 'url'> = {
  sha256: '0'.repeat(64),
  sizeBytes: 8,
  sampleCount: 1,
  minKey: 'a',
  maxKey: 'a',
  indexSha256: '0'.repeat(64),
  indexSizeBytes: 1,
  merkleRoot: '0'.repeat(64),
}

test('a purge leaves what another entry needs, however that one came to be', async () => {
  await using desk = await openDesk()
  const [first = '', ...others] = await insertShards(desk, { name: 'full', rows: 15 })
  const { schemaRef, shards } = (await desk.json(['show', 'full'])) as { schemaRef: string; shards: ShardDescription[] }
  await commit(desk, { name: 'subset', schemaRef, dataUrls: [first], shards: shards.slice(0, 1) })
  expect(await desk.json(['rm', 'full', '--purge', '--yes'])).toMatchObject({ purged: true, shardsLeft: 3 })
  expect(await desk.shardex(['verify', 'subset'])).toMatchObject({ code: 0 })
  for (const _ of [1, 2]) await desk.json(['gc', '--grace', '0'])
  expect(others).toHaveLength(2)
  expect(await desk.objects()).toEqual([first, `${first}.idx`])
  expect(await desk.shardex(['verify', 'subset'])).toMatchObject({ code: 0 })
})

test.each([
  ['elsewhere', 'precious.tar', undefined],
  ['elsewhere, whatever the registry says of them', 'precious.tar', SHARD],
  ['on a way out of the store', 'home/data/../../precious.tar', SHARD],
  ['in the store', 'home/data/precious.tar', SHARD],
])('files %s that no insert wrote stay, as purge and its help say', async (_, path, shard) => {
  await using desk = await openDesk()
  const url = `${desk.dir.path}/${path}`
  const file = await desk.dir.write(path, 'not ours')
  const shards = shard === undefined ? undefined : [{ url, ...shard }]
  await commit(desk, { name: 'x', schemaRef: 'local://schemas/X@1.0.0', dataUrls: [url], shards })
  const { stdout } = await desk.shardex(['rm', 'x', '--purge', '--yes'])
  expect(stdout).toContain('`shardex gc` removes what inserts of this registry wrote')
  for (const __ of [1, 2]) await desk.json(['gc', '--grace', '0'])
  expect(await readFile(file, 'utf8')).toBe('not ours')
  expect((await desk.shardex(['rm', '--help'])).stdout).toContain('no insert of this registry wrote stay')
})

test('a label is not taken for a name', async () => {
  await using desk = await openDesk()
  await desk.dir.write('rows.jsonl', '{"id":1}')
  await desk.json(['insert', 'rows.jsonl', '--name', 'rows', '--version', '1.0'])
  const ended = await desk.shardex(['rm', 'rows@1.0', '--purge', '--yes'])
  expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('--delete') })
  expect(await desk.shardex(['verify', 'rows'])).toMatchObject({ code: 0 })
})

test('what was removed by name is purged by CID', async () => {
  await using desk = await openDesk()
  await desk.dir.write('rows.jsonl', '{"id":1}')
  const { cid } = (await desk.json(['insert', 'rows.jsonl', '--name', 'rows'])) as { cid: string }
  await desk.json(['rm', 'rows'])
  expect(await desk.json(['rm', cid, '--purge', '--yes'])).toMatchObject({ purged: true, shardsLeft: 1 })
  expect(await desk.shardex(['show', 'rows', '--at', '1'])).toMatchObject({ code: 3 })
})

test('a purge does not ask the pasts of other names, as its help says', async () => {
  await using desk = await openDesk()
  await desk.dir.write('one.jsonl', '{"id":1}')
  await desk.dir.write('two.jsonl', '{"id":2}')
  const { cid } = (await desk.json(['insert', 'one.jsonl', '--name', 'one'])) as { cid: string }
  await desk.json(['label', 'other', '--cid', cid])
  await desk.json(['insert', 'two.jsonl', '--name', 'other'])
  expect(await desk.json(['rm', 'one', '--purge', '--yes'])).toMatchObject({ purged: true })
  expect(await desk.shardex(['show', 'other', '--at', '1'])).toMatchObject({ code: 3 })
  expect(await desk.shardex(['verify', 'other'])).toMatchObject({ code: 0 })
  expect((await desk.shardex(['rm', '--help'])).stdout).toMatch(/Pasts\s+do\s+not\s+count/)
})

async function commit(desk: Desk, options: CommitEntryOptions): Promise<void> {
  await using index = new LocalIndex({ path: `${desk.dir.path}/home/index.db` })
  await index.commitEntry(options)
}
