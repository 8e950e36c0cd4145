import { expect, test } from 'vitest'
import { describeDesks } from './desk.ts'

const ROWS = Array.from({ length: 50 }, (_, id) =>
  JSON.stringify({ id, label: ['cat', 'dog'][id % 2], score: id / 10, note: id % 5 === 0 ? 'a note' : null }),
).join('\n')

describeDesks('query', (open) => {
  test('finds samples by what the shards are known to hold, counts them, and stops at a limit', async () => {
    await using desk = await open()
    await desk.dir.write('rows.jsonl', ROWS)
    await desk.json(['insert', 'rows.jsonl', '--name', 'rows', '--maxcount', '10', '--manifest'])
    expect(await desk.json(['query', 'rows', 'label = cat and score >= 4 and not id in (44, 46)'])).toEqual([
      { __key__: '000000040', id: 40, label: 'cat', score: 4, note: 'a note' },
      { __key__: '000000042', id: 42, label: 'cat', score: 4.2 },
      { __key__: '000000048', id: 48, label: 'cat', score: 4.8 },
    ])
    expect(await desk.json(['query', 'rows', 'label = dog or note exists', '--count'])).toEqual({ count: 30 })
    expect((await desk.shardex(['query', 'rows', 'label = dog', '--count'])).stdout).toBe('25 samples\n')
    const few = await desk.shardex(['query', 'rows', 'label = dog', '-n', '2'])
    expect(few.stdout.match(/key +\d+/g)).toHaveLength(2)
    expect(few.stderr).toContain('there are more than 2')
    expect((await desk.shardex(['query', 'rows', 'id > 100'])).stdout).toBe('no sample matches\n')
  })

  test('says how to get manifests, and writes them', async () => {
    await using desk = await open()
    await desk.dir.write('rows.jsonl', ROWS)
    await desk.json(['insert', 'rows.jsonl', '--name', 'rows', '--maxcount', '10'])
    expect(await desk.shardex(['query', 'rows', 'id = 1'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('shardex manifest'),
    })
    expect(await desk.json(['query', 'rows', 'id = 1', '--scan', '--count'])).toEqual({ count: 1 })
    expect((await desk.shardex(['manifest', 'rows', '--field', 'label=no'])).stdout).toBe('5 manifests written\n')
    expect(await desk.json(['manifest', 'rows'])).toEqual({ written: 0, kept: 5 })
    expect(await desk.json(['query', 'rows', 'id = 1', '--count'])).toEqual({ count: 1 })
    expect(await desk.shardex(['query', 'rows', 'label = cat'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('label'),
    })
    expect(await desk.json(['manifest', 'rows', '--rewrite', '--field', 'score=categorical'])).toEqual({ written: 5, kept: 0 })
    expect(await desk.json(['query', 'rows', 'label = cat', '--count'])).toEqual({ count: 25 })
  })

  test('refuses what cannot be asked, and says where', async () => {
    await using desk = await open()
    await desk.dir.write('rows.jsonl', ROWS)
    await desk.json(['insert', 'rows.jsonl', '--name', 'rows', '--manifest'])
    for (const [where, said] of [
      ['id =', 'found the end, wanted a value'],
      ['name = 3', 'no field of RowsSample'],
      ['label = 3', 'wanted a text'],
    ] as const)
      expect(await desk.shardex(['query', 'rows', where])).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining(said),
      })
    expect(await desk.shardex(['manifest', 'rows', '--field', 'label'])).toMatchObject({ code: 2 })
    expect(await desk.shardex(['query', 'nothing', 'id = 1'])).toMatchObject({ code: 3 })
  })
})
