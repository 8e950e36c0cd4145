import { cp, readdir, readFile, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { serveDirectory } from '@shardex/storage/testing'
import { expect, test } from 'vitest'
import { type Desk, openDesk } from './desk.ts'
import { damage, insertShards } from './shards.ts'

/** The folder of a mirror, with copies of all shards. */
async function copyShards(desk: Desk, urls: readonly string[], folder: string): Promise<void> {
  await cp(dirname(urls[0]!), `${desk.dir.path}/${folder}`, { recursive: true })
}

test('--repair restores what is damaged or missing from a mirror, keeps the damaged bytes, and says what it did', async () => {
  await using desk = await openDesk()
  await desk.dir.write('copies/.keep', '')
  await using server = await serveDirectory(`${desk.dir.path}/copies`)
  const urls = await insertShards(desk, { mirrors: [`${desk.dir.path}/empty`, server.url] })
  await copyShards(desk, urls, 'copies')
  await damage(desk, urls[0]!)
  await rm(urls[1]!)
  await rm(`${urls[2]}.idx`)
  const advice = 'its entry lists 2 mirrors: `shardex verify rows --repair` restores it'
  expect(await desk.shardex(['verify', 'rows'])).toMatchObject({ code: 5, stdout: expect.stringContaining(advice) })
  expect(await desk.shardex(['head', 'rows'])).toMatchObject({ code: 5, stderr: expect.stringContaining(advice) })
  expect((await desk.shardex(['verify', '--all'])).stdout).toMatch(/`shardex verify bafy\w+ --repair`/)

  const { code, stdout } = await desk.shardex(['verify', 'rows', '--repair', '--report', 'report.jsonl'])

  expect(code).toBe(0)
  expect(stdout.match(/ repaired$/gm)).toHaveLength(3)
  expect(stdout).toContain(`${urls[1]} was restored from ${server.url}${basename(urls[1]!)}\n`)
  expect(stdout).toMatch(/was restored from \S+; the damaged bytes are in \S+\.tar\.quarantine-[0-9a-f]{12}\n/)
  expect(stdout).toContain('5 shards checked, 0 skipped, 3 repaired, 0 damaged')
  expect(await desk.shardex(['verify', 'rows', '--deep'])).toMatchObject({ code: 0 })
  const lines = (await readFile(`${desk.dir.path}/report.jsonl`, 'utf8')).trimEnd().split('\n')
  expect(JSON.parse(lines[0]!)).toMatchObject({ ok: true, proof: 'sha256', repairs: [{ url: urls[0] }] })
  const names = await readdir(dirname(urls[0]!))
  expect(names.filter((name) => name.includes('quarantine'))).toHaveLength(1)
})

test('without a good mirror nothing is touched, and the exit code stays 5', async () => {
  await using desk = await openDesk()
  const urls = await insertShards(desk, { mirrors: [`${desk.dir.path}/copies`] })
  await damage(desk, urls[0]!)
  await copyShards(desk, urls, 'copies')
  await damage(desk, urls[3]!)
  const unlisted = await insertShards(desk, { name: 'alone', rows: 1 })
  await damage(desk, unlisted[0]!)
  const before = await desk.objects()
  const bytes = await readFile(urls[0]!)
  const { code, stdout } = await desk.shardex(['verify', '--all', '--repair'])
  expect(code).toBe(5)
  expect(stdout).toContain(`${urls[0]} was left as it is, since no mirror has it right: `)
  expect(stdout).toContain(`${urls[3]} was restored from ${desk.dir.path}/copies/`)
  expect(stdout).toContain(`${unlisted[0]} was left as it is, since no mirror has it right: the entry lists no mirror\n`)
  expect(stdout).toContain('2 datasets: 6 shards checked, 0 skipped, 1 repaired, 2 damaged\n')
  expect((await desk.objects()).filter((url) => !before.includes(url))).toHaveLength(1)
  expect(await readFile(urls[0]!)).toEqual(bytes)
})

test('a list of mirrors that cannot be used is told with the shard, and the others go on', async () => {
  await using desk = await openDesk()
  const urls = await insertShards(desk, { mirrors: ['not/absolute'] })
  await damage(desk, urls[0]!)
  const { code, stdout } = await desk.shardex(['verify', 'rows', '--repair'])
  expect(code).toBe(5)
  expect(stdout).toContain(`${urls[0]} could not be repaired: metadata "mirrors" of rows`)
})
