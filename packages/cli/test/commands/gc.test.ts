import { randomUUID } from 'node:crypto'
import { LocalIndex } from '@shardex/index'
import { expect, test } from 'vitest'
import { describeS3 } from '../../../../test/services/index.ts'
import { ownUuid } from '../../../repo/src/ingest/own-uuid.ts'
import { parseDuration } from '../../src/parse-duration.ts'
import { type Desk, describeDesks, openDesk, openServerDesk } from './desk.ts'

/** What an insert leaves that was killed: a journal that nobody holds, and objects. @returns their paths */
async function interrupted(desk: Desk, shards = 1): Promise<string[]> {
  await using index = new LocalIndex({ path: `${desk.dir.path}/home/index.db` })
  const path = `home/data/lost/data--${ownUuid(await index.registryId())}--`
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

test('a person sees the first of many, a program more, and both what they are altogether', async () => {
  await using desk = await openDeskWithData()
  await interrupted(desk, 25)
  expect((await desk.shardex(['gc', '--grace', '0', '--dry-run'])).stdout).toContain(
    '… and 5 more: --json shows the first 10,000',
  )
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

describeDesks('gc', (open) => {
  test('shards that datasets share go with the last of them', async () => {
    await using desk = await open()
    await desk.dir.write('rows.jsonl', '{"id":1}\n{"id":2}')
    await desk.dir.write('same.jsonl', '{"id":1}\n{"id":2}')
    for (const name of ['rows', 'same']) await desk.json(['insert', `${name}.jsonl`, '--name', name, '--layout', 'content'])
    const shared = await desk.objects()
    for (const [name, left] of [['rows', shared] as const, ['same', []] as const]) {
      expect(await desk.json(['rm', name, '--purge', '--yes'])).toMatchObject({ purged: true, shardsLeft: 1 })
      for (const _ of [1, 2]) await desk.json(['gc', '--grace', '0'])
      expect(await desk.objects()).toEqual(left)
      if (left.length > 0) expect(await desk.shardex(['verify', 'same'])).toMatchObject({ code: 0 })
    }
  })
})

test('a document lists ten thousand objects at most, and counts all', { timeout: 240_000 }, async () => {
  await using desk = await openDeskWithData()
  await interrupted(desk, 10_003)
  const { objects, marked } = (await desk.json(['gc', '--dry-run', '--grace', '0'])) as Record<string, unknown>
  expect(objects).toHaveLength(10_000)
  expect(marked).toMatchObject({ objects: 10_003 })
})

describeS3('gc on Redis', (server) => {
  test('a dry run says that it does not look at what atdata wrote meanwhile', async () => {
    await using desk = await openServerDesk(server)
    await desk.dir.write('rows.jsonl', '{"id":1}')
    await desk.json(['insert', 'rows.jsonl', '--name', 'rows'])
    expect((await desk.shardex(['gc', '--dry-run'])).stderr).toContain('what atdata wrote')
    expect((await desk.shardex(['gc'])).stderr).not.toContain('atdata')
    expect((await desk.shardex(['gc', '--help'])).stdout).toContain('what atdata wrote')
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
