import type { LocalIndex } from '@shardex/index'
import type { ObjectStore, Storage } from '@shardex/storage'
import { expect, test } from 'vitest'
import { collectGarbage, type GarbageReport, undoGarbage } from '../../src/index.ts'
import { describeSettings, type Setting } from '../settings.ts'
import { addByHand, insert, purge, startWriter, withIndexes } from './writers.ts'

function gc({ index, store }: Setting, parts: { index?: LocalIndex; storage?: Storage } = {}): Promise<GarbageReport> {
  return collectGarbage({ index, storage: store.storage, graceMs: 0, resumableMs: 0, ...parts })
}

/** The real stores, with something done before or after each delete: a place to stop at. */
function atDeletes(storage: Storage, { before, after }: { before?: () => unknown; after?: () => unknown }): Storage {
  return {
    async locate(url) {
      const { store, key } = await storage.locate(url)
      const remove: ObjectStore['delete'] = async (...call) => {
        await before?.()
        await store.delete(...call)
        await after?.()
      }
      return { store: { ...store, delete: remove }, key }
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

/** The real index, with something done when a collector comes to read the entries: it has read marks and journals by then. */
function atEntries(index: LocalIndex, before: () => Promise<unknown>): LocalIndex {
  return new Proxy(index, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target)
      if (typeof value !== 'function') return value
      if (property !== 'listEntries') return value.bind(target)
      return async (...call: Parameters<LocalIndex['listEntries']>) => {
        await before()
        return target.listEntries(...call)
      }
    },
  })
}

/** The real index, with something done when a collector has looked at everything and comes to claim. */
function atClaims(index: LocalIndex, before: () => Promise<unknown>): LocalIndex {
  const claim: LocalIndex['garbage']['claim'] = async (...call) => {
    await before()
    return index.garbage.claim(...call)
  }
  const garbage = new Proxy(index.garbage, {
    get(target, property) {
      const value: unknown = property === 'claim' ? claim : Reflect.get(target, property, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return new Proxy(index, {
    get(target, property) {
      const value: unknown = property === 'garbage' ? garbage : Reflect.get(target, property, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** Ends a run as a kill would, as far as registry and store can tell. */
class Killed extends Error {}

async function doomed(
  setting: Setting,
  layout: 'sequence' | 'content',
  texts = ['one', 'two', 'three'],
): Promise<readonly string[]> {
  const entry = await insert(setting, 'set', texts, { layout })
  await purge(setting, entry)
  await gc(setting)
  return entry.dataUrls
}

describeSettings('collectGarbage and others', (open) => {
  test.each(['sequence', 'content'] as const)(
    'a run that is killed before, amid or after deletes is made good by the next (%s)',
    async (layout) => {
      for (const when of ['before', 'after'] as const) {
        await using setting = await open()
        const kept = await insert(setting, 'kept', ['one'], { layout, folder: 'set' })
        await doomed(setting, layout)
        let left = when === 'before' ? 0 : 2
        const kill = () => {
          if (left-- <= 0) throw new Killed()
        }
        const storage = atDeletes(setting.store.storage, { [when]: kill })
        await expect(gc(setting, { storage })).rejects.toThrow(Killed)
        // What may be being deleted cannot be had back.
        expect(await undoGarbage(setting.index)).toBe(0)
        expect((await setting.objects()).length).toBeGreaterThanOrEqual(2)
        expect(await gc(setting)).toMatchObject({ problems: [] })
        expect((await setting.objects()).sort()).toEqual(withIndexes(kept.dataUrls).sort())
      }
    },
  )

  test('what is noted while a collector looks for needs stays, also if a late one marks it again', async () => {
    await using setting = await open()
    const [url] = await doomed(setting, 'content', ['one'])
    const writer = await startWriter(setting, { layout: 'content' })
    const index = atEntries(setting.index, async () => {
      await writer.write('one')
      await setting.index.garbage.mark(withIndexes([url as string]))
    })
    expect(await gc(setting, { index })).toMatchObject({ deleted: { objects: 0 } })
    const { dataUrls } = await writer.commit('again')
    expect(dataUrls).toEqual([url])
    for (const _ of [1, 2]) await gc(setting)
    expect(await setting.objects()).toEqual(withIndexes(dataUrls))
  })

  test('what is committed between journals and entries is seen', async () => {
    await using setting = await open()
    const [url] = await doomed(setting, 'content', ['one'])
    const writer = await startWriter(setting, { layout: 'content' })
    await writer.write('one')
    await setting.index.garbage.mark(withIndexes([url as string]))
    const index = atEntries(setting.index, () => writer.commit('again').catch(() => {}))
    await gc(setting, { index })
    for (const _ of [1, 2]) await gc(setting)
    expect(await setting.objects()).toEqual(withIndexes([url as string]))
  })

  test('an entry by hand takes back the marks of shard and offset index at the last moment, also if it describes neither', async () => {
    await using setting = await open()
    const urls = await doomed(setting, 'content', ['one'])
    const index = atClaims(setting.index, () => addByHand(setting, 'by hand', urls))
    expect(await gc(setting, { index })).toMatchObject({ deleted: { objects: 0 }, problems: [] })
    expect(await setting.objects()).toEqual(withIndexes(urls))
  })

  test('a collector that sleeps in the middle of its deletes takes nothing that was stored anew', async () => {
    await using setting = await open()
    await doomed(setting, 'content', ['one'])
    const asleep = Promise.withResolvers<void>()
    const wake = Promise.withResolvers<void>()
    const before = async () => {
      asleep.resolve()
      await wake.promise
    }
    const late = gc(setting, { storage: atDeletes(setting.store.storage, { before }) })
    await asleep.promise
    for (const _ of [1, 2, 3]) await gc(setting)
    const entry = await insert(setting, 'again', ['one'], { layout: 'content', folder: 'set' })
    wake.resolve()
    await late
    for (const _ of [1, 2]) await gc(setting)
    expect(await setting.objects()).toEqual(withIndexes(entry.dataUrls))
  })

  test('collectors at the same time delete everything once and nothing else', async () => {
    await using setting = await open()
    const kept = await insert(setting, 'kept', ['one', 'four'], { layout: 'content', folder: 'set' })
    await doomed(setting, 'content')
    await insert(setting, 'more', ['five']).then((entry) => purge(setting, entry))
    await Promise.all([gc(setting), gc(setting), gc(setting)])
    await Promise.all([gc(setting), gc(setting)])
    expect((await setting.objects()).sort()).toEqual(withIndexes(kept.dataUrls).sort())
  })

  test('a delete that fails is reported, and tried again by the next run', async () => {
    await using setting = await open()
    await doomed(setting, 'sequence', ['one'])
    const { storage } = setting.store
    const gone = 'http://127.0.0.1:1/x.tar'
    const failing: Storage = atDeletes(storage, {
      before: async () => (await storage.locate(gone)).store.delete('x.tar'),
    })
    const report = await gc(setting, { storage: failing })
    expect(report).toMatchObject({ deleted: { objects: 0 }, problemCount: 2 })
    expect(report.problems[0]?.error.code).toMatch(/^storage\./)
    expect(await gc(setting)).toMatchObject({ deleted: { objects: 2 }, problems: [] })
  })
})
