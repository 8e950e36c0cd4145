import { expect, test } from 'vitest'
import { Dataset, manifestUrls } from '../src/index.ts'
import { idsOf } from './ids.ts'
import { Review, review } from './reviews.ts'
import { describeSettings, type Setting } from './settings.ts'

const TWO = [...Array(20).keys()]
const SPLITS = ['tra', 'tes']

/** Two shards of the same sizes, opened by their URLs alone: nothing is known of them but what lies beside them. */
async function twins({ repo, store }: Setting) {
  const samples = TWO.map((id) => ({ ...review(1), id, split: SPLITS[Math.floor(id / 10)] ?? '', stars: id % 2 }))
  const [entry] = await repo.insert(Dataset.from(Review, samples), 'twins', { maxcount: 10, manifest: true })
  return { urls: entry.dataUrls, dataset: Dataset.from(Review, entry.dataUrls, { storage: store.storage }) }
}

describeSettings('A query by forged manifests', (open) => {
  test('is refused where those of two shards were swapped, however it reads', async () => {
    await using setting = await open()
    const { urls, dataset } = await twins(setting)
    const [first, second] = urls.map(manifestUrls) as [ReturnType<typeof manifestUrls>, ReturnType<typeof manifestUrls>]
    for (const which of ['header', 'samples'] as const) {
      const [one, other] = [await setting.read(first[which]), await setting.read(second[which])]
      await setting.overwrite(first[which], other)
      await setting.overwrite(second[which], one)
    }
    for (const where of [{ split: 'tes' }, { id: 3 }, { split: 'tes', stars: 1 }]) {
      const found = () => dataset.query(where)
      for (const read of [() => idsOf(found()), () => idsOf(found().shuffled({ seed: 1 })), () => found().at(0)])
        await expect(read()).rejects.toMatchObject({ code: 'index.corrupt' })
    }
    // The places are those of the shard, and the answer is the same in both: only the keys tell.
    await expect(idsOf(dataset.query({ stars: 1 }))).rejects.toThrow(/other keys/)
  })

  test('is refused where a header says more than is so, of the samples or of their bytes', async () => {
    await using setting = await open()
    const { urls } = await twins(setting)
    const { header: url } = manifestUrls(urls[0]!)
    const header = String(await setting.read(url))
    const dataset = await setting.repo.open('twins', { type: Review })
    const forge = (from: RegExp, to: string) => setting.overwrite(url, Buffer.from(header.replace(from, to)))
    await forge(/"tra": 10/, '"tes": 10')
    await expect(idsOf(dataset.query({ split: 'tes' }))).rejects.toMatchObject({ code: 'index.corrupt' })
    await expect(dataset.query({ split: 'tes' }).at(3)).rejects.toThrow(/does not answer the query/)
    for (const size of [0, 2 ** 52]) {
      await forge(/"size_bytes": \d+/, `"size_bytes": ${size}`)
      await expect(idsOf(dataset.query({ split: 'tra' }))).rejects.toThrow(`found ${size} bytes`)
    }
  })
})
