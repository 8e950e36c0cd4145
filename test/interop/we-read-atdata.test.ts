import {
  Dataset,
  defineSample,
  describeSchema,
  type Entry,
  entryCid,
  type Label,
  parseSchemaRef,
  type ShardReport,
  str,
  verifyEntry,
} from 'shardex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { all } from './all.ts'
import { describeAtdata } from './atdata.ts'
import { describePlaces, type Place } from './places.ts'
import { plainMetadata, plainSample } from './plain.ts'
import { Everything, everything, Tiny, tiny } from './samples.ts'

interface TheirEntry {
  readonly name: string
  readonly cid: string
  readonly schemaRef: string
  readonly dataUrls: readonly string[]
  readonly metadata: unknown
}

const metadata = { source: 'grüße', count: 3, ratio: 0.5, tags: ['a'], nested: { deep: [1, null, true] } }
const samples = everything.map((sample) => plainSample(Everything, sample))

await describeAtdata('we find by name what atdata inserts', (atdata) => {
  describePlaces((where, open) => {
    let there: Place
    let theirs: TheirEntry
    const insert = (name: string, from: number, to: number, more: object = {}): Promise<TheirEntry> =>
      atdata.call('insert', {
        place: there.place,
        name,
        type: 'Tiny',
        samples: tiny(from, to).map((one) => plainSample(Tiny, one)),
        ...more,
      })

    beforeAll(async () => {
      there = await open()
      const everythingThere = { place: there.place, name: 'everything', type: 'Everything', samples, cache_local: true }
      theirs = await atdata.call('insert', { ...everythingThere, metadata: plainMetadata(metadata), version: '1.2.0' })
    })
    afterAll(() => there[Symbol.asyncDispose]())

    test('its entry is theirs: name, CID, schema, URLs and metadata', async () => {
      const entry = await there.index.getEntryByName('everything@1.2.0')
      expect(entry).toMatchObject({ cid: theirs.cid, schemaRef: theirs.schemaRef, dataUrls: theirs.dataUrls, ...NOTHING_PROVED })
      expect(entryCid(entry!)).toBe(theirs.cid)
      expect(plainMetadata(entry?.metadata)).toEqual(theirs.metadata)
      expect(entry?.metadata).toMatchObject(metadata)
      expect(await there.index.getEntryByName('everything')).toMatchObject({ cid: theirs.cid, name: 'everything' })
      expect((await there.index.allEntries()).map(({ cid }) => cid)).toEqual([theirs.cid])
      expect(await all<Label>(there.index.listLabels('everything'))).toMatchObject([{ version: '1.2.0', cid: theirs.cid }])
      expect(await all(there.index.history('everything'))).toMatchObject([{ revision: 1, operation: 'commit', cid: theirs.cid }])
    })

    test('its schema gives a type of the same fields, which reads every sample', async () => {
      const type = await there.index.decodeSchema(theirs.schemaRef)
      expect(Object.entries(type.fields).map(([name, { kind, isOptional }]) => [name, kind.kind, isOptional])).toEqual(
        Object.entries(Everything.fields).map(([name, { kind, isOptional }]) => [name, kind.kind, isOptional]),
      )
      const read = await all(await there.repo.open('everything'))
      expect(read.map((sample) => plainSample(Everything, sample))).toEqual(samples)
      const declared = await all(await there.repo.open('everything', { type: Everything }))
      expect(declared.map((sample) => plainSample(Everything, sample))).toEqual(samples)
    })

    test('verify holds it against the SHA-256 that atdata took, where it took one', async () => {
      const verify = async (name: string): Promise<ShardReport[]> =>
        all(verifyEntry((await there.index.getEntryByName(name))!, there.repo.store.storage, { depth: 'bytes' }))
      expect(await verify('everything')).toMatchObject([
        { url: theirs.dataUrls[0], ok: true, samples: samples.length, proof: 'sha256' },
      ])
      await insert('streamed', 0, 5)
      expect(await verify('streamed')).toMatchObject([
        { ok: true, samples: 5, proof: where === 'SQLite and disk' ? 'sha256' : 'unproved' },
      ])
    })

    test('names that both write go forth and back, and nothing is lost', async () => {
      const { index, repo, place } = there
      const cids: string[] = []
      for (let turn = 0; turn < 6; turn += 2) {
        cids.push((await insert('shared', turn, turn + 3)).cid)
        expect(await index.getEntryByName('shared')).toMatchObject({ cid: cids.at(-1)!, revision: turn + 1 })
        const [ours] = await repo.insert(Dataset.from(Tiny, tiny(turn + 1, turn + 4)), 'shared', { ifRevision: turn + 1 })
        cids.push(ours.cid)
        expect(await atdata.call('find', { place, name: 'shared' })).toMatchObject({ cid: ours.cid })
      }
      expect((await all(index.history('shared'))).map(({ cid }) => cid)).toEqual(cids)
      expect(await index.verifyHistory('shared')).toMatchObject({ ok: true, revisions: 6 })
      for (const [i, cid] of cids.entries()) {
        const past = (await index.getEntryByName('shared', { at: { revision: i + 1 } }))!
        expect(past.cid).toBe(cid)
        const read = await all(Dataset.from(Tiny, past, { storage: repo.store.storage }))
        expect(read.map(({ id, label }) => ({ id, label }))).toEqual(tiny(i, i + 3))
      }
      await index.adopt()
      const theirList = (await atdata.call<TheirEntry[]>('entries', { place })).map(({ cid }) => cid)
      expect(theirList.sort()).toEqual((await index.allEntries()).map(({ cid }) => cid).sort())
    })

    test('a name that atdata points back is followed, and a version that it moves too', async () => {
      const { index, repo, place } = there
      const [first] = await repo.insert(Dataset.from(Tiny, tiny(0, 2)), 'back', { version: '1.0.0' })
      const [second] = await repo.insert(Dataset.from(Tiny, tiny(0, 4)), 'back')
      await atdata.call('move', { place, name: 'back', cid: first.cid })
      expect(await index.getEntryByName('back')).toMatchObject({ cid: first.cid, revision: 3 })
      await atdata.call('move', { place, name: 'back', cid: second.cid, version: '1.0.0' })
      expect((await index.getEntryByName('back@1.0.0'))?.cid).toBe(second.cid)
      expect((await index.getEntryByName('back'))?.cid).toBe(first.cid)
    })

    test('versions of a type that both publish do not collide', async () => {
      const { index, place } = there
      const publish = (): Promise<string> => atdata.call('publish', { place, type: 'Tiny' })
      const theirs = [await publish(), await publish()]
      expect(new Set(theirs).size).toBe(2)
      // The same fields need no version of their own; other fields get one that is free.
      const same = await index.publishSchema(Tiny)
      expect(describeSchema(await index.decodeSchema(same))).toBe(describeSchema(Tiny))
      const other = defineSample('interop.Tiny', { id: str() })
      const ours = await index.publishSchema(other)
      expect([...theirs, same].map(versionOf)).not.toContain(versionOf(ours))
      expect(await atdata.call('schema', { place, ref: ours })).toMatchObject({ fields: { id: "<class 'str'>" } })
      expect([...theirs, ours].map(versionOf)).not.toContain(versionOf(await publish()))
    })

    test('both write one name at once: both then mean the same entry by it, and no entry is lost', async () => {
      const { index, repo, place } = there
      const cids = await Promise.all(
        [0, 1, 2, 3].flatMap((i) => [
          insert('contested', i, i + 2).then(({ cid }) => cid),
          repo.insert(Dataset.from(Tiny, tiny(i, i + 2)), 'contested').then(([{ cid }]) => cid),
        ]),
      )
      const last = await index.getEntryByName('contested')
      expect(cids).toContain(last?.cid)
      expect(await atdata.call('find', { place, name: 'contested' })).toMatchObject({ cid: last?.cid })
      expect(await index.verifyHistory('contested')).toMatchObject({ ok: true })
      for (const cid of cids) {
        const entry = (await index.getEntry(cid))!
        expect(await all(Dataset.from(Tiny, entry, { storage: repo.store.storage }))).toHaveLength(2)
      }
      const theirList = await atdata.call<TheirEntry[]>('entries', { place })
      expect(theirList.map(({ cid }) => cid)).toEqual(expect.arrayContaining(cids))
    })

    test('both write at once under names of their own, and each finds what the other wrote', async () => {
      const { index, repo, place } = there
      const work = [0, 1, 2, 3, 4].flatMap((i) => [
        insert(`their-${i}`, i * 10, i * 10 + 5).then(({ cid }) => cid),
        repo.insert(Dataset.from(Tiny, tiny(i * 10, i * 10 + 5)), `our-${i}`).then(([{ cid }]) => cid),
      ])
      const cids = await Promise.all(work)
      for (let i = 0; i < 5; i++) {
        const entry: Entry | undefined = await index.getEntryByName(`their-${i}`)
        expect(entry?.cid).toBe(cids[2 * i])
        expect(await all(await repo.open(`their-${i}`, { type: Tiny }))).toMatchObject(tiny(i * 10, i * 10 + 5))
        const read = await atdata.call('read', { place, name: `our-${i}` })
        expect(read).toEqual(tiny(i * 10, i * 10 + 5).map((one) => plainSample(Tiny, one)))
      }
    })
  })
})

const NOTHING_PROVED = { shards: undefined, contentCid: undefined, sampleCount: undefined }

function versionOf(ref: string): string {
  return parseSchemaRef(ref).version
}
