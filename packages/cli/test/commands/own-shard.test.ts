import { readFile, rm, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { type Desk, openDesk } from './desk.ts'

test('a shard of ours is put in again, and its samples are those that it had', async () => {
  await using desk = await openDesk()
  const shard = await writeShard(desk)
  await desk.json(['insert', shard, '--name', 'again'])
  expect(await desk.json(['head', 'again', '-n', '30'])).toEqual(await desk.json(['head', 'rows', '-n', '30']))
})

test('a shard of ours that is damaged is refused, with shard, offset and key', async () => {
  await using desk = await openDesk()
  const shard = await writeShard(desk)
  const offset = await change(shard, 'row 17', 'row 71')
  const { code, stderr } = await desk.shardex(['insert', shard, '--name', 'again', '--json'])
  const { error } = JSON.parse(stderr) as { error: { code: string; details: { offset: number } } }
  expect(code).toBe(5)
  expect(error).toMatchObject({ code: 'shard.corrupt', details: { shard, sample: '000000017' } })
  expect(offset - error.details.offset).toBeGreaterThan(0)
  expect(offset - error.details.offset).toBeLessThan(50)
  expect(await desk.json(['ls'])).toMatchObject([{ name: 'rows' }])

  await rm(`${shard}.idx`)
  await desk.json(['insert', shard, '--name', 'again']) // nothing says any more that it was different once
})

test('members that were renamed, left out or added are noticed', async () => {
  await using desk = await openDesk()
  const shard = await writeShard(desk)
  const whole = await readFile(shard)
  const first = whole.subarray(0, 1024)
  const end = Buffer.alloc(1024)
  const members = whole.subarray(0, 25 * 1024)
  expect(members.subarray(24 * 1024, 24 * 1024 + 9).toString()).toBe('000000024')
  // As long as it was, so that only its members tell.
  for (const [changed, found] of [
    [Buffer.concat([members.subarray(1024), first, end]), 'the member 000000001.msgpack'],
    [Buffer.concat([members.subarray(0, 24 * 1024), Buffer.alloc(1024), end]), 'the end after 24 samples'],
    [Buffer.concat([members, first, end]), `${27 * 1024} bytes`],
  ] as const) {
    await writeFile(shard, changed)
    const ended = await desk.shardex(['insert', shard, '--name', 'again'])
    expect(ended).toMatchObject({ code: 5, stderr: expect.stringContaining(found) })
  }
})

test('an index that is damaged is told, and one of another program is left alone', async () => {
  await using desk = await openDesk()
  const shard = await writeShard(desk)
  const index = await readFile(`${shard}.idx`)
  await writeFile(`${shard}.idx`, index.subarray(0, -1))
  expect(await desk.shardex(['insert', shard, '--name', 'again'])).toMatchObject({
    code: 5,
    stderr: expect.stringContaining(`the offset index ${shard}.idx is damaged`),
  })
  await writeFile(`${shard}.idx`, Buffer.concat([index, Buffer.alloc(50_000)]))
  expect(await desk.shardex(['insert', shard, '--name', 'again'])).toMatchObject({ code: 5 })
  await writeFile(`${shard}.idx`, 'v1.2 25\nmsgpack 512 20 000000000.msgpack\n')
  await desk.json(['insert', shard, '--name', 'again'])
})

async function writeShard(desk: Desk): Promise<string> {
  await desk.dir.write('rows.jsonl', Array.from({ length: 25 }, (_, id) => JSON.stringify({ id, text: `row ${id}` })).join('\n'))
  const { dataUrls } = (await desk.json(['insert', 'rows.jsonl', '--name', 'rows'])) as { dataUrls: [string] }
  return dataUrls[0]
}

/** @returns where the text was */
async function change(path: string, from: string, to: string): Promise<number> {
  const bytes = await readFile(path)
  const at = bytes.indexOf(from)
  bytes.write(to, at)
  await writeFile(path, bytes)
  return at
}
