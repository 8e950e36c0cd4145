import { open, rm, truncate } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { type Desk, openDesk } from './desk.ts'

test('a flipped byte is told with shard, offset and key, and the exit code is 5', async () => {
  await using desk = await openDesk()
  const shard = await insertRows(desk)
  await flipByte(shard, await payloadOffset(shard, 'row 7'))
  const { code, stdout } = await desk.shardex(['verify', 'rows'])
  expect(code).toBe(5)
  expect(stdout).toMatch(/DAMAGED\nsample ".+" at byte \d+ of .+\.tar is damaged.*\nDAMAGED: 1 problem\n$/s)
  expect(stdout).toContain(shard)
  const [report] = JSON.parse((await desk.shardex(['verify', 'rows', '--json'])).stdout)
  expect(report.shards[0].problems).toMatchObject([{ code: 'shard.corrupt', details: { shard, offset: expect.any(Number) } }])
})

test('the verdict says how it was found', async () => {
  await using desk = await openDesk()
  await insertRows(desk)
  for (const argv of [
    ['verify', 'rows'],
    ['verify', 'rows', '--deep'],
  ])
    expect((await desk.shardex(argv)).stdout).toMatch(/\nok: 25 samples, [^;]+; every byte read\n$/)
})

test('head refuses the damaged sample and shows the others', async () => {
  await using desk = await openDesk()
  const shard = await insertRows(desk)
  await flipByte(shard, await payloadOffset(shard, 'row 7'))
  expect(await desk.shardex(['head', 'rows', '--offset', '7', '-n', '1'])).toMatchObject({ code: 5, stdout: '' })
  expect(await desk.shardex(['head', 'rows', '--offset', '8', '-n', '1'])).toMatchObject({ code: 0 })
})

test('a truncated shard is damage', async () => {
  await using desk = await openDesk()
  await truncate(await insertRows(desk), 5000)
  expect(await desk.shardex(['verify', 'rows'])).toMatchObject({ code: 5, stdout: expect.stringContaining('DAMAGED') })
})

test('a missing shard is damage, and --all finds it', async () => {
  await using desk = await openDesk()
  await rm(await insertRows(desk))
  expect(await desk.shardex(['verify', '--all'])).toMatchObject({ code: 5, stdout: expect.stringContaining('MISSING') })
})

test('it wants a name or --all, and not both', async () => {
  await using desk = await openDesk()
  expect(await desk.shardex(['verify'])).toMatchObject({ code: 2 })
  expect(await desk.shardex(['verify', 'rows', '--all'])).toMatchObject({ code: 2 })
})

/** @returns the path of its only shard */
async function insertRows(desk: Desk): Promise<string> {
  const rows = Array.from({ length: 25 }, (_, id) => JSON.stringify({ id, text: `row ${id}!` })).join('\n')
  await desk.dir.write('rows.jsonl', rows)
  const { dataUrls } = (await desk.json(['insert', 'rows.jsonl', '--name', 'rows'])) as { dataUrls: string[] }
  return dataUrls[0] as string
}

async function payloadOffset(path: string, text: string): Promise<number> {
  await using file = await open(path)
  return (await file.readFile()).indexOf(text)
}

async function flipByte(path: string, offset: number): Promise<void> {
  await using file = await open(path, 'r+')
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, offset)
  await file.write(Buffer.of((buffer[0] as number) ^ 1), 0, 1, offset)
}
