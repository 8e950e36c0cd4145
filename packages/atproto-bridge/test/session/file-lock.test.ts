import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, stat, utimes } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TempDir, tempDir } from '../../../../test/services/index.ts'
import { withFileLock } from '../../src/session/file-lock.ts'

const LOCK = fileURLToPath(new URL('../../src/session/file-lock.ts', import.meta.url))
const HOLDER = `
import { withFileLock } from ${JSON.stringify(LOCK)}
await withFileLock(process.argv[1], () => new Promise(() => { console.log('held'); setInterval(() => {}, 1000) }))
`

let home: TempDir
beforeAll(async () => {
  home = await tempDir('file-lock')
})
afterAll(() => home[Symbol.asyncDispose]())

/** Another process that holds a lock until it is killed. */
async function holder(path: string): Promise<() => Promise<void>> {
  const argv = ['--conditions=@shardex/source', '--input-type=module', '-e', HOLDER, path]
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return async () => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
}

test('one at a time is inside, and the lock is free after a failure, too', async () => {
  const path = home.file('one', 'x.lock')
  let [inside, most, total] = [0, 0, 0]
  const enter = (): Promise<void> =>
    withFileLock(path, async () => {
      inside += 1
      most = Math.max(most, inside)
      await stat(path)
      inside -= 1
      total += 1
    })
  await Promise.all(Array.from({ length: 5 }, enter))
  expect([most, total]).toEqual([1, 5])
  await expect(withFileLock(path, () => Promise.reject(new Error('inside')))).rejects.toThrow('inside')
  expect(await withFileLock(path, async () => 'free')).toBe('free')
  expect(await readdir(home.file('one'))).toEqual(['x.lock'])
})

test('a process that was killed holds nothing, and leaves nothing beside the lock', async () => {
  const path = home.file('killed', 'x.lock')
  const kill = await holder(path)
  await kill()
  // Aborted if it had to wait at all.
  expect(await withFileLock(path, async () => 'mine', AbortSignal.timeout(5000))).toBe('mine')
  expect(await readdir(home.file('killed'))).toEqual(['x.lock'])
})

test('a process that lives holds it, however old the file is; whoever waits may give up', async () => {
  const path = home.file('alive', 'x.lock')
  const kill = await holder(path)
  try {
    const hourAgo = new Date(Date.now() - 3_600_000)
    await utimes(path, hourAgo, hourAgo)
    let entered = false
    const waiting = withFileLock(
      path,
      async () => {
        entered = true
      },
      AbortSignal.timeout(300),
    )
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(entered).toBe(false)
  } finally {
    await kill()
  }
})
