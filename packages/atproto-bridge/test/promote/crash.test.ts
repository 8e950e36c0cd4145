import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import {
  describePds,
  type OwnPds,
  RESTART_MS,
  shared,
  startChild,
  startPds,
  untilReady,
} from '../../../../test/services/index.ts'
import { promote } from '../../src/index.ts'
import { interrupted, login, newAgent, openHousehold, recordsOf, refusal } from './household.ts'
import type { HangSettings } from './promote-and-hang.ts'

const PROGRAM = fileURLToPath(new URL('promote-and-hang.ts', import.meta.url))

await describePds('a promotion that is interrupted', () => {
  const pds = shared(startPds)
  const home = shared(openHousehold)

  test('by the death of its process is not seen at all, and goes on with the blobs that are missing', async () => {
    const { handle, password } = await pds().createAccount('killed.test', 'hunter22')
    const entry = await home().insert('killed', 50)
    const settings: HangSettings = {
      url: pds().url,
      handle,
      password,
      indexPath: home().dir.file('index.db'),
      name: 'killed',
      blob: 9,
    }
    const program = [...process.execArgv, '--conditions=@shardex/source', PROGRAM, JSON.stringify(settings)]
    await using child = await startChild(process.execPath, program, { logFile: home().dir.file('killed.log') })
    await untilReady(async () => expect(await child.logTail()).toMatch(/hanging$/), { what: 'the program that promotes', child })
    await child.stop('SIGKILL')
    const agent = await login(pds(), handle, password)
    expect(await recordsOf(agent)).toEqual({})

    const sizes = new Map(
      entry.shards!.flatMap((shard): [string, number][] => [
        [shard.url, shard.sizeBytes],
        [`${shard.url}.idx`, shard.indexSizeBytes],
      ]),
    )
    for (const sent of (await child.logTail()).split('\n').slice(0, -1)) expect(sizes.delete(sent)).toBe(true)
    const resumed = await promote(entry, home().index, agent)
    expect(sizes.size).toBe(2)
    expect(resumed.sentBytes).toBe([...sizes.values()].reduce((sum, size) => sum + size))
    expect(Object.keys(await recordsOf(agent))).toHaveLength(3)
    await allBlobsAreThere(pds(), agent.assertDid, 10)
  })

  test('by the death of the PDS says so, and goes on when it is back', { timeout: RESTART_MS }, async () => {
    const agent = await newAgent(pds())
    const entry = await home().insert('away', 50)
    const source = interrupted(home().repo.store.storage, 9, () => pds().kill())
    const error = await refusal(promote(entry, home().index, agent, { source }), 'atmosphere.unavailable')
    expect(error.message).toMatch(/Do the same again when it answers/)
    await pds().restart()
    expect(await recordsOf(agent)).toEqual({})
    const resumed = await promote(entry, home().index, agent)
    expect(resumed.sentBytes).toBeLessThan(entry.sizeBytes!)
    expect(resumed).toMatchObject({ entry: 'created', label: 'created' })
    await allBlobsAreThere(pds(), agent.assertDid, 10)
    expect(await promote(entry, home().index, agent)).toMatchObject({ entry: 'unchanged', sentBytes: 0 })
  })
})

async function allBlobsAreThere(pds: OwnPds, did: string, count: number): Promise<void> {
  const listed = await fetch(`${pds.url}/xrpc/com.atproto.sync.listBlobs?${new URLSearchParams({ did })}`)
  const { cids } = (await listed.json()) as { cids: string[] }
  expect(cids).toHaveLength(count)
  for (const cid of cids) {
    const response = await fetch(`${pds.url}/xrpc/com.atproto.sync.getBlob?${new URLSearchParams({ did, cid })}`)
    await response.body?.cancel()
    expect(response.status).toBe(200)
  }
}
