import { Dataset, type Entry } from 'shardex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeAtdata } from './atdata.ts'
import { describePlaces, type Place } from './places.ts'
import { plainMetadata, plainSample } from './plain.ts'
import { Everything, everything, Tiny, tiny } from './samples.ts'

const metadata = {
  source: 'grüße',
  count: 3,
  ratio: 0.5,
  big: 2 ** 40,
  tags: ['a', 'b'],
  nested: { deep: [1, null, true] },
  raw: Uint8Array.of(0, 255),
}

await describeAtdata('atdata finds by name what we insert', (atdata) => {
  describePlaces((_, open) => {
    let there: Place
    let entry: Entry
    beforeAll(async () => {
      there = await open()
      ;[entry] = await there.repo.insert(Dataset.from(Everything, everything), 'everything', {
        metadata,
        version: '1.0.0',
        maxcount: 7,
      })
    })
    afterAll(() => there[Symbol.asyncDispose]())

    test('its entry is ours: name, CID, schema, URLs and metadata', async () => {
      const theirs = {
        name: 'everything',
        cid: entry.cid,
        computedCid: entry.cid,
        schemaRef: entry.schemaRef,
        dataUrls: entry.dataUrls,
      }
      const { place } = there
      expect(await atdata.call('find', { place, name: 'everything' })).toEqual({ ...theirs, metadata: plainMetadata(metadata) })
      expect(await atdata.call('entries', { place })).toMatchObject([theirs])
      expect(entry.dataUrls).toHaveLength(3)
    })

    test('its samples are ours, field by field, in order', async () => {
      const read = await atdata.call<object[]>('read', { place: there.place, name: 'everything', type: 'Everything' })
      expect(read).toEqual(everything.map((sample) => plainSample(Everything, sample)))
    })

    test('it rebuilds the type from the schema that we published, and reads by it', async () => {
      const { fields, ...named } = await atdata.call<{ fields: Record<string, string> }>('schema', {
        place: there.place,
        ref: entry.schemaRef,
      })
      expect(named).toEqual({ name: 'Everything', version: '1.0.0' })
      expect(Object.keys(fields)).toEqual(Object.keys(Everything.fields))
      expect(fields).toMatchObject({
        text: "<class 'str'>",
        words: 'list[str]',
        grid: 'list[list[int]]',
        size: 'typing.Optional[int]',
      })
      const read = await atdata.call<Record<string, unknown>[]>('read', { place: there.place, name: 'everything' })
      const expected = everything.map((sample) => plainSample(Everything, sample))
      // `mask` is the fault "optional arrays of rebuilt types stay bytes", shown with the others in faults.test.ts
      expect(read.map(({ mask, ...rest }) => rest)).toEqual(expected.map(({ mask, ...rest }) => rest))
    })

    test('it follows a name that moves', async () => {
      const { place } = there
      for (const count of [3, 5, 4]) {
        const [moved] = await there.repo.insert(Dataset.from(Tiny, tiny(0, count)), 'moving')
        expect(await atdata.call('find', { place, name: 'moving' })).toMatchObject({ cid: moved.cid })
      }
      await there.index.rename('moving', 'moved')
      expect(await atdata.call('read', { place, name: 'moved' })).toHaveLength(4)
    })

    test('it finds our versions and schemas', async () => {
      const { place } = there
      const [first] = await there.repo.insert(Dataset.from(Tiny, tiny(0, 6)), 'versioned', { version: '1.0.0' })
      const [second] = await there.repo.insert(Dataset.from(Tiny, tiny(0, 7)), 'versioned', { version: '2.0.0' })
      await there.index.setLabel('versioned', first.cid, { version: 'stable' })
      for (const [version, { cid }] of [
        ['1.0.0', first],
        ['2.0.0', second],
        ['stable', first],
      ] as const)
        expect(await atdata.call('find_label', { place, name: 'versioned', version })).toMatchObject({ cid })
      expect((await atdata.call<string[][]>('labels', { place })).filter(([name]) => name === 'versioned')).toEqual([
        ['versioned', '', second.cid],
        ['versioned', '1.0.0', first.cid],
        ['versioned', '2.0.0', second.cid],
        ['versioned', 'stable', first.cid],
      ])
      expect(await atdata.call('schemas', { place })).toEqual(['Everything@1.0.0', 'Tiny@1.0.0'])
    })

    test('it reads the layout by content too, and stacks batches', async () => {
      const samples = tiny(0, 300)
      const [{ dataUrls }] = await there.repo.insert(Dataset.from(Tiny, samples), 'by-content', {
        layout: 'content',
        maxcount: 100,
      })
      expect(dataUrls.length).toBeGreaterThan(2)
      const read = await atdata.call('read', { place: there.place, name: 'by-content', type: 'Tiny' })
      expect(read).toEqual(samples.map((sample) => plainSample(Tiny, sample)))
      const batches = await atdata.call<{ int: string }[][]>('read_batches', {
        place: there.place,
        name: 'by-content',
        type: 'Tiny',
        field: 'id',
        batch_size: 32,
      })
      expect(batches.map((batch) => batch.length)).toEqual([...Array.from({ length: 9 }, () => 32), 12])
      expect(
        batches
          .flat()
          .map(({ int }) => Number(int))
          .sort((a, b) => a - b),
      ).toEqual(samples.map(({ id }) => id))
    })
  })
})
