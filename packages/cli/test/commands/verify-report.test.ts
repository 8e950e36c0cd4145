import { constants } from 'node:buffer'
import { appendFile, type FileHandle, open, readFile, rm } from 'node:fs/promises'
import { expect, test, vi } from 'vitest'
import { type Desk, openDesk } from './desk.ts'
import { damage, insertShards } from './shards.ts'

async function linesOf(path: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(path, 'utf8')
  expect(text.endsWith('\n')).toBe(true)
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

async function shardDigests(desk: Desk, name: string): Promise<string[]> {
  const { shards } = (await desk.json(['show', name])) as { shards: { sha256: string }[] }
  return shards.map(({ sha256 }) => sha256)
}

test('a report has a line for each shard, and shards that it says are right are skipped by the next run', async () => {
  await using desk = await openDesk()
  const urls = await insertShards(desk)
  await damage(desk, urls[2]!)
  const first = await desk.shardex(['verify', 'rows', '--report', 'report.jsonl'])
  expect(first).toMatchObject({ code: 5, stdout: expect.stringContaining('1 dataset: 5 shards checked, 0 skipped, 1 damaged\n') })
  const report = `${desk.dir.path}/report.jsonl`
  const lines = await linesOf(report)
  expect(lines.map(({ shard, ok, proof, sha256 }) => [shard, ok, proof, sha256])).toEqual(
    (await shardDigests(desk, 'rows')).map((sha256, i) => [urls[i], i !== 2, 'sha256', sha256]),
  )
  expect(lines[2]).toMatchObject({
    name: 'rows',
    cid: expect.stringMatching(/^bafyrei/),
    problems: [{ code: 'shard.corrupt', details: { shard: urls[2] } }],
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  })
  // Were they looked at again, they would be missing.
  for (const url of [urls[0]!, urls[1]!]) await rm(url)
  const second = await desk.shardex(['verify', 'rows', '--report', 'report.jsonl'])
  expect(second).toMatchObject({ code: 5, stdout: expect.stringContaining('1 shard checked, 4 skipped, 1 damaged\n') })
  expect(second.stdout).toContain('4 shards skipped: the report says that they are right')
  expect((await linesOf(report)).map(({ shard }) => shard)).toEqual([...urls, urls[2]])
  const [dataset] = JSON.parse((await desk.shardex(['verify', 'rows', '--report', 'report.jsonl', '--json'])).stdout)
  expect(dataset).toMatchObject({ skipped: 4, shards: [{ url: urls[2] }] })
})

test('a shard that was right and then damaged is looked at again, and so is one whose proof is not deep enough', async () => {
  await using desk = await openDesk()
  const urls = await insertShards(desk)
  const report = `${desk.dir.path}/report.jsonl`
  expect(await desk.shardex(['verify', 'rows', '--report', report])).toMatchObject({ code: 0 })
  const lines = await linesOf(report)
  await appendFile(report, `${JSON.stringify({ ...lines[0], ok: false })}\n`)
  for (const line of lines.slice(1, 4)) await appendFile(report, `${JSON.stringify({ ...line, ok: false })}\n`)
  await appendFile(report, `${JSON.stringify({ ...lines[1], proof: 'store' })}\n`)
  await appendFile(report, `${JSON.stringify({ ...lines[2], sha256: '0'.repeat(64) })}\n`)
  await appendFile(report, `${JSON.stringify({ ...lines[3], cid: 'of another entry' })}\n`)
  const shallow = await desk.shardex(['verify', 'rows', '--report', report, '--json'])
  const checked = ({ stdout }: { stdout: string }) => JSON.parse(stdout)[0].shards.map(({ url }: { url: string }) => url)
  expect(checked(shallow)).toEqual([urls[0], urls[2], urls[3]])
  const text = (await readFile(report, 'utf8')).split('\n').slice(0, -4).join('\n')
  await desk.dir.write('deep.jsonl', `${text}\n`)
  expect(checked(await desk.shardex(['verify', 'rows', '--deep', '--report', 'deep.jsonl', '--json']))).toEqual(urls.slice(0, 4))
})

test('each line is on disk before the next is written', async () => {
  await using desk = await openDesk()
  const urls = await insertShards(desk)
  const report = `${desk.dir.path}/report.jsonl`
  await using file = await open(report, 'a')
  const methods = Object.getPrototypeOf(file) as FileHandle
  const [append, sync] = [vi.spyOn(methods, 'appendFile'), vi.spyOn(methods, 'datasync')]
  try {
    expect(await desk.shardex(['verify', 'rows', '--report', report])).toMatchObject({ code: 0 })
    const [appended, synced] = [append.mock.invocationCallOrder, sync.mock.invocationCallOrder]
    expect(appended).toHaveLength(urls.length)
    expect(appended.flatMap((at, i) => [at, synced[i]])).toEqual([...appended, ...synced].sort((a, b) => a - b))
  } finally {
    vi.restoreAllMocks()
  }
})

test('a report of more than fits into one text is read', { timeout: 240_000 }, async () => {
  await using desk = await openDesk()
  await insertShards(desk)
  const report = `${desk.dir.path}/report.jsonl`
  expect(await desk.shardex(['verify', 'rows', '--report', report])).toMatchObject({ code: 0 })
  const [line = {}] = await linesOf(report)
  const long = Buffer.from(`${JSON.stringify(line).padEnd(2 ** 20)}\n`)
  for (let bytes = 0; bytes < constants.MAX_STRING_LENGTH; bytes += long.length) await appendFile(report, long)
  expect(await desk.shardex(['verify', 'rows', '--report', report])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('0 shards checked, 5 skipped'),
  })
})

test.each([
  ['a row of another file', '{"id":1}\n'],
  ['text', 'hello'],
  ['a line of no JSON in the middle', '{"cid":"a\n{"cid":"a","shard":"b","proof":"store","ok":true}\n'],
])('%s is no report: it is refused and left as it is', async (_, content) => {
  await using desk = await openDesk()
  await insertShards(desk)
  const path = await desk.dir.write('precious.jsonl', content)
  expect(await desk.shardex(['verify', 'rows', '--report', path])).toMatchObject({ code: 2, stdout: '' })
  expect(await readFile(path, 'utf8')).toBe(content)
})

test('a report that cannot be written is told at once', async () => {
  await using desk = await openDesk()
  await insertShards(desk)
  expect(await desk.shardex(['verify', 'rows', '--report', 'no/such/folder.jsonl'])).toMatchObject({ code: 2, stdout: '' })
})

test('--all tells each dataset, and the sum at the end', async () => {
  await using desk = await openDesk()
  const urls = await insertShards(desk)
  await insertShards(desk, { name: 'others', rows: 3 })
  await damage(desk, urls[4]!)
  const { code, stdout } = await desk.shardex(['verify', '--all', '--parallel', '2'])
  expect(code).toBe(5)
  expect(stdout).toMatch(
    /^rows .*DAMAGED: 1 problem\n\nothers .*ok: 3 samples.*\n\n2 datasets: 6 shards checked, 0 skipped, 1 damaged\n$/s,
  )
  const all = JSON.parse((await desk.shardex(['verify', '--all', '--json'])).stdout)
  expect(all.map(({ name, ok }: { name: string; ok: boolean }) => [name, ok])).toEqual([
    ['rows', false],
    ['others', true],
  ])
})
