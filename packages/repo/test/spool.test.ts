import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { openSpool } from '../src/spool/open-spool.ts'

test('what killed processes have left a day ago is swept; what is young, or of a process that lives, stays for a week', async () => {
  const home = await mkdtemp(join(tmpdir(), 'shardex-test-'))
  vi.stubEnv('TMPDIR', home)
  try {
    const { pid: dead } = spawnSync(process.execPath, ['-e', ''])
    const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000)
    const make = async (name: string, changedAt = twoDaysAgo): Promise<string> => {
      await mkdir(join(home, name, 'inside'), { recursive: true })
      await utimes(join(home, name), changedAt, changedAt)
      return name
    }
    const mine = await make(`shardex-spool-${process.pid}-old`)
    const aWeekAgo = new Date(Date.now() - 8 * 86_400_000)
    for (const pid of [process.pid, process.ppid]) await make(`shardex-spool-${pid}-forgotten`, aWeekAgo)
    const parents = await make(`shardex-spool-${process.ppid}-old`)
    const young = await make(`shardex-spool-${dead}-young`, new Date())
    const others = await make('something-else')
    for (const name of [`shardex-spool-${dead}-old`, 'shardex-spool-x1y2z3', 'shardex-spool-99x', 'shardex-spool-0123456789-x'])
      await make(name)
    {
      await using spool = await openSpool()
      expect(spool.path).toContain(`shardex-spool-${process.pid}-`)
      expect(await readdir(home)).toContain(spool.path.slice(home.length + 1))
    }
    expect(new Set(await readdir(home))).toEqual(new Set([mine, parents, young, others]))
  } finally {
    vi.unstubAllEnvs()
    await rm(home, { recursive: true })
  }
})
