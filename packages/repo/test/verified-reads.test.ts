import { isShardexError } from '@shardex/errors'
import { defineSample, int, str } from '@shardex/schema'
import { expect, test } from 'vitest'
import { Dataset, decodeOffsetIndex, verifyEntry } from '../src/index.ts'
import { forgeSameCrc } from './forge.ts'
import { Tiny, tinies } from './images.ts'
import { collect, refused } from './outcomes.ts'
import { describeSettings } from './settings.ts'

const Long = defineSample('test.Long', { id: int(), text: str() })

describeSettings('Verified reads', (open) => {
  test('every flipped byte of a payload is an error that names shard, offset and sample, never a wrong sample', async () => {
    await using setting = await open()
    const [entry, stored] = await setting.repo.insert(Dataset.from(Tiny, tinies(3)), 'flip')
    const { url } = entry.shards![0]!
    const tar = await setting.read(url)
    const { offsets } = decodeOffsetIndex(await setting.read(`${url}.idx`), 'index')
    const damaged = Buffer.from(tar)
    damaged[offsets[1]! + 4]! ^= 0x10
    await setting.overwrite(url, damaged)
    for (const read of [() => collect(stored), () => stored.at(1), () => collect(stored.shuffled({ seed: 1 }))]) {
      const error = await refused(read())
      expect(isShardexError(error, 'shard.corrupt') && error.details).toMatchObject({
        shard: url,
        offset: offsets[1],
        sample: '000000001',
      })
    }
    expect(await stored.at(2)).toMatchObject({ id: 2 })
    const [report] = await collect(verifyEntry(entry, setting.store.storage))
    expect(report).toMatchObject({ ok: false, samples: 2 })
    expect(report?.problems.map(({ details }) => (details as { sample: string }).sample)).toEqual(['000000001'])
  })

  test('with sha256 a forged sample is never given out, even if its CRC-32 is right', async () => {
    await using setting = await open()
    const [entry] = await setting.repo.insert(Dataset.from(Tiny, tinies(3)), 'forged')
    const { url } = entry.shards![0]!
    const { offsets, sizes } = decodeOffsetIndex(await setting.read(`${url}.idx`), 'index')
    const tar = await setting.read(url)
    const payload = tar.subarray(offsets[1]!, offsets[1]! + sizes[1]!)
    forgeSameCrc(payload, 4, 9, payload.length - 8).forEach((byte, i) => {
      tar[offsets[1]! + i] = byte
    })
    await setting.overwrite(url, tar)

    const dataset = await setting.repo.open('forged', { verify: 'sha256' })
    for (const read of [() => collect(dataset), () => dataset.at(1), () => dataset.byKey('000000001')]) {
      const error = await refused(read())
      expect(isShardexError(error, 'shard.corrupt') && error.details).toMatchObject({
        sample: '000000001',
        found: 'another SHA-256',
      })
    }
    expect(await dataset.at(2)).toMatchObject({ id: 2 })
    const [report] = await collect(verifyEntry(entry, setting.store.storage, { depth: 'bytes' }))
    expect(report).toMatchObject({ ok: false })
  })

  test('with sha256 large samples are proved like small ones: all, an accident, a forgery', async () => {
    await using setting = await open()
    const samples = [0, 1, 2].map((id) => ({ id, text: `${id}`.repeat(10_000) }))
    const [entry] = await setting.repo.insert(Dataset.from(Long, samples), 'long')
    const dataset = await setting.repo.open('long', { type: Long, verify: 'sha256' })
    expect(await collect(dataset)).toMatchObject(samples)

    const { url } = entry.shards![0]!
    const { offsets, sizes } = decodeOffsetIndex(await setting.read(`${url}.idx`), 'index')
    const tar = await setting.read(url)
    const payload = tar.subarray(offsets[1]!, offsets[1]! + sizes[1]!)
    for (const [damaged, found] of [
      [payload.with(100, 0x30), expect.stringContaining('CRC-32')],
      [forgeSameCrc(payload, 100, 0x30, 5000), 'another SHA-256'],
    ] as const) {
      await setting.overwrite(url, Buffer.concat([tar.subarray(0, offsets[1]), damaged, tar.subarray(offsets[1]! + sizes[1]!)]))
      expect(await refused(dataset.at(1))).toMatchObject({ code: 'shard.corrupt', details: { sample: '000000001', found } })
      expect(await dataset.at(2)).toMatchObject({ id: 2 })
    }
  })

  test('a truncated shard, a missing shard, a damaged and a missing index are one clear error each', async () => {
    await using setting = await open()
    const [entry] = await setting.repo.insert(Dataset.from(Tiny, tinies(30)), 'hurt', { maxcount: 10 })
    const [first, second, third] = entry.shards!.map(({ url }) => url)
    await setting.overwrite(first!, (await setting.read(first!)).subarray(0, 5000))
    await setting.remove(second!)
    await setting.remove(`${third!}.idx`)
    const codes = []
    for await (const { ok, problems } of verifyEntry(entry, setting.store.storage)) codes.push([ok, problems[0]?.code])
    expect(codes).toEqual([
      [false, 'shard.truncated'],
      [false, 'shard.not_found'],
      [false, 'storage.not_found'],
    ])
    await setting.overwrite(`${third!}.idx`, Buffer.alloc(entry.shards![2]!.indexSizeBytes))
    const error = await refused((await setting.repo.open('hurt')).at(25))
    expect(isShardexError(error, 'index.corrupt')).toBe(true)
  })
})
