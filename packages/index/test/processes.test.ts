import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { IndexLocation } from '@shardex/index'
import { LocalIndex } from '@shardex/index'
import { describe, expect, test } from 'vitest'
import { describeRedis } from '../../../test/services/describe.ts'
import { redisPlace, sqlitePlace } from './places.ts'

const run = promisify(execFile)
const WRITER = fileURLToPath(new URL('./writer.ts', import.meta.url))
const [PROCESSES, COMMITS] = [3, 30]

describe('several processes on one SQLite file', () => {
  test('make every commit one revision, from the first moment on', async () => {
    await using place = await sqlitePlace()
    await expectOneHistory({ path: place.path })
  })
})

describeRedis('several processes on one Redis', () => {
  test('make every commit one revision, from the first moment on', async () => {
    await using place = await redisPlace()
    await expectOneHistory({ redis: place.url, keyPrefix: place.keyPrefix })
  })
})

/** Each process counts a name up by compare and swap, and says how often it lost. */
async function expectOneHistory(location: IndexLocation): Promise<void> {
  const started = Array.from({ length: PROCESSES }, (_, i) => {
    const args = ['--conditions=@shardex/source', WRITER, JSON.stringify(location), String(i), String(COMMITS)]
    return run(process.execPath, args)
  })
  await Promise.all(started)
  await using index = new LocalIndex(location)
  const revisions: number[] = []
  for await (const step of index.history('shared')) revisions.push(step.revision)
  expect(revisions).toEqual(Array.from({ length: PROCESSES * COMMITS }, (_, i) => i + 1))
  expect(await index.verifyHistory('shared')).toMatchObject({ ok: true, revisions: PROCESSES * COMMITS })
  expect((await index.diagnose()).counts).toMatchObject({ entries: PROCESSES * COMMITS, names: 1 })
}
