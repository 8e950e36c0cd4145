import { isShardexError, type ShardexError } from '@shardex/errors'
import { openStorage } from '@shardex/storage'
import { expect, test } from 'vitest'
import { freePorts, tempDir } from '../../../test/services/index.ts'
import { Dataset, decodeOffsetIndex } from '../src/index.ts'
import { idsOf, sorted, upTo } from './ids.ts'
import { Tiny } from './images.ts'
import { flipped, insertMirrored } from './mirror.ts'
import { describeSettings } from './settings.ts'

type Told = ShardexError<'shard.corrupt'>

/** Every key that the errors say is lost. */
function lostIds(told: readonly ShardexError[]): number[] {
  return told.flatMap(({ details }) => {
    const { sample, lost } = details as Told['details']
    if (lost === undefined) return [Number(sample)]
    const ids = lost.samples === 0 ? [] : upTo(Number(lost.lastKey) + 1, Number(lost.firstKey))
    expect(ids).toHaveLength(lost.samples)
    return ids
  })
}

describeSettings('Reading with skip', (open) => {
  test('damaged samples are passed over, and each is told once however often the dataset is read', async () => {
    await using setting = await open()
    const { shards = [] } = await insertMirrored(setting, [])
    await setting.overwrite(shards[0]!.url, await flipped(setting, shards[0]!.url, 0, 3, 9))
    const told: ShardexError[] = []
    const dataset = await setting.repo.open('mirrored', { type: Tiny, onCorrupt: 'skip', onDamage: (error) => told.push(error) })
    const whole = upTo(30).filter((id) => ![0, 3, 9].includes(id))
    expect(await idsOf(dataset)).toEqual(whole)
    expect(sorted(await idsOf(dataset.shuffled({ seed: 1 })))).toEqual(whole)
    expect(told.map(({ code }) => code)).toEqual(['shard.corrupt', 'shard.corrupt', 'shard.corrupt'])
    expect(lostIds(told)).toEqual([0, 3, 9])
  })

  test('a truncated shard gives what is before its end, and one error says which keys are lost', async () => {
    await using setting = await open()
    const { shards = [] } = await insertMirrored(setting, [])
    const url = shards[1]!.url
    const { offsets } = decodeOffsetIndex(await setting.read(`${url}.idx`), 'index')
    const damaged = await flipped(setting, url, 2)
    await setting.overwrite(url, damaged.subarray(0, offsets[4]! + 3))
    const told: ShardexError[] = []
    const dataset = await setting.repo.open('mirrored', { type: Tiny, onCorrupt: 'skip', onDamage: (error) => told.push(error) })
    expect(await idsOf(dataset)).toEqual([...upTo(12), 13, ...upTo(30, 20)])
    expect(told.map(({ code }) => code)).toEqual(['shard.corrupt', 'shard.truncated'])
    expect(told[1]).toMatchObject({
      details: { shard: url, lost: { samples: 6, firstKey: '000000014', lastKey: '000000019' } },
      message: expect.stringContaining('Lost: 6 samples, "000000014" to "000000019".'),
    })
    expect(lostIds(told)).toEqual([12, ...upTo(20, 14)])
  })

  test('a shard that lost only what follows its last sample loses none, and says so', async () => {
    await using setting = await open()
    const { shards = [] } = await insertMirrored(setting, [])
    const tar = await setting.read(shards[2]!.url)
    await setting.overwrite(shards[2]!.url, tar.subarray(0, tar.length - 1024))
    const told: ShardexError[] = []
    const dataset = await setting.repo.open('mirrored', { type: Tiny, onCorrupt: 'skip', onDamage: (error) => told.push(error) })
    expect(await idsOf(dataset)).toEqual(upTo(30))
    expect(told).toMatchObject([{ code: 'shard.truncated', message: expect.stringContaining('No sample is lost.') }])
  })

  test('a missing shard, a missing and a damaged index are one error each, with the keys of the whole shard', async () => {
    await using setting = await open()
    const { shards = [] } = await insertMirrored(setting, [])
    await setting.remove(shards[0]!.url)
    await setting.remove(`${shards[1]!.url}.idx`)
    await setting.overwrite(`${shards[2]!.url}.idx`, Buffer.alloc(shards[2]!.indexSizeBytes))
    const told: ShardexError[] = []
    const dataset = await setting.repo.open('mirrored', { onCorrupt: 'skip', onDamage: (error) => told.push(error) })
    for (let round = 0; round < 2; round++) for await (const _ of dataset) expect.unreachable('nothing is left')
    expect(told.map(({ code }) => code)).toEqual(['shard.not_found', 'storage.not_found', 'index.corrupt'])
    expect(lostIds(told)).toEqual(upTo(30))
    for (const [i, { message }] of told.entries()) expect(message).toContain(shards[i]!.url)
  })

  test('a sample that is asked for by itself is not passed over', async () => {
    await using setting = await open()
    const { shards = [] } = await insertMirrored(setting, [])
    await setting.overwrite(shards[0]!.url, await flipped(setting, shards[0]!.url, 3))
    const dataset = await setting.repo.open('mirrored', { onCorrupt: 'skip' })
    for (const read of [() => dataset.at(3), () => dataset.byKey('000000003')]) {
      const error = await read().catch((refusal: unknown) => refusal)
      expect(isShardexError(error, 'shard.corrupt') && error.details.sample).toBe('000000003')
    }
  })

  test('what onDamage throws ends the reading, even if it is what it was told', async () => {
    await using setting = await open()
    const { shards = [] } = await insertMirrored(setting, [])
    await setting.overwrite(shards[0]!.url, await flipped(setting, shards[0]!.url, 3))
    for (const onCorrupt of ['skip', 'refetch'] as const) {
      const told: ShardexError[] = []
      const onDamage = (error: ShardexError) => {
        if (told.push(error) === 1) throw error
      }
      const dataset = await setting.repo.open('mirrored', { type: Tiny, onCorrupt, onDamage })
      expect(await idsOf(dataset).catch((error: unknown) => error)).toBe(told[0])
      expect(told).toHaveLength(1)
    }
  })
})

test('a store that is away or does not let us in is an error and never skipped', async () => {
  await using dir = await tempDir('away')
  const [port = 0] = await freePorts(1)
  await using storage = openStorage({
    s3: { AWS_ENDPOINT: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
    retry: { attempts: 1 },
    fileRoot: dir.path,
  })
  for (const [url, code] of [
    ['s3://bucket/x.tar', 'storage.unavailable'],
    [`http://127.0.0.1:${port}/x.tar`, 'storage.unavailable'],
    ['/elsewhere/x.tar', 'path.outside_root'],
  ] as const) {
    for (const onCorrupt of ['skip', 'refetch'] as const) {
      const dataset = Dataset.from(Tiny, url, { storage, onCorrupt, onDamage: () => expect.unreachable('it is no damage') })
      expect(await idsOf(dataset).catch((error: unknown) => error)).toMatchObject({ code })
    }
  }
})

test('an onCorrupt that does not exist is a programming error', () => {
  expect(() => Dataset.from(Tiny, 'x.tar', { onCorrupt: 'ignore' as 'skip' })).toThrow(TypeError)
})
