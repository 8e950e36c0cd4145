import { expect, test } from 'vitest'
import { freePorts } from '../../../../test/services/index.ts'
import { describeDesks, openDesk } from './desk.ts'

describeDesks('doctor', (open) => {
  test('finds everything well, and leaves no probe', async () => {
    await using desk = await open()
    const checks = (await desk.json(['doctor'])) as { name: string; status: string }[]
    expect(checks.filter(({ status }) => status === 'fail')).toEqual([])
    expect(new Set(checks.map(({ name }) => name))).toEqual(new Set(['node', 'registry', 'registry settings', 'store', 'clock']))
    expect(await desk.objects()).toEqual([])
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
