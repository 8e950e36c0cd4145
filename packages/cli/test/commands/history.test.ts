import { DatabaseSync } from 'node:sqlite'
import { LocalIndex } from '@shardex/index'
import { expect, test } from 'vitest'
import { type Desk, describeDesks, openDesk } from './desk.ts'

describeDesks('history', (open) => {
  test('--verify says that the past is what it was, and a record noted then is looked for later', async () => {
    await using desk = await open()
    await insert(desk, 'one')
    const { code, stdout } = await desk.shardex(['history', 'rows', '--verify'])
    expect(code).toBe(0)
    const [, noted = ''] = /^ok: 1 step, up to record (bafyrei\w+)\n$/.exec(stdout) ?? []
    await insert(desk, 'two')
    expect(await desk.json(['history', 'rows', '--verify', '--expect', noted])).toMatchObject({ ok: true, revisions: 2 })
    expect((await desk.shardex(['history', 'rows', '--expect', noted])).stdout).toContain('ok: 2 steps')
    const [first, second] = (await desk.json(['history', 'rows'])) as { recordCid: string; previousCid?: string }[]
    expect([first?.recordCid, second?.previousCid]).toEqual([noted, noted])

    await desk.shardex(['rename', 'rows', 'lines'])
    const elsewhere = await desk.shardex(['history', 'lines', '--expect', noted])
    expect(elsewhere).toMatchObject({ code: 5, stdout: expect.stringContaining(`${noted} is no record of this name`) })
  })
})

test('a past that was changed is told, and the exit code is 5', async () => {
  await using desk = await openDesk()
  await insert(desk, 'one')
  await insert(desk, 'two')
  const cid: unknown = withDatabase(desk, (database) => {
    database.exec("UPDATE shardex_history SET cid = 'evil' WHERE revision = 1")
    return database.prepare('SELECT previous FROM shardex_history WHERE revision = 2').get()?.['previous']
  })
  const { code, stdout } = await desk.shardex(['history', 'rows', '--verify'])
  expect(code).toBe(5)
  expect(stdout).toMatch(new RegExp(`^revision 2 was written after ${String(cid)}, but finds bafyrei.*\nDAMAGED: 1 problem\n$`))
  const ended = await desk.shardex(['history', 'rows', '--verify', '--json'])
  expect(ended.code).toBe(5)
  expect(JSON.parse(ended.stdout)).toMatchObject({ ok: false, revisions: 2, problems: [{ kind: 'changed', revision: 2 }] })
})

test('a name that never was is not found, one whose past is gone is damaged, and --expect takes a CID', async () => {
  await using desk = await openDesk()
  expect((await desk.shardex(['history', 'nope', '--verify'])).code).toBe(3)
  await insert(desk, 'one')
  const { headCid } = (await desk.json(['history', 'rows', '--verify'])) as { headCid: string }
  expect(await desk.shardex(['history', 'rows', '--expect', 'nonsense'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('expect: found "nonsense"'),
  })
  withDatabase(desk, (database) => database.exec('DELETE FROM shardex_history'))
  expect((await desk.shardex(['history', 'rows', '--verify'])).code).toBe(5)
  withDatabase(desk, (database) => database.exec('DELETE FROM shardex_names'))
  expect((await desk.shardex(['history', 'rows', '--verify'])).code).toBe(3)
  expect((await desk.shardex(['history', 'rows', '--expect', headCid])).code).toBe(5)
})

async function insert(desk: Desk, text: string): Promise<void> {
  const { env } = desk
  await using index = new LocalIndex(
    env['REDIS_URL'] === undefined
      ? { path: databaseOf(desk) }
      : { redis: env['REDIS_URL'], keyPrefix: env['SHARDEX_KEY_PREFIX'] },
  )
  await index.commitEntry({ name: 'rows', schemaRef: 'x', dataUrls: [text] })
}

function withDatabase<T>(desk: Desk, work: (database: DatabaseSync) => T): T {
  using database = new DatabaseSync(databaseOf(desk))
  return work(database)
}

function databaseOf({ env }: Desk): string {
  return `${env['SHARDEX_HOME']}/index.db`
}
