import { expect, test } from 'vitest'
import { type Desk, describeDesks } from './desk.ts'

const ROWS = Array.from({ length: 25 }, (_, id) => JSON.stringify({ id, text: `row ${id}` })).join('\n')

describeDesks('the life of a dataset', (open) => {
  test('it is put in, listed, shown, read and verified', async () => {
    await using desk = await open()
    await desk.dir.write('rows.jsonl', ROWS)
    const inserted = await desk.shardex([
      'insert',
      'rows.jsonl',
      '--name',
      'rows',
      '--maxcount',
      '10',
      '--metadata',
      'licence=MIT',
    ])
    expect(inserted.stderr).toContain('id: int')
    expect(inserted).toMatchObject({ code: 0, stdout: expect.stringMatching(/^name {5}rows, revision 1\n.*in 3 shards/s) })

    expect((await desk.shardex(['ls'])).stdout).toMatch(/^NAME.*\nrows +1 +25 .* 3 .*now\n$/s)
    expect((await desk.shardex(['show', 'rows'])).stdout).toMatch(
      /samples {2}25\n.*text: str\n.*licence: MIT\n.*000002\.tar +5 /s,
    )
    expect((await desk.shardex(['head', 'rows', '--limit', '2', '--offset', '9'])).stdout.match(/row \d+/g)).toEqual([
      'row 9',
      'row 10',
    ])
    expect(await desk.shardex(['verify', 'rows'])).toMatchObject({ code: 0, stdout: expect.stringContaining('ok: 25 samples') })
    expect(await desk.objects()).toHaveLength(6)
  })

  test('a sample is found by the key that head shows', async () => {
    await using desk = await open()
    await insertRows(desk)
    const [, second] = (await desk.json(['head', 'rows'])) as { __key__: string }[]
    expect(await desk.json(['head', 'rows', '--key', second?.__key__ ?? ''])).toEqual([second])
    expect((await desk.shardex(['head', 'rows', '-n', '2'])).stdout).toMatch(/^key [\s\S]*\n\nkey /)
    expect(await desk.shardex(['head', 'rows', '--key', 'no such key'])).toMatchObject({ code: 3, stdout: '' })
  })

  test('inserting again moves the name, and the past can be seen', async () => {
    await using desk = await open()
    await insertRows(desk)
    await insertRows(desk, '--limit', '3')
    expect(await desk.json(['ls'])).toMatchObject([{ name: 'rows', revision: 2, sampleCount: 3 }])
    expect(await desk.json(['show', 'rows', '--at', '1'])).toMatchObject({ revision: 1, sampleCount: 25, historyLength: 2 })
    expect(await desk.json(['history', 'rows'])).toMatchObject([{ revision: 1 }, { revision: 2 }])
  })

  test('a name that moves to another schema says so', async () => {
    await using desk = await open()
    await insertRows(desk)
    await desk.dir.write('other.jsonl', '{"id":"one"}')
    const again = await desk.shardex(['insert', 'rows.jsonl', '--name', 'rows', '--limit', '3'])
    expect(again.stderr).not.toContain('changed')
    expect((await desk.shardex(['insert', 'other.jsonl', '--name', 'rows'])).stderr).toContain(
      'the schema of rows changed from local://schemas/RowsSample@1.0.0 to local://schemas/OtherSample@1.0.0',
    )
  })

  test('--if-revision refuses to move a name that somebody else has moved, and leaves nothing', async () => {
    await using desk = await open()
    await insertRows(desk)
    const before = await desk.objects()
    const ended = await desk.shardex(['insert', 'nowhere', '--name', 'rows', '--if-revision', '0'])
    expect(ended).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('revision 1') })
    expect(await desk.objects()).toEqual(before)
    const fresh = await desk.shardex(['insert', 'nowhere', '--name', 'new', '--if-revision', '3'])
    expect(fresh).toMatchObject({ code: 4, stderr: expect.stringContaining('there is no dataset "new"') })
  })

  test('a label finds its entry wherever the name moves', async () => {
    await using desk = await open()
    await insertRows(desk, '--version', '1.0')
    await insertRows(desk, '--limit', '3')
    await desk.json(['label', 'rows', '2.0'])
    expect(await desk.json(['show', 'rows@1.0'])).toMatchObject({ sampleCount: 25 })
    expect(await desk.json(['show', 'rows@2.0'])).toMatchObject({ sampleCount: 3 })
    await desk.json(['label', 'rows', '1.0', '--delete'])
    expect(await desk.shardex(['show', 'rows@1.0'])).toMatchObject({ code: 3 })
  })

  test('a version stays with its entry until somebody says that it is to move', async () => {
    await using desk = await open()
    await insertRows(desk, '--version', '1.0')
    const refused = { code: 4, stdout: '', stderr: expect.stringMatching(/^shardex: rows@1\.0 is taken: .*--move-version.*\n$/) }
    // Before the source is read: this one is not even there.
    expect(await desk.shardex(['insert', 'nowhere', '--name', 'rows', '--version', '1.0'])).toMatchObject(refused)
    await insertRows(desk, '--limit', '3')
    expect(await desk.shardex(['label', 'rows', '1.0'])).toMatchObject(refused)
    expect(await desk.json(['show', 'rows@1.0'])).toMatchObject({ sampleCount: 25 })

    expect(await desk.shardex(['label', 'rows', '1.0', '--move-version'])).toMatchObject({ code: 0 })
    expect(await desk.json(['show', 'rows@1.0'])).toMatchObject({ sampleCount: 3 })
    expect(await desk.shardex(['label', 'rows', '1.0'])).toMatchObject({ code: 0 })
    const moved = ['insert', 'rows.jsonl', '--name', 'rows', '--limit', '4', '--version', '1.0', '--move-version']
    expect(await desk.shardex(moved)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^version +rows@1\.0$/m) })
    expect(await desk.json(['show', 'rows@1.0'])).toMatchObject({ sampleCount: 4 })
  })

  test('a renamed dataset is found under its new name only', async () => {
    await using desk = await open()
    await insertRows(desk)
    expect(await desk.json(['rename', 'rows', 'lines'])).toMatchObject({ name: 'lines', revision: 1, renamedFrom: 'rows' })
    expect(await desk.json(['ls'])).toMatchObject([{ name: 'lines' }])
    const { stderr } = await desk.shardex(['show', 'rows'])
    expect(stderr).toContain('it was renamed to lines')
    expect(stderr).toContain('shardex history rows')
  })

  test('a rename says where the versions are, and so does whoever looks for them under the new name', async () => {
    await using desk = await open()
    await insertRows(desk, '--version', '1.0')
    const { stderr } = await desk.shardex(['rename', 'rows', 'lines'])
    expect(stderr).toBe('its versions stay under the old name: rows@1.0\n')
    const ended = await desk.shardex(['show', 'lines@1.0'])
    expect(ended).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('renamed from rows, where its versions stayed: rows@1.0'),
    })
    expect(await desk.shardex(['show', 'rows@1.0'])).toMatchObject({ code: 0 })
  })

  test('who asks for a version that is not there is told those that are', async () => {
    await using desk = await open()
    await insertRows(desk, '--version', '1.0')
    await desk.json(['label', 'rows', '1.1'])
    const ended = await desk.shardex(['show', 'rows@2.0'])
    expect(ended).toMatchObject({ code: 3, stderr: expect.stringMatching(/no version "2.0" of "rows"; it has 1.0, 1.1\n$/) })
    expect((await desk.shardex(['show', 'rows@'])).stderr).toContain('it has 1.0, 1.1')
    expect((await desk.shardex(['show', 'row@1.0'])).stderr).toContain('there is no dataset "row@1.0"')
  })

  test('a removed name comes back with the command that rm names', async () => {
    await using desk = await open()
    await insertRows(desk)
    const { stdout } = await desk.shardex(['rm', 'rows'])
    expect(await desk.json(['ls'])).toEqual([])
    expect(await desk.objects()).not.toEqual([])
    const back = /get it back: shardex (.*)/.exec(stdout)?.[1]?.split(' ') ?? []
    expect(await desk.shardex(back)).toMatchObject({ code: 0 })
    expect(await desk.json(['show', 'rows'])).toMatchObject({ revision: 3, sampleCount: 25 })
  })

  test('a purge deletes the entry, leaves its shards to gc, and needs a yes', async () => {
    await using desk = await open()
    await insertRows(desk, '--version', '1.0')
    expect(await desk.shardex(['rm', 'rows', '--purge'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
    expect(await desk.shardex(['rm', 'rows', '--purge'], { tty: true, answer: 'n\n' })).toMatchObject({ code: 1, stdout: '' })
    expect(await desk.json(['show', 'rows'])).toMatchObject({ sampleCount: 25 })
    const purged = await desk.shardex(['rm', 'rows', '--purge'], { tty: true, answer: 'y\n' })
    expect(purged).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Left in the store: \d shards?\n`shardex gc` removes/),
    })
    expect(await desk.objects()).not.toEqual([])
    for (const _ of [1, 2]) await desk.json(['gc', '--grace', '0'])
    expect(await desk.objects()).toEqual([])
    expect(await desk.json(['ls', '--all'])).toEqual([])
  })

  test('what was removed can be purged by its name later', async () => {
    await using desk = await open()
    await insertRows(desk, '--version', '1.0')
    const { stdout } = await desk.shardex(['rm', 'rows'])
    const line = /delete it for ever: shardex (.*)/.exec(stdout)?.[1]?.split(' ') ?? []
    expect(await desk.json([...line, '--yes'])).toMatchObject({ name: 'rows', purged: true, shardsLeft: 1 })
    expect(await desk.json(['ls', '--all'])).toEqual([])
    expect(await desk.shardex([...line, '--yes'])).toMatchObject({ code: 3 })
  })

  test('a purge keeps what another name points to', async () => {
    await using desk = await open()
    await insertRows(desk, '--version', '1.0')
    const { cid } = (await desk.json(['show', 'rows'])) as { cid: string }
    await desk.json(['label', 'lines', '--cid', cid])
    expect(await desk.json(['rm', 'rows', '--purge', '--yes'])).toMatchObject({ purged: false, keptFor: ['lines'] })
    expect(await desk.shardex(['verify', 'lines'])).toMatchObject({ code: 0 })
    expect(await desk.json(['show', 'rows@1.0'])).toMatchObject({ cid })
    expect(await desk.json(['rm', cid, '--purge', '--yes'])).toMatchObject({ purged: false, keptFor: ['lines'] })
  })
})

async function insertRows(desk: Desk, ...options: string[]): Promise<void> {
  const file = await desk.dir.write('rows.jsonl', ROWS)
  await desk.json(['insert', file, '--name', 'rows', ...options])
}
