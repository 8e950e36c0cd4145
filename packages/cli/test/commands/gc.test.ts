import { createHash, randomUUID } from 'node:crypto'
import { LocalIndex } from '@shardex/index'
import { expect, test } from 'vitest'
import { parseDuration } from '../../src/parse-duration.ts'
import { type Desk, describeDesks, openDesk } from './desk.ts'

/** What an insert leaves that was killed: a journal that nobody holds, and objects. @returns their paths */
async function interrupted(desk: Desk, shards = 1): Promise<string[]> {
  const path = `home/data/lost/data--${randomUUID()}--`
  await using index = new LocalIndex({ path: `${desk.dir.path}/home/index.db` })
  const base = `${desk.dir.path}/${path}`
  const plan = { id: randomUUID(), name: 'lost', base, layout: 'sequence', settings: 'x', resumable: false } as const
  await index.ingests.begin(plan, { owner: 'dead', leaseMs: 1000 })
  await index.ingests.release(plan.id, 'dead')
  const files = Array.from({ length: shards }, (_, i) => `${path}${String(i).padStart(6, '0')}.tar`)
  return Promise.all(files.map((file) => desk.dir.write(file, 'x'.repeat(1000))))
}

async function openDeskWithData(): Promise<Desk> {
  const desk = await openDesk()
  await desk.dir.write('rows.jsonl', '{"id":1}')
  await desk.json(['insert', 'rows.jsonl', '--name', 'rows'])
  return desk
}

test('what an interrupted insert left is shown, marked, waited for, let go, marked again and deleted', async () => {
  await using desk = await openDeskWithData()
  const needed = await desk.objects()
  const [lost = ''] = await interrupted(desk)
  const all = [...needed, lost].sort()
  const text = async (...options: string[]) => (await desk.shardex(['gc', ...options])).stdout

  expect(await text('--grace', '0', '--dry-run')).toMatch(
    /000000\.tar +1\.00 kB +lost +marked\n.*would be marked: 1 object, 1\.00 kB/s,
  )
  expect(await text('--grace', '0')).toContain('shardex gc --undo')
  expect(await text()).toMatch(/goes in 1 day.*the first can go in 1 day/s)
  expect(await text('--undo')).toBe('1 mark taken away\n')
  expect(await text('--undo')).toBe('nothing was marked\n')
  expect((await desk.objects()).sort()).toEqual(all)
  await text('--grace', '0')
  expect(await text('--grace', '0')).toContain('deleted: 1 object, 1.00 kB')
  expect(await desk.objects()).toEqual(needed)
  expect(await text('--grace', '0')).toMatch(/^no garbage/)
})

test('a person sees the first of many, a program all', async () => {
  await using desk = await openDeskWithData()
  await interrupted(desk, 25)
  expect((await desk.shardex(['gc', '--grace', '0', '--dry-run'])).stdout).toContain('… and 5 more: --json shows them')
  const { objects, ...report } = (await desk.json(['gc', '--grace', '0'])) as { objects: unknown[] }
  expect(objects).toHaveLength(25)
  expect(objects[0]).toEqual({
    url: expect.stringMatching(/--000000\.tar$/),
    sizeBytes: 1000,
    ingestId: expect.any(String),
    name: 'lost',
    fate: 'marked',
  })
  expect(report).toEqual({
    dryRun: false,
    seen: { objects: 25, bytes: 25_000 },
    marked: { objects: 25, bytes: 25_000 },
    waiting: { objects: 0, bytes: 0 },
    deleted: { objects: 0, bytes: 0 },
    rescued: { objects: 0, bytes: 0 },
    givenUp: 1,
    forgotten: 0,
    swept: 0,
    problems: [],
    problemCount: 0,
  })
})

test('what could not be listed is told, and the exit code says so', async () => {
  await using desk = await openDeskWithData()
  await using index = new LocalIndex({ path: `${desk.dir.path}/home/index.db` })
  const plan = { id: 'x', name: 'x', base: '/etc/', layout: 'sequence', settings: 'x', resumable: false } as const
  await index.ingests.begin(plan, { owner: 'x', leaseMs: 1000 })
  await index.ingests.abandon('x', { owner: 'x' })
  const ended = await desk.shardex(['gc'])
  expect(ended).toMatchObject({ code: 5, stdout: expect.stringMatching(/names \/etc\/.*\n1 problem/s) })
})

test('a purge leaves shards that may be shared to gc', async () => {
  await using desk = await openDeskWithData()
  await using index = new LocalIndex({ path: `${desk.dir.path}/home/index.db` })
  const digest = createHash('sha256').update('x').digest('hex')
  const path = `home/data/content/${await index.registryId()}/${digest}.tar`
  const url = await desk.dir.write(path, 'x')
  const shard = { url, sha256: digest, sizeBytes: 1, sampleCount: 1, minKey: 'a', maxKey: 'a', indexSizeBytes: 1 }
  const shards = [{ ...shard, merkleRoot: '0'.repeat(64), indexSha256: '0'.repeat(64) }]
  for (const name of ['one', 'other'])
    await index.commitEntry({ name, schemaRef: `local://schemas/${name}@1.0.0`, dataUrls: [url], shards })
  const ended = await desk.shardex(['rm', 'one', '--purge', '--yes'])
  expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('1 may be shared: `shardex gc`') })
  expect(await desk.objects()).toContain(url)
})

describeDesks('gc', (open) => {
  test('shards that datasets share go with the last of them', async () => {
    await using desk = await open()
    await desk.dir.write('rows.jsonl', '{"id":1}\n{"id":2}')
    await desk.dir.write('same.jsonl', '{"id":1}\n{"id":2}')
    for (const name of ['rows', 'same']) await desk.json(['insert', `${name}.jsonl`, '--name', name, '--layout', 'content'])
    const shared = await desk.objects()
    for (const [name, left] of [['rows', shared] as const, ['same', []] as const]) {
      expect(await desk.json(['rm', name, '--purge', '--yes'])).toMatchObject({ purged: true, shardsDeleted: 0, shardsLeft: 1 })
      for (const _ of [1, 2]) await desk.json(['gc', '--grace', '0'])
      expect(await desk.objects()).toEqual(left)
      if (left.length > 0) expect(await desk.shardex(['verify', 'same'])).toMatchObject({ code: 0 })
    }
  })
})

test.each([
  [['--grace', '24'], '24h'],
  [['--grace', 'soon'], '24h'],
  [['--keep-resumable=-1d'], '7d'],
  [['--undo', '--dry-run'], 'one of the two'],
])('gc %j is refused', async (options, advice) => {
  await using desk = await openDeskWithData()
  expect(await desk.shardex(['gc', ...options])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(advice) })
})

test('durations are read as people write them', () => {
  const texts = ['0', '0s', '250ms', '90s', '1.5h', '30 m', '7D']
  expect(texts.map((text) => parseDuration('--grace', text))).toEqual([0, 0, 250, 90_000, 5_400_000, 1_800_000, 604_800_000])
  expect(parseDuration('--grace', undefined)).toBeUndefined()
})
