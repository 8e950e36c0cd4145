import { randomUUID } from 'node:crypto'
import { defineSample, int, LocalIndex, NDArray, ndarray, Repo, str } from 'shardex'
import { expect, test } from 'vitest'
import { describeRedis, freshRedis, shared, tempDir } from '../services/index.ts'
import { all } from './all.ts'
import { describeAtdata } from './atdata.ts'

const Old = defineSample('eras.Old', { id: int(), image: ndarray(), note: str().optional() })

const expected = [0, 1, 2, 3].map((i) => ({
  id: i,
  image: NDArray.from(
    Uint16Array.from({ length: i * 6 }, (_, j) => j),
    [i, 2, 3],
  ),
  note: i % 2 === 0 ? `note ${i}` : undefined,
}))

const ERAS = [
  {
    era: '0.2.2 with default reference',
    ref: 'local://schemas/eras.Old@1.0.0',
    key: 'LocalSchema:eras.Old@1.0.0',
    arrays: 'npy',
  },
  { era: '0.2.3', ref: 'atdata://local/sampleSchema/Old@1.0.0', key: 'LocalSchema:Old@1.0.0', arrays: 'npy' },
  { era: '0.3.0', ref: 'atdata://local/sampleSchema/Old@1.0.0', key: 'LocalSchema:Old@1.0.0', arrays: 'compact' },
  { era: '0.3.1', ref: 'atdata://local/schema/Old@1.0.0', key: 'LocalSchema:Old@1.0.0', arrays: 'compact' },
  {
    era: '0.5.1 with label',
    ref: 'atdata://local/schema/Old@1.0.0',
    key: 'LocalSchema:Old@1.0.0',
    arrays: 'compact',
    label: '2.1.0',
  },
]

await describeAtdata('datasets that older versions of atdata left', (atdata) => {
  describeRedis('in Redis', () => {
    const redis = shared(freshRedis)
    const dir = shared(() => tempDir('eras'))

    test('are found and read by name, whatever their references, keys and arrays look like', async () => {
      const uuid = randomUUID()
      await atdata.era('insert_0_2_0', { url: redis().url, name: uuid, path: dir().file('first.tar') })
      const cids: string[] = []
      for (const { era, ref, key, arrays, label = '' } of ERAS) {
        const path = dir().file(`${era}.tar`)
        cids.push(
          await atdata.era('insert_since_0_2_2', { url: redis().url, name: era, path, ref, schema_key: key, arrays, label }),
        )
      }
      await using index = new LocalIndex({ redis: redis().url })
      await using repo = new Repo({ index, root: dir().path })

      const first = await index.getEntryByName(uuid)
      expect(first).toMatchObject({ sampleKind: 'eras.Old', metadata: { metadata_url: 's3://bucket/metadata' }, revision: 1 })
      expect(await read(repo, uuid)).toEqual(expected)
      for (const [i, { era, ref, label }] of ERAS.entries()) {
        const entry = await index.getEntryByName(label === undefined ? era : `${era}@${label}`)
        expect(entry).toMatchObject({ cid: cids[i], schemaRef: ref, metadata: { era } })
        expect(await read(repo, era)).toEqual(expected)
        const decoded = await all(await repo.open(era))
        expect(decoded.map(({ id, image }) => [id, (image as NDArray).shape])).toEqual(
          expected.map(({ id, image }) => [id, image.shape]),
        )
      }
      expect(await index.allEntries()).toHaveLength(ERAS.length + 1)
    })
  })
})

async function read(repo: Repo, name: string): Promise<object[]> {
  const samples = await all(await repo.open(name, { type: Old }))
  return samples.map(({ id, image, note }) => ({ id, image, note: note ?? undefined }))
}
