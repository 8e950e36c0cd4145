import { readdir } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { LocalIndex } from '@shardex/index'
import { expect, test } from 'vitest'
import { type Desk, openDesk } from './desk.ts'

test('names are listed by prefix, in order, across pages', async () => {
  await using desk = await openDesk()
  await commit(
    desk,
    Array.from({ length: 1201 }, (_, n) => `train-${String(n).padStart(4, '0')}`),
  )
  await commit(desk, ['test', 'u'])
  const rows = (await desk.json(['ls', 'train', '--limit', '5000'])) as { name: string }[]
  expect(rows).toHaveLength(1201)
  expect(rows.at(-1)?.name).toBe('train-1200')
  expect(await desk.json(['ls', 'te'])).toMatchObject([{ name: 'test', revision: 1 }])
  expect((await desk.shardex(['ls', 'zzz'])).stdout).toBe('no name starts with "zzz"; `shardex ls` lists all\n')
})

test('entries are listed by prefix, also beyond the first page, and cut where --limit says', async () => {
  await using desk = await openDesk()
  await commit(desk, [...Array.from({ length: 1001 }, (_, n) => `a${n}`), 'b1', 'b2'])
  expect(await desk.json(['ls', 'b', '--all'])).toMatchObject([{ name: 'b1' }, { name: 'b2' }])
  expect(await desk.json(['ls', '--all', '-n', '2'])).toMatchObject([{ name: 'a0' }, { name: 'a1' }])
  expect((await desk.shardex(['ls', 'b', '--all', '-n', '1'])).stderr).toContain('--limit')
})

test('a list that is cut says so on stderr', async () => {
  await using desk = await openDesk()
  await commit(desk, ['a', 'b', 'c'])
  const cut = await desk.shardex(['ls', '--limit', '2'])
  expect(cut).toMatchObject({ code: 0, stderr: expect.stringContaining('--limit') })
  expect(cut.stdout).not.toMatch(/^c /m)
  expect((await desk.shardex(['ls', '--limit', '3'])).stderr).toBe('')
})

test('what is not known of an entry is a question mark, and in JSON left out', async () => {
  await using desk = await openDesk()
  await commit(desk, ['a'])
  expect((await desk.shardex(['ls'])).stdout).toMatch(/\na +1 +\? +\? +\? /)
  const [row] = (await desk.json(['ls'])) as object[]
  expect(Object.keys(row ?? {}).sort()).toEqual(['atMs', 'cid', 'name', 'revision', 'schemaRef'])
  expect((await desk.shardex(['show', 'a'])).stdout).toContain('not readable in this registry')
})

test('where there is no registry, looking makes none', async () => {
  await using desk = await openDesk()
  for (const command of [
    ['ls'],
    ['show', 'x'],
    ['head', 'x'],
    ['history', 'x'],
    ['schema', 'ls'],
    ['label', 'x', '1'],
    ['rm', 'x'],
  ]) {
    const ended = await desk.shardex([...command, '--home', 'typo'])
    expect(ended, command.join(' ')).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('typo/index.db') })
  }
  expect(await readdir(desk.dir.path)).toEqual([])
})

test('an empty registry says what to do', async () => {
  await using desk = await openDesk()
  await desk.json(['doctor'])
  expect(await desk.shardex(['ls'])).toMatchObject({ code: 0, stdout: expect.stringContaining('shardex insert') })
  expect(await desk.json(['ls'])).toEqual([])
})

test('text of others cannot speak to the terminal', async () => {
  await using desk = await openDesk()
  await desk.dir.write('rows.jsonl', JSON.stringify({ text: '\u001b[31mred\u0007' }))
  const inserted = await desk.shardex(['insert', 'rows.jsonl', '--name', 'x', '--metadata', 'note=\u001b]0;title\u0007'], {
    tty: true,
  })
  expect(inserted.code).toBe(0)
  for (const command of [['show', 'x'], ['head', 'x'], ['ls'], ['verify', 'x']]) {
    expect((await desk.shardex(command)).stdout, command.join(' ')).not.toMatch(/[^\P{Cc}\n]/u)
  }
  expect((await desk.shardex(['head', 'x'])).stdout).toContain('\\x1b[31mred\\x07')
})

test('show tells the content, and the length of a history without reading it', async () => {
  await using desk = await openDesk()
  for (const id of [1, 2, 3]) {
    await desk.dir.write('rows.jsonl', JSON.stringify({ id }))
    await desk.json(['insert', 'rows.jsonl', '--name', 'rows'])
  }
  const { contentCid } = (await desk.json(['show', 'rows'])) as { contentCid: string }
  expect((await desk.shardex(['show', 'rows'])).stdout).toMatch(new RegExp(`\\ncontent +${contentCid}\\n`))
  expect(await desk.json(['show', 'rows', '--at', '1'])).toMatchObject({ revision: 1, historyLength: 3 })
  using database = new DatabaseSync(`${desk.dir.path}/home/index.db`)
  database.exec('DELETE FROM shardex_history WHERE revision = 2')
  expect(await desk.json(['show', 'rows'])).toMatchObject({ revision: 3, historyLength: 3 })
  await desk.json(['rm', 'rows'])
  expect(await desk.json(['show', 'rows', '--at', '1'])).toMatchObject({ historyLength: 4 })
})

async function commit(desk: Desk, names: readonly string[]): Promise<void> {
  await using index = new LocalIndex({ path: `${desk.dir.path}/home/index.db` })
  for (const name of names) {
    await index.commitEntry({ name, schemaRef: 'local://schemas/X@1.0.0', dataUrls: [`/nowhere/${name}.tar`] })
  }
}
