import { isShardexError, type ShardexError } from '@shardex/errors'
import { expect, test } from 'vitest'
import { Dataset, decodeOffsetIndex } from '../src/index.ts'
import { everyone, SMALL } from './epochs.ts'
import { idsOf, sorted, upTo } from './ids.ts'
import { Tiny, tinies } from './images.ts'
import { flipped, httpMirror, insertMirrored } from './mirror.ts'
import { describeSettings, type Setting } from './settings.ts'

async function inserted({ repo, store }: Setting) {
  const [entry] = await repo.insert(Dataset.from(Tiny, tinies(103)), 'tiny', { maxcount: 10 })
  return Dataset.from(Tiny, entry, { storage: store.storage })
}

describeSettings('An epoch', (open) => {
  test.each([{}, SMALL])('is shared by any number of ranks and workers, each sample once, with %o', async (buffer) => {
    await using setting = await open()
    const dataset = await inserted(setting)
    const alone = await idsOf(dataset.shuffled({ seed: 7, ...buffer }))
    expect(sorted(alone)).toEqual(upTo(103))
    expect(alone).not.toEqual(upTo(103))
    for (const [worldSize, workers] of [
      [2, 1],
      [3, 2],
      [5, 1],
    ] as const) {
      const shares = await Promise.all(
        everyone(worldSize, workers).map((who) => idsOf(dataset.shuffled({ seed: 7, ...buffer, ...who }))),
      )
      const lanes = worldSize * workers
      expect(upTo(103).map((k) => shares[k % lanes]![Math.floor(k / lanes)])).toEqual(alone)
    }
  })

  test.each([{}, SMALL])(
    'that was stopped goes on with another world size, nothing lost or repeated, with %o',
    async (buffer) => {
      await using setting = await open()
      const dataset = await inserted(setting)
      const alone = await idsOf(dataset.shuffled({ seed: 7, epoch: 2, ...buffer }))
      const ranks = everyone(4).map((who) => dataset.shuffled({ seed: 7, epoch: 2, ...buffer, ...who }))
      const given = await Promise.all(ranks.map((rank) => idsOf(rank, 9)))
      expect(sorted(given.flat())).toEqual(sorted(alone.slice(0, 36)))
      const [resume, ...others] = new Set(ranks.map((rank) => rank.state()))
      expect(others).toEqual([])
      for (const [worldSize, workers] of [
        [1, 1],
        [3, 1],
        [2, 3],
      ] as const) {
        const rest = await Promise.all(everyone(worldSize, workers).map((who) => idsOf(dataset.shuffled({ resume, ...who }))))
        expect(sorted(rest.flat())).toEqual(sorted(alone.slice(36)))
      }
      expect(await idsOf(dataset.shuffled({ resume }))).toEqual(alone.slice(36))
    },
  )

  test('passes over damage in its parts, gives all else, and tells once what is lost', async () => {
    await using setting = await open()
    const { shards = [] } = await insertMirrored(setting, [])
    await setting.overwrite(shards[0]!.url, await flipped(setting, shards[0]!.url, 0, 3, 9))
    const { offsets } = decodeOffsetIndex(await setting.read(`${shards[1]!.url}.idx`), 'index')
    await setting.overwrite(shards[1]!.url, (await setting.read(shards[1]!.url)).subarray(0, offsets[7]! + 3))
    await setting.remove(shards[2]!.url)
    for (const buffer of [{}, { bufferShards: 2, bufferSamples: 8, bufferBytes: 2 ** 13 }]) {
      const told: ShardexError[] = []
      const dataset = await setting.repo.open('mirrored', {
        type: Tiny,
        onCorrupt: 'skip',
        onDamage: (error) => told.push(error),
      })
      for (let epoch = 0; epoch < 2; epoch++)
        expect(sorted(await idsOf(dataset.shuffled({ seed: 1, epoch, ...buffer })))).toEqual(
          upTo(17).filter((id) => ![0, 3, 9].includes(id)),
        )
      expect(told.map(({ code }) => code).sort()).toEqual([
        'shard.corrupt',
        'shard.corrupt',
        'shard.corrupt',
        'shard.not_found',
        'shard.truncated',
      ])
      const truncated = told.find((error) => isShardexError(error, 'shard.truncated'))
      expect(truncated?.details).toMatchObject({ lost: { samples: 3, firstKey: '000000017', lastKey: '000000019' } })
      expect(told.find(({ code }) => code === 'shard.not_found')?.details).toMatchObject({ lost: { samples: 10 } })
    }
  })

  test('takes from a mirror what is damaged in its parts, in the same order', async () => {
    await using setting = await open()
    await using mirror = await httpMirror()
    const { shards = [] } = await insertMirrored(setting, [mirror])
    const buffer = { seed: 1, bufferShards: 2, bufferSamples: 8, bufferBytes: 2 ** 13 }
    const whole = await idsOf((await setting.repo.open('mirrored', { type: Tiny })).shuffled(buffer))
    await setting.overwrite(shards[0]!.url, await flipped(setting, shards[0]!.url, 2, 3))
    await setting.overwrite(shards[1]!.url, (await setting.read(shards[1]!.url)).subarray(0, 3000))
    await setting.remove(shards[2]!.url)
    const dataset = await setting.repo.open('mirrored', { type: Tiny, onCorrupt: 'refetch', onDamage: () => {} })
    expect(await idsOf(dataset.shuffled(buffer))).toEqual(whole)
    const strict = await setting.repo.open('mirrored', { type: Tiny })
    expect(isShardexError(await idsOf(strict.shuffled(buffer)).catch((error: unknown) => error))).toBe(true)
  })
})
