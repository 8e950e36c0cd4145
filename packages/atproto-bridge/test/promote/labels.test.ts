import { expect, test } from 'vitest'
import { describePds, shared, startPds } from '../../../../test/services/index.ts'
import { promote } from '../../src/index.ts'
import { newAgent, openHousehold, recordAt } from './household.ts'

await describePds('the time of a label', () => {
  const pds = shared(startPds)
  const home = shared(openHousehold)

  const day = (date: number): Date => new Date(Date.UTC(2026, 0, date))

  test('stays where only more is said, so that an older version does not become the newest by that', async () => {
    const agent = await newAgent(pds())
    const [one, two] = [await home().insert('said', 10), await home().insert('said', 20)]
    const { labelUri } = await promote(one, home().index, agent, { version: '1', now: day(1) })
    const newest = await promote(two, home().index, agent, { version: '2', now: day(2) })
    const said = await promote(one, home().index, agent, { version: '1', now: day(3), description: 'mended' })
    expect(said).toMatchObject({ label: 'updated', labelUri })
    expect(await recordAt(agent, labelUri)).toMatchObject({ description: 'mended', createdAt: day(1).toISOString() })
    expect(await recordAt(agent, newest.labelUri)).toMatchObject({ createdAt: day(2).toISOString() })
  })

  test('is new where the label moves to other data', async () => {
    const agent = await newAgent(pds())
    await promote(await home().insert('moved', 10), home().index, agent, { now: day(1) })
    const { labelUri, uri } = await promote(await home().insert('moved', 20), home().index, agent, { now: day(2) })
    expect(await recordAt(agent, labelUri)).toMatchObject({ datasetUri: uri, createdAt: day(2).toISOString() })
  })
})
