import { readFile } from 'node:fs/promises'
import { LocalIndex, type ShardDescription } from '@shardex/index'
import { expect, test } from 'vitest'
import { type Desk, openDesk } from './desk.ts'

test('a purge does not delete files that an entry only points at', async () => {
  await using desk = await openDesk()
  const file = await desk.dir.write('precious.tar', 'not ours')
  await commit(desk, file)
  await assertKept(desk, file)
})

test.each([
  ['elsewhere', 'precious.tar'],
  ['on a way out of the store', 'home/data/../../precious.tar'],
])('a purge does not delete a shard %s, whatever the registry says', async (_, path) => {
  await using desk = await openDesk()
  const file = await desk.dir.write('precious.tar', 'not ours')
  await commit(desk, `${desk.dir.path}/${path}`, SHARD)
  await assertKept(desk, file)
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
  expect(await desk.json(['rm', cid, '--purge', '--yes'])).toMatchObject({ purged: true, shardsDeleted: 1 })
  expect(await desk.objects()).toEqual([])
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
  expect((await desk.shardex(['rm', '--help'])).stdout).toContain('Pasts do not count')
})

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

async function commit(desk: Desk, url: string, shard?: Omit<ShardDescription, 'url'>): Promise<void> {
  await using index = new LocalIndex({ path: `${desk.dir.path}/home/index.db` })
  const shards = shard === undefined ? undefined : [{ url, ...shard }]
  await index.commitEntry({ name: 'x', schemaRef: 'local://schemas/X@1.0.0', dataUrls: [url], shards })
}

async function assertKept(desk: Desk, file: string): Promise<void> {
  const ended = await desk.shardex(['rm', 'x', '--purge', '--yes'])
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('precious.tar') })
  expect(await readFile(file, 'utf8')).toBe('not ours')
  expect(await desk.json(['ls'])).toMatchObject([{ name: 'x' }])
}
