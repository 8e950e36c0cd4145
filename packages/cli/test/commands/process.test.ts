import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type Desk, type Ended, openDesk } from './desk.ts'

const BIN = fileURLToPath(new URL('../../src/bin.ts', import.meta.url))

test('a process exits with the code of its command, and writes no progress into a pipe', async () => {
  await using desk = await openDesk()
  await desk.dir.write('rows.jsonl', '{"id":1}\n{"id":2}')
  const inserted = await run(desk, ['insert', 'rows.jsonl', '--name', 'rows'])
  expect(inserted).toMatchObject({ code: 0, stdout: expect.stringContaining('revision 1') })
  expect(inserted.stderr).not.toContain('\u001b')
  expect(await run(desk, ['show', 'nope'])).toMatchObject({ code: 3, stdout: '' })
  expect(await run(desk, ['nope'])).toMatchObject({ code: 2, stdout: '' })
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s in the middle of an insert leaves nothing and exits with %i', async (signal, code) => {
  await using desk = await openDesk()
  const row = `{"text":"${'x'.repeat(5000)}"}\n`
  await desk.dir.write('rows.jsonl', row.repeat(40_000))
  const child = start(desk, ['insert', 'rows.jsonl', '--name', 'rows', '--maxcount', '200'])
  const ended = end(child)
  // The first shard is there long before the last.
  while (child.exitCode === null && (await desk.objects()).length === 0) await new Promise(setImmediate)
  child.kill(signal)
  expect(await ended).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(/shardex: stopped\n$/) })
  expect(await desk.objects()).toEqual([])
  expect(await desk.json(['ls', '--all'])).toEqual([])
})

test('a reader that closes the pipe is no error', async () => {
  await using desk = await openDesk()
  const child = start(desk, ['--help'])
  child.stdout?.destroy()
  const [code] = (await once(child, 'close')) as [number]
  expect({ code, stderr: await text(child.stderr as NodeJS.ReadableStream) }).toEqual({ code: 0, stderr: '' })
})

function start(desk: Desk, argv: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--conditions=@shardex/source', BIN, ...argv], {
    cwd: desk.dir.path,
    env: { PATH: process.env['PATH'] ?? '', ...desk.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function end(child: ChildProcess): Promise<Ended> {
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    once(child, 'close') as Promise<[number]>,
  ])
  return { code, stdout, stderr }
}

function run(desk: Desk, argv: readonly string[]): Promise<Ended> {
  return end(start(desk, argv))
}
