import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { collectGarbage, type GarbageObject, type GarbageOptions, undoGarbage } from '../../src/index.ts'
import { ownUuid } from '../../src/ingest/own-uuid.ts'
import { describeSettings, type Setting } from '../settings.ts'
import { addByHand, insert, purge, putForeign, rootOf, startWriter, withIndexes } from './writers.ts'

const HOUR_MS = 3_600_000

/** Acts at once, unless told otherwise. */
function gc({ index, store }: Setting, options: Partial<GarbageOptions> = {}) {
  return collectGarbage({ index, storage: store.storage, graceMs: 0, resumableMs: 0, journalMs: 0, uploadMs: 0, ...options })
}

async function marks({ index }: Setting) {
  const all = []
  for await (const mark of index.garbage.list(0)) all.push(mark)
  return all
}

async function ingests({ index }: Setting): Promise<string[]> {
  const all = []
  for await (const { state, name } of index.ingests.list()) all.push(`${name} ${state}`)
  return all
}

describeSettings('collectGarbage', (open) => {
  test('the first run marks, a later one deletes, and the last journal goes with the last object', async () => {
    await using setting = await open()
    const kept = await insert(setting, 'kept', ['one', 'two'])
    const entry = await insert(setting, 'gone', ['three'])
    await purge(setting, entry)
    expect(await gc(setting)).toMatchObject({ marked: { objects: 2, bytes: 19 }, deleted: { objects: 0 }, problems: [] })
    expect(await setting.objects()).toHaveLength(6)
    expect(await gc(setting)).toMatchObject({ marked: { objects: 0 }, deleted: { objects: 2, bytes: 19 } })
    expect((await setting.objects()).sort()).toEqual(withIndexes(kept.dataUrls))
    expect(await gc(setting)).toMatchObject({ seen: { objects: 0 }, forgotten: 1 })
    expect(await marks(setting)).toEqual([])
    expect(await ingests(setting)).toEqual(['kept committed'])
  })

  test('within the grace time nothing is deleted, and undo gives it anew', async () => {
    await using setting = await open()
    const { dataUrls, cid } = await insert(setting, 'gone', ['one'])
    await purge(setting, { cid })
    await gc(setting, { graceMs: HOUR_MS })
    const [mark] = await marks(setting)
    const found: GarbageObject[] = []
    const waiting = await gc(setting, { graceMs: HOUR_MS, onObject: (object) => found.push(object) })
    const dueAtMs = (mark?.markedAtMs ?? 0) + HOUR_MS
    expect(waiting).toMatchObject({ waiting: { objects: 2 }, deleted: { objects: 0 }, nextDueAtMs: dueAtMs })
    expect(found[0]).toMatchObject({ url: dataUrls[0], fate: 'waiting', name: 'gone', dueAtMs })
    expect(await undoGarbage(setting.index)).toBe(2)
    expect(await marks(setting)).toEqual([])
    expect(await gc(setting)).toMatchObject({ marked: { objects: 2 }, deleted: { objects: 0 } })
    expect(await setting.objects()).toEqual(withIndexes(dataUrls))
  })

  test('a dry run says what would be done, and does nothing', async () => {
    await using setting = await open()
    const [first, second] = [await insert(setting, 'a', ['one']), await insert(setting, 'b', ['two'])]
    await purge(setting, first)
    await gc(setting)
    await purge(setting, second)
    const lost = await startWriter(setting)
    await lost.write('three')
    await lost.die()
    const before = [await setting.objects(), await marks(setting), await ingests(setting)]
    const found: string[] = []
    const report = await gc(setting, { dryRun: true, onObject: ({ url, fate }) => found.push(`${fate} ${url}`) })
    expect(report).toMatchObject({ dryRun: true, deleted: { objects: 2 }, marked: { objects: 4 }, givenUp: 1 })
    expect([await setting.objects(), await marks(setting), await ingests(setting)]).toEqual(before)
    const real: string[] = []
    await gc(setting, { onObject: ({ url, fate }) => real.push(`${fate} ${url}`) })
    expect(real).toEqual(found)
  })

  test('a writer that lives is left alone, one that died is not, and one that may be continued gets its time', async () => {
    await using setting = await open()
    const [alive, dead, paused] = [
      await startWriter(setting),
      await startWriter(setting),
      await startWriter(setting, { resumable: true, id: 'mine' }),
    ]
    for (const writer of [alive, dead, paused]) await writer.write('x')
    for (const writer of [dead, paused]) await writer.die()
    for (const run of [1, 2]) expect(await gc(setting, { resumableMs: HOUR_MS })).toMatchObject({ givenUp: run === 1 ? 1 : 0 })
    expect((await setting.objects()).sort()).toEqual(withIndexes([...alive.urls, ...paused.urls]).sort())
    await alive.commit('alive')
    for (const _ of [1, 2]) await gc(setting)
    expect(await setting.objects()).toEqual(withIndexes(alive.urls))
    await expect(paused.commit('late')).rejects.toMatchObject({ code: 'ingest.lost' })
  })

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

  test('shared objects stay as long as one entry needs them', async () => {
    await using setting = await open()
    const first = await insert(setting, 'first', ['a', 'b'], { layout: 'content', folder: 'all' })
    const second = await insert(setting, 'second', ['b', 'c'], { layout: 'content', folder: 'all' })
    expect(await setting.objects()).toHaveLength(6)
    await purge(setting, first)
    for (const _ of [1, 2]) await gc(setting)
    expect((await setting.objects()).sort()).toEqual(withIndexes(second.dataUrls).sort())
    await purge(setting, second)
    // The last journal stays until nothing is left.
    for (const _ of [1, 2]) await gc(setting)
    expect(await setting.objects()).toEqual([])
    await gc(setting)
    expect(await ingests(setting)).toEqual([])
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

  test('what is being deleted is stored under another key, and stays', async () => {
    await using setting = await open()
    const { dataUrls, cid } = await insert(setting, 'a', ['one'], { layout: 'content' })
    await purge(setting, { cid })
    for (const _ of [1, 2]) await gc(setting)
    expect(await setting.objects()).toEqual([])
    const again = await insert(setting, 'a', ['one'], { layout: 'content' })
    expect(again.dataUrls[0]).toMatch(/[0-9a-f]{64}--[-0-9a-f]{36}\.tar$/)
    await expect(addByHand(setting, 'b', dataUrls)).rejects.toMatchObject({ code: 'shard.not_found' })
    for (const _ of [1, 2]) await gc(setting)
    expect(await setting.objects()).toEqual(withIndexes(again.dataUrls))
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

  test('an upload that a dead writer left is swept away, and that of a living one is not', async () => {
    for (const layout of ['sequence', 'content'] as const) {
      await using setting = await open()
      const writer = await startWriter(setting, { layout })
      const { store, key } = await setting.store.storage.locate(
        `${writer.ingest.base}${'0'.repeat(layout === 'sequence' ? 6 : 64)}.tar`,
      )
      const [begun, stop] = [Promise.withResolvers<void>(), new AbortController()]
      const body = async function* () {
        for (let i = 0; i < 64; i++) yield new Uint8Array(2 ** 20) // more than goes in one request
        begun.resolve()
        await new Promise((_, reject) => stop.signal.addEventListener('abort', () => reject(stop.signal.reason)))
      }
      const upload = store.put(key, body(), { signal: stop.signal }).catch(() => {})
      await begun.promise
      expect(await gc(setting)).toMatchObject({ swept: 0 })
      await writer.die()
      if (layout === 'content') {
        // The clock of the store may be behind ours, so that an upload that has just begun looks old.
        expect(await gc(setting, { uploadMs: undefined })).toMatchObject({ givenUp: 1, swept: 0, forgotten: 0 })
        expect(await gc(setting)).toMatchObject({ swept: 1, forgotten: 1 })
      } else expect(await gc(setting)).toMatchObject({ givenUp: 1, swept: 1 })
      stop.abort()
      await upload
      expect(await setting.objects()).toEqual([])
    }
  })

  test('an abort ends it, and the next run goes on', async () => {
    await using setting = await open()
    await insert(setting, 'a', ['one', 'two']).then((entry) => purge(setting, entry))
    await gc(setting)
    const stop = new AbortController()
    const aborted = gc(setting, { signal: stop.signal, onProgress: ({ phase }) => phase === 'tracing' && stop.abort() })
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' })
    expect(await setting.objects()).toHaveLength(4)
    expect(await gc(setting)).toMatchObject({ deleted: { objects: 4 } })
  })

  test('what arrives late from a writer that was given up is still found', async () => {
    await using setting = await open()
    const writer = await startWriter(setting)
    await writer.die()
    expect(await gc(setting, { journalMs: HOUR_MS })).toMatchObject({ givenUp: 1, forgotten: 0 })
    await expect(writer.write('late')).rejects.toMatchObject({ code: 'ingest.lost' })
    expect(await setting.objects()).toHaveLength(2)
    for (const _ of [1, 2]) await gc(setting, { journalMs: HOUR_MS })
    expect(await setting.objects()).toEqual([])
  })

  test('a duration that is none is refused', async () => {
    await using setting = await open()
    await expect(gc(setting, { graceMs: -1 })).rejects.toThrow(TypeError)
    await expect(gc(setting, { resumableMs: Number.NaN })).rejects.toThrow(TypeError)
    await expect(gc(setting, { uploadMs: 0.5 })).rejects.toThrow(TypeError)
  })
})
