import type { Entry } from '@shardex/index'
import type { Infer } from '@shardex/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Dataset, type InsertOptions, verifyEntry, type WriteProgress } from '../src/index.ts'
import { ContentBoundary } from '../src/write/boundary.ts'
import { Tiny, tinies } from './images.ts'
import { collect } from './outcomes.ts'
import { describeSettings, type Setting } from './settings.ts'
import vectors from './vectors/boundaries.json' with { type: 'json' }

type TinySample = Infer<typeof Tiny> & { readonly __key__?: string }

/** Insert in the layout `content`, and tell what was sent. */
async function insert(setting: Setting, samples: Iterable<TinySample>, name: string, options?: InsertOptions) {
  let last: WriteProgress | undefined
  const onProgress = (progress: WriteProgress) => {
    last = progress
  }
  const dataset = Dataset.from(Tiny, samples)
  const [entry] = await setting.repo.insert(dataset, name, { layout: 'content', maxcount: 40, ...options, onProgress })
  return { entry, sentBytes: last!.sentBytes }
}

const samplesOf = (setting: Setting, entry: Entry): Promise<TinySample[]> =>
  collect(Dataset.from(Tiny, entry, { storage: setting.store.storage }))

const withoutKeys = (samples: Iterable<TinySample>) => [...samples].map(({ id, label }) => ({ id, label }))

describeSettings('layout by content', (open) => {
  test('shards lie under their digest, and what is there already is not sent again', async () => {
    await using setting = await open()
    const first = await insert(setting, tinies(200), 'first')
    const registry = await setting.index.registryId()
    for (const { url, sha256 } of first.entry.shards!) expect(url).toBe(`${setting.root}content/${registry}/${sha256}.tar`)
    expect(first.sentBytes).toBeGreaterThan(first.entry.sizeBytes!)
    const objects = await setting.objects()

    const second = await insert(setting, tinies(200), 'second')
    expect(second.sentBytes).toBe(0)
    expect(second.entry.cid).toBe(first.entry.cid)
    expect(await setting.objects()).toEqual(objects)
    expect(withoutKeys(await samplesOf(setting, second.entry))).toEqual([...tinies(200)])
    for await (const report of verifyEntry(second.entry, setting.store.storage, { depth: 'bytes' })) expect(report.ok).toBe(true)
  })

  test('a sample inserted near the front, changed or removed costs the shard that it is in, and perhaps one beside it', async () => {
    await using setting = await open()
    const original = [...tinies(300)]
    const { entry } = await insert(setting, original, 'versions')
    const known = new Set(entry.dataUrls)
    const versions = {
      inserted: original.toSpliced(3, 0, { id: -1, label: 'new' }),
      changed: original.with(200, { id: 200, label: 'changed' }),
      removed: original.toSpliced(100, 1),
    }
    for (const samples of Object.values(versions)) {
      const version = await insert(setting, samples, 'versions')
      expect(version.entry.dataUrls.filter((url) => !known.has(url)).length).toBeLessThanOrEqual(3)
      expect(withoutKeys(await samplesOf(setting, version.entry))).toEqual(samples)
    }
  })

  test('keys come from the sample if it has one, and equal samples in one shard get numbered ones', async () => {
    await using setting = await open()
    const twins = [...tinies(1), ...tinies(1), { id: 7, label: 'own', __key__: 'mine' }, ...tinies(1)]
    const { entry } = await insert(setting, twins, 'twins', { maxcount: 1000 })
    const keys = (await samplesOf(setting, entry)).map(({ __key__ }) => __key__)
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
    expect(keys).toEqual([keys[0], `${keys[0]}-1`, 'mine', `${keys[0]}-2`])
  })

  test('a failed insert leaves the shards that others may need, and one that can be continued ends with the same', async () => {
    await using setting = await open()
    const { entry } = await insert(setting, tinies(150), 'calm')
    const broken = function* () {
      yield* tinies(100)
      throw new Error('the power failed')
    }
    await expect(insert(setting, broken(), 'broken')).rejects.toThrow('the power failed')
    for await (const report of verifyEntry(entry, setting.store.storage, { depth: 'bytes' })) expect(report.ok).toBe(true)
    await expect(insert(setting, broken(), 'broken', { ingestId: 'again' })).rejects.toThrow('the power failed')
    const resumed = await insert(setting, tinies(150), 'broken', { ingestId: 'again' })
    expect(resumed.entry.contentCid).toBe(entry.contentCid)
    expect(resumed.sentBytes).toBe(0)
  })

  test('an object of another length under the key of a shard is told and left as it is', async () => {
    await using setting = await open()
    const { entry } = await insert(setting, tinies(30), 'whole', { maxcount: 1000 })
    await setting.overwrite(entry.dataUrls[0]!, Buffer.from('cut'))
    await expect(insert(setting, tinies(30), 'again', { maxcount: 1000 })).rejects.toMatchObject({ code: 'storage.corrupt' })
    expect((await setting.read(entry.dataUrls[0]!)).toString()).toBe('cut')
  })

  test('a shard that is being deleted is stored under another key', async () => {
    await using setting = await open()
    const { entry } = await insert(setting, tinies(30), 'doomed', { maxcount: 1000 })
    const [url = ''] = entry.dataUrls
    await setting.index.deleteName('doomed')
    await setting.index.deleteEntry(entry.cid)
    await setting.index.garbage.mark([url])
    const marks = []
    for await (const mark of setting.index.garbage.list(0)) marks.push(mark)
    await setting.index.garbage.claim(marks)
    const { entry: saved } = await insert(setting, tinies(30), 'saved', { maxcount: 1000 })
    expect(saved.dataUrls[0]).toMatch(new RegExp(`${saved.shards![0]!.sha256}--[0-9a-f-]{36}\\.tar$`))
    await setting.remove(url)
    expect(await samplesOf(setting, saved)).toHaveLength(30)
  })
})

test('shards end where the specification says', () => {
  const { limits, samples, ends } = vectors
  const boundary = new ContentBoundary(limits)
  const found: string[] = []
  for (const { key, memberBytes } of samples) {
    if (!boundary.endsAfter(Buffer.from(key), memberBytes)) continue
    found.push(key)
    boundary.reset()
  }
  expect(found).toEqual(ends)
})

test('boundaries depend on what is between them only: after an insertion they are found again', () => {
  const endsOf = (keys: readonly string[], limits: { maxcount: number; maxsize: number }) => {
    const boundary = new ContentBoundary(limits)
    return keys.filter((key) => {
      const ends = boundary.endsAfter(Buffer.from(key), 1024)
      if (ends) boundary.reset()
      return ends
    })
  }
  const keys = Array.from({ length: 20_000 }, (_, i) => String(i).padStart(9, '0'))
  fc.assert(
    fc.property(fc.nat(19_999), fc.uniqueArray(fc.string({ minLength: 10, maxLength: 12 }), { maxLength: 5 }), (at, added) => {
      const limits = { maxcount: 200, maxsize: 200 * 1024 }
      const before = endsOf(keys, limits)
      const after = endsOf(keys.toSpliced(at, 0, ...added), limits)
      const known = new Set(before)
      expect(after.filter((key) => !known.has(key)).length).toBeLessThan(12)
    }),
    { numRuns: 20 },
  )
  const mean = 20_000 / endsOf(keys, { maxcount: 200, maxsize: 2 ** 30 }).length
  expect(mean).toBeGreaterThan(40)
  expect(mean).toBeLessThan(70)
})
