import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, test } from 'vitest'
import { openDesk } from './desk.ts'
import { runUnprivileged } from './shardex-process.ts'

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
const PARQUET = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'n', data: [1], type: 'INT32', nullable: false }] }))

describe('what may not be read', () => {
  test.each([
    ['a CSV file', ['t.csv', 't.csv']],
    ['a JSONL file', ['t.jsonl', 't.jsonl']],
    ['a file of a format that was named', ['t.jsonl', 't.jsonl', '--format', 'jsonl']],
    ['a JSON file', ['t.json', 't.json']],
    ['a Parquet file', ['t.parquet', 't.parquet']],
    ['a tar file', ['t.tar', 't.tar', '--format', 'tar']],
    ['a folder', ['images', 'images']],
    ['a folder in a folder', ['images/inner', 'images']],
    ['an image of many', ['images/20.png', 'images']],
    ['a part of a table', ['parts/b.csv', 'parts']],
    ['a caption', ['groups/1.txt', 'groups']],
    ['a file in a folder that is closed', ['images', 'images/20.png']],
    ['a table of labels', ['t.csv', 'images', '--labels', 't.csv']],
  ])('%s is told in one line, with the next step', async (_, [locked = '', ...argv]) => {
    await using desk = await openDesk()
    const { write } = desk.dir
    await write('t.csv', 'a\n1')
    await write('t.jsonl', '{"a":1}')
    await write('t.json', '[{"a":1}]')
    await write('t.tar', Buffer.alloc(1024))
    await write('t.parquet', PARQUET)
    for (let i = 10; i < 30; i++) await write(`images/${i}.png`, PNG)
    await write('images/inner/x.png', PNG)
    await write('parts/a.csv', 'a\n1')
    await write('parts/b.csv', 'a\n2')
    await write('groups/1.png', PNG)
    await write('groups/1.txt', 'one')
    const path = join(desk.dir.path, locked)
    await chmod(path, 0)
    const { code, stdout, stderr } = await runUnprivileged(desk, ['insert', ...argv, '--name', 'x'])
    await chmod(path, 0o700)
    expect({ code, stdout }).toEqual({ code: 6, stdout: '' })
    expect(stderr).toMatch(/^shardex: \S+ may not be read; check its permissions\n$/m)
    expect(stderr).toContain(locked)
    expect(stderr).not.toContain('should not have happened')
  })

  test.each([
    ['the file', 'home/index.db', 0o400],
    ['the folder of the file', 'home', 0o500],
  ])('a registry whose permissions forbid to write %s', async (_, locked, mode) => {
    await using desk = await openDesk()
    await desk.dir.write('t.csv', 'a\n1')
    await desk.json(['insert', 't.csv', '--name', 'x'])
    await chmod(join(desk.dir.path, locked), mode)
    for (const argv of [['ls'], ['insert', 't.csv', '--name', 'y']]) {
      const { code, stderr } = await runUnprivileged(desk, argv)
      expect({ code, stderr }).toEqual({
        code: 6,
        stderr: expect.stringMatching(/may not write the registry \S+index\.db, .*copy/),
      })
    }
    await chmod(join(desk.dir.path, locked), 0o700)
  })

  test('a folder in which no registry can be made', async () => {
    await using desk = await openDesk()
    await desk.dir.write('t.csv', 'a\n1')
    const closed = join(desk.dir.path, 'closed')
    await mkdir(closed, { mode: 0o500 })
    const { code, stderr } = await runUnprivileged(desk, ['insert', 't.csv', '--name', 'y', '--db', `${closed}/new/index.db`])
    expect({ code, stderr }).toEqual({ code: 6, stderr: expect.stringContaining('may not write the registry') })
  })
})
