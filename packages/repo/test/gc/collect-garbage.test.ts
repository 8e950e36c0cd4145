import { expect, test } from 'vitest'
import { collectGarbage, type GarbageObject, undoGarbage } from '../../src/index.ts'
import { describeSettings } from '../settings.ts'
import { gc, ingests, marks } from './collecting.ts'
import { addByHand, insert, purge, startWriter, withIndexes } from './writers.ts'

const HOUR_MS = 3_600_000

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

  test('without being told, what is marked waits for a day, and what a dead writer may continue is kept', async () => {
    await using setting = await open()
    const paused = await startWriter(setting, { resumable: true, id: 'mine' })
    await paused.write('x')
    await paused.die()
    await purge(setting, await insert(setting, 'gone', ['one']))
    const collect = () => collectGarbage({ index: setting.index, storage: setting.store.storage })
    expect(await collect()).toMatchObject({ marked: { objects: 2 }, givenUp: 0 })
    const [mark] = await marks(setting)
    expect(await collect()).toMatchObject({ waiting: { objects: 2 }, nextDueAtMs: (mark?.markedAtMs ?? 0) + 24 * HOUR_MS })
    expect(await ingests(setting)).toContain('set open')
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
