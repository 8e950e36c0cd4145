import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { type Desk, type Ended, openDesk } from './desk.ts'
import { endOf, startShardex } from './shardex-process.ts'

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
  const child = startShardex(desk, ['insert', 'rows.jsonl', '--name', 'rows', '--maxcount', '200'])
  const ended = endOf(child)
  // The first shard is there long before the last.
  while (child.exitCode === null && (await desk.objects()).length === 0) await new Promise(setImmediate)
  child.kill(signal)
  expect(await ended).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(/shardex: stopped; nothing is left\n$/) })
  expect(await desk.objects()).toEqual([])
  expect(await desk.json(['ls', '--all'])).toEqual([])
})

test('a reader that closes the pipe is no error', async () => {
  await using desk = await openDesk()
  const child = startShardex(desk, ['--help'])
  child.stdout?.destroy()
  const [code] = (await once(child, 'close')) as [number]
  expect({ code, stderr: await text(child.stderr as NodeJS.ReadableStream) }).toEqual({ code: 0, stderr: '' })
})

function run(desk: Desk, argv: readonly string[]): Promise<Ended> {
  return endOf(startShardex(desk, argv))
}
