import { access, readFile, writeFile } from 'node:fs/promises'
import { Dataset, defineSample, type Entry, int, isShardexError, LocalDiskStore, NDArray, ndarray } from 'shardex'
import { expect, test } from 'vitest'
import { shared, tempDir } from '../services/index.ts'
import { all } from './all.ts'
import { describeAtdata } from './atdata.ts'
import { sqliteAndDisk } from './places.ts'
import { Everything, everything, Tiny, tiny } from './samples.ts'

// Each test shows first what is wrong in atdata, then that it is not so here. If the first half fails, atdata was mended: then change docs/interop.md.
await describeAtdata('faults of atdata in reading', (atdata) => {
  const there = shared(sqliteAndDisk)
  const dir = shared(() => tempDir('faults'))

  test('array-annotations: it reads arrays of annotated types as bytes; we read arrays', async () => {
    const path = dir().file('annotated.tar')
    expect(await atdata.fault('kinds_of_annotated_arrays', { path })).toEqual({ bare: 'ndarray', typed: 'bytes', plain: 'bytes' })
    const Annotated = defineSample('Annotated', { bare: ndarray(), typed: ndarray('float32'), plain: ndarray() })
    const [sample] = await all(Dataset.from(Annotated, path))
    for (const array of [sample?.bare, sample?.typed, sample?.plain]) expect(array?.values).toEqual(Float32Array.of(1, 2))
  })

  test('optional-arrays: of a type made of a schema it reads optional arrays as bytes; we read arrays', async () => {
    await there().repo.insert(Dataset.from(Everything, everything), 'everything')
    const read = await atdata.call<{ mask: object | null }[]>('read', { place: there().place, name: 'everything' })
    expect(read[1]?.mask).toHaveProperty('bytes')
    const [, second] = await all(await there().repo.open('everything'))
    expect(second?.['mask']).toBeInstanceOf(NDArray)
  })

  test('optional-first: it cannot make a type of a schema with an optional field before another; we can', async () => {
    const Odd = defineSample('interop.Odd', { maybe: int().optional(), value: int() })
    const [{ schemaRef }] = await there().repo.insert(Dataset.from(Odd, [{ value: 1 }]), 'odd')
    const [error] = await Promise.allSettled([atdata.call('read', { place: there().place, name: 'odd' })])
    expect(error).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('non-default argument') } })
    expect(Object.keys((await there().index.decodeSchema(schemaRef)).fields)).toEqual(['maybe', 'value'])
    expect(await all(await there().repo.open('odd'))).toMatchObject([{ value: 1 }])
  })

  test('damage: it reads a damaged sample without a word; we refuse it', async () => {
    const [{ dataUrls }] = await there().repo.insert(Dataset.from(Tiny, tiny(0, 3)), 'damaged')
    const shard = await readFile(dataUrls[0]!)
    shard[shard.indexOf('n1') + 1] = '7'.charCodeAt(0)
    await writeFile(dataUrls[0]!, shard)
    const read = await atdata.call<{ label: string }[]>('read', { place: there().place, name: 'damaged' })
    expect(read.map(({ label }) => label)).toEqual(['n0', 'n7', 'n2'])
    await expect(all(await there().repo.open('damaged'))).rejects.toMatchObject({ code: 'shard.corrupt' })
  })

  test('old-refs: it refuses references that it wrote before 0.3.1; we follow them', async () => {
    const { schemaRef, dataUrls } = await insert('new-ref', 3)
    const oldRef = schemaRef.replace('local://schemas/interop.', 'atdata://local/sampleSchema/')
    await there().index.commitEntry({ name: 'old-ref', schemaRef: oldRef, dataUrls })
    await expect(atdata.call('read', { place: there().place, name: 'old-ref' })).rejects.toThrow('Invalid schema reference')
    expect(await all(await there().repo.open('old-ref'))).toMatchObject(tiny(0, 3))
  })

  test('pipe: it runs the command that an entry names as its URL; we refuse it', async () => {
    const { schemaRef } = await insert('honest', 1)
    const enter = (name: string) =>
      there().index.commitEntry({ name, schemaRef, dataUrls: [`pipe:touch ${dir().file(name)}; cat /dev/null`] })
    await enter('theirs')
    await atdata.call('read', { place: there().place, name: 'theirs' }).catch(() => undefined)
    await access(dir().file('theirs'))
    await enter('ours')
    const error = await all(await there().repo.open('ours')).catch((caught: unknown) => caught)
    expect(isShardexError(error, 'url.invalid')).toBe(true)
    await expect(access(dir().file('ours'))).rejects.toThrow('ENOENT')
  })

  test('commas: it does not find shards with commas in their names; we do', async () => {
    await using store = new LocalDiskStore({ root: dir().path })
    const urls: string[] = []
    for (const [i, name] of ['a,1.tar', 'b,2.tar'].entries()) {
      const [url = ''] = await store.writeShards(Dataset.from(Tiny, tiny(i, i + 1)), { prefix: 'commas' })
      await writeFile(dir().file(name), await readFile(url))
      urls.push(dir().file(name))
    }
    const { schemaRef } = await insert('type-is-known', 1)
    await there().index.commitEntry({ name: 'commas', schemaRef, dataUrls: urls })
    await expect(atdata.call('read', { place: there().place, name: 'commas' })).rejects.toThrow('FileNotFoundError')
    expect(await all(await there().repo.open('commas'))).toMatchObject(tiny(0, 2))
  })

  test('filter: in batches it forgets the filter; we do not', async () => {
    const path = dir().file('filtered.tar')
    const read = await atdata.fault('filtered_batches', { path })
    expect(read).toEqual({ 'one by one': [0, 1, 2], batched: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] })
    const batches = await all(
      Dataset.from(Tiny, path)
        .filter(({ id }) => id < 3)
        .ordered({ batchSize: 5 }),
    )
    expect(batches.flatMap(({ id }) => [...id])).toEqual([0, 1, 2])
  })

  test('seed: it cannot shuffle the same way twice; we can', async () => {
    await expect(atdata.fault('shuffle_with_seed', { path: dir().file('seed.tar') })).rejects.toThrow(
      "unexpected keyword argument 'seed'",
    )
    await insert('seeded', 50)
    const dataset = await there().repo.open('seeded', { type: Tiny })
    const [one, two] = [await all(dataset.shuffled({ seed: 1 })), await all(dataset.shuffled({ seed: 1 }))]
    expect(one).toEqual(two)
    expect(one.map(({ id }) => id)).not.toEqual(tiny(0, 50).map(({ id }) => id))
  })

  async function insert(name: string, count: number): Promise<Entry> {
    const [entry] = await there().repo.insert(Dataset.from(Tiny, tiny(0, count)), name)
    return entry
  }
})
