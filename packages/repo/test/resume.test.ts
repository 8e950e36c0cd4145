import { setImmediate as turn } from 'node:timers/promises'
import { isShardexError, type ShardexError } from '@shardex/errors'
import type { Entry } from '@shardex/index'
import { expect, test } from 'vitest'
import { tempDir } from '../../../test/services/index.ts'
import { Dataset, type InsertOptions, Repo, verifyEntry, type WriteProgress } from '../src/index.ts'
import { Image, images, Tiny, tinies } from './images.ts'
import { describeSettings, type Setting } from './settings.ts'

const refused = (promise: Promise<unknown>): Promise<ShardexError> =>
  promise.then(
    () => expect.unreachable('it was not refused'),
    (error: unknown) => (isShardexError(error) ? error : expect.unreachable(String(error))),
  )

const options = { maxcount: 10, ingestId: 'nightly' } satisfies InsertOptions

/** The samples, and then an error instead of the end. */
function* broken<T>(samples: Iterable<T>, count: number): Generator<T> {
  let i = 0
  for (const sample of samples) {
    if (i++ === count) throw new Error('the power failed')
    yield sample
  }
}

/** The first 33 of 45 samples and then an error, when the three shards that are full are stored: else the error may come before any of them is. */
async function* brokenLate<T>({ objects }: Setting, samples: Iterable<T>): AsyncGenerator<T> {
  const before = (await objects()).length
  yield* [...samples].slice(0, 33)
  while ((await objects()).length < before + 6) await turn()
  throw new Error('the power failed')
}

/** What an entry says of its data, wherever it lies. */
function contentOf({ shards = [], contentCid, sampleCount }: Entry) {
  return { contentCid, sampleCount, shards: shards.map(({ url: _, ...shard }) => ({ ...shard, storeChecksum: undefined })) }
}

async function expectVerified(setting: Setting, entry: Entry): Promise<void> {
  for await (const report of verifyEntry(entry, setting.store.storage, { depth: 'bytes' })) {
    expect(report.problems).toEqual([])
  }
}

