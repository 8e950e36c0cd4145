import { symlink } from 'node:fs/promises'
import { openFileStore } from '@shardex/storage'
import { expect, test } from 'vitest'
import { freePorts } from '../../../../test/services/index.ts'
import { probeStore } from '../../src/doctor/check-store.ts'
import { tempDir } from '../temp-dir.ts'
import { describeDesks, openDesk } from './desk.ts'

describeDesks('doctor', (open) => {
  test('finds everything well, and leaves no probe', async () => {
    await using desk = await open()
    const checks = (await desk.json(['doctor'])) as { name: string; status: string }[]
    expect(checks.filter(({ status }) => status === 'fail')).toEqual([])
    expect(new Set(checks.map(({ name }) => name))).toEqual(new Set(['node', 'registry', 'registry settings', 'store', 'clock']))
    expect(await desk.objects()).toEqual([])
  })

  test('tells inserts that were interrupted, and until when they can be continued', async () => {
    await using desk = await open()
    const keys = [...Array(20).keys(), 19]
    await desk.dir.write('rows.jsonl', keys.map((key) => JSON.stringify({ __key__: String(key), n: key })).join('\n'))
    const command = ['insert', 'rows.jsonl', '--name', 'rows', '--maxcount', '7']
    expect((await desk.shardex([...command, '--resume'])).code).not.toBe(0)
    for (let limit = 1; limit <= 10; limit++)
      expect((await desk.shardex([...command.with(3, `other-${limit}`), '--resume'])).code).not.toBe(0)
    const { code, stdout } = await desk.shardex(['doctor'])
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /inserts: 11 interrupted inserts: rows, [0-2] shards?, until 20\d\d-\d\d-\d\d; other-1, .*; and 1 more\n/,
    )
    expect(stdout).toMatch(/→ the same command with --resume goes on/)
  })

  test('--adopt says how much was found', async () => {
    await using desk = await open()
    expect((await desk.shardex(['doctor', '--adopt'])).stdout).toContain('adopt: 0 records of atdata newly indexed')
  })
})

test('what is broken is told with the next step, each on its own, and the exit code is 1', async () => {
  await using desk = await openDesk()
  const [port] = await freePorts(1)
  const file = await desk.dir.write('a-file', 'in the way')
  const { code, stdout } = await desk.shardex(['doctor', '--redis', `redis://127.0.0.1:${port}`, '--root', `${file}/data`])
  expect(code).toBe(1)
  expect(stdout).toMatch(/^ok {4}node: .*\nFAIL {2}registry: .*\n {6}→ .*\nFAIL {2}store: .*\n {6}→ .*--root.*\n$/)
})

test('a disk that is not mounted is told, for the store and for the registry', async () => {
  await using desk = await openDesk()
  await symlink(`${desk.dir.path}/not-mounted/disk`, `${desk.dir.path}/disk`)
  const { code, stdout } = await desk.shardex(['doctor', '--db', 'disk/a/index.db', '--root', 'disk/data'])
  expect(code).toBe(1)
  expect(stdout).toMatch(/FAIL {2}registry: .*is the disk mounted.*\n.*\nFAIL {2}store: .*is the disk mounted/)
})

test('a store that gives back something else than it was given is found out, and the probe is deleted', async () => {
  await using dir = await tempDir()
  await using store = await openFileStore(dir.path)
  const { signal } = new AbortController()
  expect(await probeStore(store, signal)).toBeTypeOf('number')
  for (const changed of [
    (body: Uint8Array) => body.subarray(1),
    (body: Uint8Array) => body.toReversed(),
    () => Buffer.from('shardex doctor'),
  ]) {
    const faulty = { ...store, put: (key: string, body: unknown) => store.put(key, changed(body as Uint8Array)) }
    await expect(probeStore(faulty, signal)).rejects.toMatchObject({ code: 'storage.corrupt' })
    expect((await store.list('')).objects).toEqual([])
  }
})
