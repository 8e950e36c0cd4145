import { AtpAgent } from '@atproto/api'
import { expect, test } from 'vitest'
import { describePds, shared, startPds } from '../../../../test/services/index.ts'
import { promote, unpromote } from '../../src/index.ts'
import { labelKey } from '../../src/record-keys.ts'
import { newAgent, openHousehold, recordAt, recordsOf, refusal } from './household.ts'

await describePds('unpromote', () => {
  const pds = shared(startPds)
  const home = shared(openHousehold)

  const LABELS = 'science.alt.dataset.label'

  test('takes back more records than a list or a commit holds', async () => {
    const agent = await newAgent(pds())
    const repo = agent.assertDid
    const { labelUri } = await promote(await home().insert('many', 10), home().index, agent)
    const label = await recordAt(agent, labelUri)
    const writes = Array.from({ length: 210 }, (_, i) => ({
      $type: 'com.atproto.repo.applyWrites#create' as const,
      collection: LABELS,
      rkey: labelKey({ name: 'many', version: String(i) }),
      value: { ...label, version: String(i) },
    }))
    for (const some of [writes.slice(0, 105), writes.slice(105)]) await agent.com.atproto.repo.applyWrites({ repo, writes: some })
    const { deleted } = await unpromote(agent, { name: 'many' })
    expect(new Set(deleted).size).toBe(213)
    expect(deleted).toHaveLength(213)
    expect(await recordsOf(agent)).toEqual({})
  })

  test('looks again if somebody writes meanwhile, and leaves what is needed since', async () => {
    const agent = await newAgent(pds())
    const { uri, labelUri, schemaUri } = await promote(await home().insert('needed', 10), home().index, agent)
    let commits = 0
    const racing = await agentOf(agent, async (url) => {
      if (!url.endsWith('applyWrites') || commits++ > 0) return undefined
      const record = { ...(await recordAt(agent, labelUri)), name: 'kept by another name' }
      await agent.com.atproto.repo.createRecord({ repo: agent.assertDid, collection: LABELS, record })
      return undefined
    })
    expect(await unpromote(racing, { name: 'needed' })).toEqual({ deleted: [labelUri] })
    expect(commits).toBe(2)
    expect(await recordAt(agent, uri)).toMatchObject({ name: 'needed', schemaRef: schemaUri })
    expect(await recordAt(agent, schemaUri)).toMatchObject({ name: 'Digit' })
  })

  test.each(['sourceSchema', 'targetSchema'])('leaves a schema that a lens names as its %s', async (end) => {
    const agent = await newAgent(pds())
    const { schemaUri } = await promote(await home().insert('seen', 10), home().index, agent)
    const elsewhere = 'at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/science.alt.dataset.schema/Other'
    const record = { $type: 'science.alt.dataset.lens', sourceSchema: elsewhere, targetSchema: elsewhere, [end]: schemaUri }
    await agent.com.atproto.repo.createRecord({ repo: agent.assertDid, collection: record.$type, record })
    expect((await unpromote(agent, { name: 'seen' })).deleted).toHaveLength(2)
    expect(await recordAt(agent, schemaUri)).toMatchObject({ name: 'Digit' })
  })

  test('asks no PDS for ever that always has one more page', async () => {
    const agent = await newAgent(pds())
    const { labelUri } = await promote(await home().insert('endless', 10), home().index, agent)
    let pages = 0
    const endless = await agentOf(agent, async (url) => {
      if (!url.includes('listRecords')) return undefined
      pages += 1
      if (pages > 100) throw new Error('it asked for ever')
      return Response.json({ records: [], cursor: 'more' })
    })
    await refusal(unpromote(endless, { name: 'endless' }), 'record.invalid')
    expect(await recordAt(agent, labelUri)).toMatchObject({ name: 'endless' })
  })

  /** The same account by way of a network in which something happens before a request is sent, or is answered by somebody else. */
  async function agentOf(agent: AtpAgent, happen: (url: string) => Promise<Response | undefined>): Promise<AtpAgent> {
    const other = new AtpAgent({
      service: pds().url,
      fetch: async (input, init) => {
        const url = input instanceof Request ? input.url : String(input)
        return (await happen(url)) ?? fetch(input, init)
      },
    })
    await other.resumeSession(agent.session!)
    return other
  }
})
