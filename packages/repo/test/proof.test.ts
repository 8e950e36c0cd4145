import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Dataset, type SampleProof, verifyProof } from '../src/index.ts'
import { Tiny, tinies } from './images.ts'
import { describeSettings } from './settings.ts'

const payloadOf = (i: number) => Tiny.pack({ id: i, label: `n${i}` })

describeSettings('Proofs', (open) => {
  test('every sample is proved by a few hundred bytes, without store or registry', async () => {
    await using setting = await open()
    const [entry, dataset] = await setting.repo.insert(Dataset.from(Tiny, tinies(23)), 'proved', { maxcount: 5 })
    for (let i = 0; i < 23; i++) {
      const key = String(i).padStart(9, '0')
      const proof = await dataset.prove(key)
      expect(verifyProof(entry.contentCid!, { key, payload: payloadOf(i) }, proof!)).toBe(true)
      const bytes = [proof!.content, proof!.shard, ...proof!.shardPath, ...proof!.samplePath].reduce(
        (sum, part) => sum + part.length,
        0,
      )
      expect(bytes).toBeLessThan(600)
    }
    expect(await dataset.prove('nobody')).toBeUndefined()
  })

  test('the same samples, schema and options are the same content, wherever they lie', async () => {
    await using setting = await open()
    const insert = async (name: string, count: number, maxcount: number) =>
      (await setting.repo.insert(Dataset.from(Tiny, tinies(count)), name, { maxcount }))[0]
    const [one, two, fewer, otherwise] = [
      await insert('one', 9, 5),
      await insert('two', 9, 5),
      await insert('fewer', 8, 5),
      await insert('cut', 9, 4),
    ]
    expect(two.contentCid).toBe(one.contentCid)
    expect(two.cid).not.toBe(one.cid)
    expect(new Set([one, fewer, otherwise].map(({ contentCid }) => contentCid)).size).toBe(3)
    expect((await setting.index.getEntryByName('one'))?.contentCid).toBe(one.contentCid)
  })
})

describeSettings('A proof', (open) => {
  test('shows nothing else: no other payload, key, content, position or altered byte', async () => {
    await using setting = await open()
    const [entry, dataset] = await setting.repo.insert(Dataset.from(Tiny, tinies(23)), 'proved', { maxcount: 5 })
    const cid = entry.contentCid!
    const key = '000000012'
    const sample = { key, payload: payloadOf(12) }
    const proof = (await dataset.prove(key))!
    expect(verifyProof(cid, sample, proof)).toBe(true)
    expect(verifyProof(cid, { ...sample, payload: payloadOf(13) }, proof)).toBe(false)
    expect(verifyProof(cid, { ...sample, key: '000000013' }, proof)).toBe(false)
    expect(verifyProof(entry.cid, sample, proof)).toBe(false)
    for (const change of [
      { shardPosition: 1 },
      { samplePosition: 3 },
      { samplePosition: -1 },
      { samplePosition: Number.NaN },
      { shardPath: [] },
    ]) {
      expect(verifyProof(cid, sample, { ...proof, ...change })).toBe(false)
    }
    fc.assert(
      fc.property(
        fc.constantFrom('content', 'shard', 'shardPath', 'samplePath'),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (part, at, flip) => {
          const altered = structuredClone(proof) as SampleProof
          const bytes = part === 'content' || part === 'shard' ? altered[part] : altered[part][at % altered[part].length]!
          bytes[at % bytes.length]! ^= flip
          expect(verifyProof(cid, sample, altered)).toBe(false)
        },
      ),
      { numRuns: 300 },
    )
  })
})