describeSettings('resumed inserts', (open) => {
  test('what is stored when an insert fails is not sent again, and the end is that of an undisturbed one', async () => {
    await using setting = await open()
    const [undisturbed] = await setting.repo.insert(Dataset.from(Image, images(45)), 'calm', { maxcount: 10 })
    const before = new Set(await setting.objects())
    const failing = setting.repo.insert(Dataset.from(Image, brokenLate(setting, images(45))), 'images', options)
    await expect(failing).rejects.toThrow('the power failed')
    expect(await setting.index.getEntryByName('images')).toBeUndefined()
    const stored = (await setting.objects()).filter((url) => !before.has(url))
    expect(stored.filter((url) => url.endsWith('.idx')).length).toBeGreaterThan(0)

    let last: WriteProgress | undefined
    const onProgress = (progress: WriteProgress) => {
      last = progress
    }
    const [entry] = await setting.repo.insert(Dataset.from(Image, images(45)), 'images', { ...options, onProgress })
    expect(contentOf(entry)).toEqual(contentOf(undisturbed))
    expect(entry.dataUrls).toEqual(expect.arrayContaining(stored.filter((url) => url.endsWith('.tar'))))
    expect(last).toMatchObject({ samples: 45, shards: 5 })
    expect(last!.sentBytes).toBeLessThan(entry.sizeBytes! / 2)
    expect((await setting.objects()).length).toBe(20)
    await expectVerified(setting, entry)
  })

  test('a call that was committed gives the same entry again, and reads no samples', async () => {
    await using setting = await open()
    const asked = { ...options, ifRevision: 0 }
    const [entry] = await setting.repo.insert(Dataset.from(Tiny, tinies(25)), 'twice', asked)
    const [again, stored] = await setting.repo.insert(Dataset.from(Tiny, broken(tinies(1), 0)), 'twice', asked)
    expect(again).toEqual(entry)
    expect(stored.length).toBe(25)

    await setting.repo.insert(Dataset.from(Tiny, tinies(3)), 'twice')
    const [old] = await setting.repo.insert(Dataset.from(Tiny, broken(tinies(1), 0)), 'twice', asked)
    expect(old.cid).toBe(entry.cid)
    expect((await setting.index.getEntryByName('twice'))?.revision).toBe(2)
  })

  test('samples that changed since are told, and nothing is overwritten', async () => {
    await using setting = await open()
    await expect(setting.repo.insert(Dataset.from(Tiny, brokenLate(setting, tinies(45))), 'moved', options)).rejects.toThrow(
      'power',
    )
    const before = await setting.objects()
    const others = [...tinies(45)].map((sample) => (sample.id === 7 ? { ...sample, label: 'changed' } : sample))
    const error = await refused(setting.repo.insert(Dataset.from(Tiny, others), 'moved', options))
    expect(error).toMatchObject({ code: 'ingest.diverged', details: { ingestId: 'nightly' } })
    expect(error.message).toMatch(/000000\.tar .*another ingestId, or without --resume/)
    expect(await setting.objects()).toEqual(expect.arrayContaining(before))
    const [entry] = await setting.repo.insert(Dataset.from(Tiny, tinies(45)), 'moved', options)
    await expectVerified(setting, entry)
  })

  test('a shard that is stored but was never noted is compared by its bytes', async () => {
    await using setting = await open()
    await expect(setting.repo.insert(Dataset.from(Tiny, brokenLate(setting, tinies(45))), 'orphan', options)).rejects.toThrow(
      'power',
    )
    const stored = (await setting.objects()).filter((url) => url.endsWith('000000.tar'))
    expect(stored).toHaveLength(1)
    const next = stored[0]!.replace('000000.tar', '000004.tar')
    await setting.overwrite(next, Buffer.from('not what will be packed'))
    const error = await refused(setting.repo.insert(Dataset.from(Tiny, tinies(45)), 'orphan', options))
    expect(error).toMatchObject({ code: 'ingest.diverged', details: { shard: next } })
    expect((await setting.read(next)).toString()).toBe('not what will be packed')

    await setting.remove(next)
    const [undisturbed] = await setting.repo.insert(Dataset.from(Tiny, tinies(45)), 'calm', { maxcount: 10 })
    await setting.overwrite(next, await setting.read(undisturbed.dataUrls[4]!))
    const [entry] = await setting.repo.insert(Dataset.from(Tiny, tinies(45)), 'orphan', options)
    expect(entry.dataUrls[4]).toBe(next)
    await expectVerified(setting, entry)
  })

  test('a noted shard that somebody deleted is stored again', async () => {
    await using setting = await open()
    await expect(setting.repo.insert(Dataset.from(Tiny, brokenLate(setting, tinies(45))), 'holes', options)).rejects.toThrow(
      'power',
    )
    for (const url of await setting.objects()) if (url.includes('000001.tar')) await setting.remove(url)
    const [entry] = await setting.repo.insert(Dataset.from(Tiny, tinies(45)), 'holes', options)
    expect(entry.sampleCount).toBe(45)
    await expectVerified(setting, entry)
  })

  test('of two that are at the same insert, the second is told', async () => {
    await using setting = await open()
    const isBegun = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const slowly = async function* () {
      yield* tinies(15)
      isBegun.resolve()
      await goOn.promise
    }
    const first = setting.repo.insert(Dataset.from(Tiny, slowly()), 'shared', options)
    await isBegun.promise
    const error = await refused(setting.repo.insert(Dataset.from(Tiny, tinies(15)), 'shared', options))
    expect(error).toMatchObject({ code: 'ingest.busy', details: { ingestId: 'nightly' } })
    goOn.resolve()
    const [entry] = await first
    await expectVerified(setting, entry)
  })

  test('options that would give other shards are refused', async () => {
    await using setting = await open()
    await expect(setting.repo.insert(Dataset.from(Tiny, broken(tinies(45), 33)), 'other', options)).rejects.toThrow('power')
    const other = refused(setting.repo.insert(Dataset.from(Tiny, tinies(45)), 'other', { ...options, maxcount: 11 }))
    expect((await other).code).toBe('ingest.conflict')
    const labelled = refused(setting.repo.insert(Dataset.from(Tiny, tinies(45)), 'other', { ...options, version: '2' }))
    expect((await labelled).code).toBe('ingest.conflict')
    const renamed = refused(setting.repo.insert(Dataset.from(Tiny, tinies(45)), 'another', options))
    expect((await renamed).code).toBe('ingest.conflict')
    await using dir = await tempDir()
    await using elsewhere = new Repo({ index: setting.index, root: dir.path })
    expect((await refused(elsewhere.insert(Dataset.from(Tiny, tinies(45)), 'other', options))).code).toBe('ingest.conflict')
  })

  test('an insert without id that fails leaves no objects, and a journal that says so', async () => {
    await using setting = await open()
    await expect(setting.repo.insert(Dataset.from(Tiny, broken(tinies(45), 33)), 'gone', { maxcount: 10 })).rejects.toThrow(
      'power',
    )
    const conflict = refused(setting.repo.insert(Dataset.from(Tiny, moving(setting, 'gone')), 'gone', { ifRevision: 0 }))
    expect((await conflict).code).toBe('write.conflict')
    const states: string[] = []
    for await (const { state } of setting.index.ingests.list()) states.push(state)
    expect(states).toEqual(['abandoned', 'abandoned', 'committed'])
    expect((await setting.objects()).every((url) => url.includes('/gone/'))).toBe(true)
    expect(await setting.objects()).toHaveLength(2)
  })
})

/** Somebody else inserts under the name before the last sample. */
async function* moving(setting: Setting, name: string) {
  yield* tinies(5)
  await setting.repo.insert(Dataset.from(Tiny, tinies(2)), name)
}
