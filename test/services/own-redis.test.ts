import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, test } from 'vitest'
import { describeRedis, findProgram, startRedis, untilReady } from './index.ts'

/** A program that starts a Redis, says where, and waits for its end: a signal, or ours (then its stdin closes). */
const HOLDER = `
  import { startRedis } from '${new URL('./redis.ts', import.meta.url).href}'
  import { Redis } from 'ioredis'
  const redis = await startRedis()
  const client = new Redis(redis.address.url)
  const [, dir] = await client.config('GET', 'dir')
  console.log(JSON.stringify({ pid: redis.child().pid, dir }))
  process.stdin.resume().on('end', () => process.exit())`

describeRedis('a Redis of one’s own', () => {
  test('comes back after a crash at the same address with what its append-only file holds', async () => {
    await using redis = await startRedis({ appendOnly: true })
    const client = new Redis(redis.address.url)
    client.on('error', () => undefined)
    await client.set('key', 'value')
    const { pid } = redis.child()
    await redis.stop('SIGKILL')
    expect(isAlive(pid)).toBe(false)
    await redis.restart()
    expect(await client.get('key')).toBe('value')
    client.disconnect()
  })

  test('takes settings, and tells what redis-server says when it does not start', async () => {
    await using redis = await startRedis({ settings: { maxmemory: '16mb' } })
    const client = new Redis(redis.address.url)
    expect(await client.config('GET', 'maxmemory')).toEqual(['maxmemory', String(16 << 20)])
    client.disconnect()
    await expect(startRedis({ settings: { 'maxmemory-policy': 'nonsense' } })).rejects.toThrow(/must be one of/)
  })

  describe('whose holder is interrupted', () => {
    let holder: ChildProcess | undefined
    afterEach(() => holder?.kill('SIGKILL'))

    const hold = async (): Promise<{ pid: number; dir: string }> => {
      holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER], {
        stdio: ['pipe', 'pipe', 'inherit'],
        cwd: import.meta.dirname,
      })
      const [line] = await once(createInterface({ input: holder.stdout as NodeJS.ReadableStream }), 'line')
      return JSON.parse(String(line)) as { pid: number; dir: string }
    }

    test.each(['SIGINT', 'SIGTERM'] as const)('by %s leaves no process and no folder', async (signal) => {
      const { pid, dir } = await hold()
      expect([isAlive(pid), existsSync(dir)]).toEqual([true, true])
      holder?.kill(signal)
      const [code] = await once(holder as ChildProcess, 'exit')
      expect(code).toBe(signal === 'SIGINT' ? 130 : 143)
      await untilReady(async () => expect(isAlive(pid)).toBe(false), { what: `the end of process ${pid}`, deadlineMs: 10_000 })
      expect(existsSync(dir)).toBe(false)
    })

    test.skipIf(!findProgram('setpriv'))('by SIGKILL leaves no process (needs setpriv of Linux)', async () => {
      const { pid, dir } = await hold()
      holder?.kill('SIGKILL')
      await untilReady(async () => expect(isAlive(pid)).toBe(false), { what: `the end of process ${pid}`, deadlineMs: 10_000 })
      // Nobody was left to remove it.
      await rm(dir, { recursive: true })
    })
  })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
