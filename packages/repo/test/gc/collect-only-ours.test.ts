import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { ownUuid } from '../../src/ingest/own-uuid.ts'
import { describeSettings } from '../settings.ts'
import { gc, ingests, marks } from './collecting.ts'
import { addByHand, insert, purge, putForeign, rootOf, startWriter, withIndexes } from './writers.ts'

const HOUR_MS = 3_600_000

describeSettings('collectGarbage in a place that is shared', (open) => {
  test('what is needed again in time loses its mark, whoever needs it', async () => {
    await using setting = await open()
    const texts = ['one', 'two', 'three', 'four', 'five']
    const { dataUrls, cid } = await insert(setting, 'all', texts, { layout: 'content' })
    await purge(setting, { cid })
    await gc(setting)
    const writer = await startWriter(setting, { layout: 'content', folder: 'all' })
    await writer.write('one')
    await addByHand(setting, 'literally', [dataUrls[1] as string])
    // These are not the URLs that marks are on.
    await addByHand(setting, 'elsewhere', [`https://mirror.example/x/${dataUrls[2]?.split('/').at(-1)}?version=1`])
    const encoded = [...(dataUrls[3]?.split('/').at(-1) ?? '')].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')
    await addByHand(setting, 'encoded', [`https://mirror.example/${encoded}`])
    expect(await gc(setting)).toMatchObject({ deleted: { objects: 2 }, problems: [] })
    expect((await setting.objects()).sort()).toEqual(withIndexes(dataUrls.slice(0, 4)).sort())
    expect((await marks(setting)).filter(({ state }) => state === 'marked')).toEqual([])
  })

  test('braces, escapes and patterns too large to expand hold what they may mean', async () => {
    await using setting = await open()
    const { dataUrls, cid } = await insert(setting, 'a', ['0', '1', '2', '3'])
    const others = await insert(setting, 'b', ['4', '5'])
    await purge(setting, { cid })
    await purge(setting, others)
    const base = dataUrls[0]?.slice(0, -'000000.tar'.length)
    await addByHand(setting, 'pattern', [`${base}{000001..000002}.tar`])
    await addByHand(setting, 'huge', [`${others.dataUrls[0]?.slice(0, -'000000.tar'.length)}{000000..999999}.tar`])
    for (const _ of [1, 2]) await gc(setting)
    expect((await setting.objects()).sort()).toEqual(withIndexes([...dataUrls.slice(1, 3), ...others.dataUrls]).sort())
  })

  test('objects of others are never touched, however they are named', async () => {
    await using setting = await open()
    const gone = await insert(setting, 'set', ['one'], { folder: 'set' })
    const shared = await insert(setting, 'shared', ['one'], { folder: 'set', layout: 'content' })
    const [uuid] = /data--(.*)--/.exec(gone.dataUrls[0] as string)?.slice(1) ?? []
    const id = await setting.index.registryId()
    const foreign = [
      'readme.txt',
      `set/data--${randomUUID()}--000000.tar`,
      `set/data--${uuid}--notes.txt`,
      `set/data--${uuid}--000000.tar.bak`,
      `set/data--${uuid}--000009.tar/nested`,
      `set/data--${uuid}-000000.tar`,
      `set/content/${randomUUID()}/${'0'.repeat(64)}.tar`,
      `set/content/${id}/readme.txt`,
      `set/content/${id}/${'0'.repeat(63)}.tar`,
      `set/content/${id}/deeper/${'0'.repeat(64)}.tar`,
      `set/content/${id}x/${'0'.repeat(64)}.tar`,
    ]
    const urls = []
    for (const path of foreign) urls.push(await putForeign(setting, path))
    for (const entry of [gone, shared]) await purge(setting, entry)
    for (const _ of [1, 2, 3]) expect((await gc(setting)).problems).toEqual([])
    expect((await setting.objects()).sort()).toEqual(urls.sort())
  })

  test('a journal that names what is not ours is reported, and nothing there is looked at', async () => {
    await using setting = await open()
    const { root } = await rootOf(setting)
    const victim = await putForeign(setting, 'victim/000000.tar')
    const lease = { owner: 'x', leaseMs: 1000 }
    const other = `victim/data--${ownUuid(randomUUID())}--`
    const ofAnother = await putForeign(setting, `${other}000000.tar`)
    const bases = [
      `${root}victim/`,
      root,
      `${root}content/${randomUUID()}/`,
      `${root}a/../data--${ownUuid(await setting.index.registryId())}--`,
      `${root}${other}`,
      'pipe:rm',
    ]
    for (const [i, base] of bases.entries()) {
      const layout = base.includes('content') ? 'content' : 'sequence'
      const plan = { id: `bad ${i}`, name: 'bad', base, layout, settings: 'x', resumable: false } as const
      await setting.index.ingests.begin(plan, lease)
      await setting.index.ingests.abandon(plan.id, { owner: 'x' })
    }
    await setting.index.garbage.mark([victim, ofAnother])
    for (const _ of [1, 2]) expect((await gc(setting)).problems.map(({ url }) => url).sort()).toEqual([...bases].sort())
    expect((await setting.objects()).sort()).toEqual([victim, ofAnother])
  })

  test('what a repair has put aside goes with its shard', async () => {
    await using setting = await open()
    for (const layout of ['sequence', 'content'] as const) {
      const entry = await insert(setting, layout, [`of ${layout}`], { layout })
      const aside = withIndexes(entry.dataUrls).map((url) => `${url}.quarantine-0123456789ab`)
      for (const url of aside) await setting.overwrite(url, Buffer.from('damaged'))
      for (const _ of [1, 2]) await gc(setting)
      expect(await setting.objects()).toHaveLength(4)
      await purge(setting, entry)
      for (const _ of [1, 2]) await gc(setting)
      expect(await setting.objects()).toEqual([])
    }
  })

  test('a store that cannot be asked is reported, and the rest is collected', async () => {
    await using setting = await open()
    await insert(setting, 'a', ['one']).then((entry) => purge(setting, entry))
    const base = `http://127.0.0.1:1/data--${ownUuid(await setting.index.registryId())}--`
    const lease = { owner: 'x', leaseMs: 1000 }
    await setting.index.ingests.begin(
      { id: 'web', name: 'web', base, layout: 'sequence', settings: 'x', resumable: false },
      lease,
    )
    await setting.index.ingests.abandon('web', { owner: 'x' })
    await setting.index.garbage.mark([`${base}000000.tar`])
    await gc(setting)
    const report = await gc(setting)
    expect(report).toMatchObject({ deleted: { objects: 2 }, problemCount: 1, problems: [{ url: base }] })
    expect(await marks(setting)).toMatchObject([{ url: `${base}000000.tar`, state: 'marked' }])
    expect(await ingests(setting)).toContain('web abandoned')
  })

  test('marks of what is gone are dropped', async () => {
    await using setting = await open()
    const entry = await insert(setting, 'a', ['one'])
    await purge(setting, entry)
    await gc(setting, { graceMs: HOUR_MS })
    for (const url of await setting.objects()) await setting.remove(url)
    await setting.index.garbage.mark([`${(await rootOf(setting)).root}never-ours.tar`])
    await gc(setting, { graceMs: HOUR_MS })
    expect(await marks(setting)).toEqual([])
  })
})
