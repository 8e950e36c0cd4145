import { basename } from 'node:path'
import { isShardexError, type ShardexError } from '@shardex/errors'
import { expect, test } from 'vitest'
import { Dataset, decodeOffsetIndex, verifyProof } from '../src/index.ts'
import { forgeSameCrc } from './forge.ts'
import { idsOf, upTo } from './ids.ts'
import { Tiny, tinies } from './images.ts'
import { flipped, httpMirror, insertMirrored, mirrorInStore } from './mirror.ts'
import { describeSettings, type Setting } from './settings.ts'

const ALL = upTo(30)

/** The dataset, and what was told of it. */
async function opened(setting: Setting, verify: 'crc32' | 'sha256' = 'crc32') {
  const told: ShardexError[] = []
  const onDamage = (error: ShardexError) => void told.push(error)
  const dataset = await setting.repo.open('mirrored', { type: Tiny, verify, onCorrupt: 'refetch', onDamage })
  return { dataset, told }
}

describeSettings('Reading with refetch', (open) => {
  test('what is damaged comes from a mirror in its place, in order and shuffled, and is told once', async () => {
    await using setting = await open()
    await using mirror = await httpMirror()
    const { shards = [] } = await insertMirrored(setting, [mirror])
    const shuffled = await idsOf((await opened(setting)).dataset.shuffled({ seed: 5 }))
    await setting.overwrite(shards[0]!.url, await flipped(setting, shards[0]!.url, 0, 4))
    await setting.overwrite(shards[1]!.url, (await setting.read(shards[1]!.url)).subarray(0, 3000))
    await setting.remove(shards[2]!.url)
    await setting.remove(`${shards[0]!.url}.idx`)
    const { dataset, told } = await opened(setting)
    for (let round = 0; round < 2; round++) {
      expect(await idsOf(dataset)).toEqual(ALL)
      expect(await idsOf(dataset.shuffled({ seed: 5 }))).toEqual(shuffled)
    }
    expect(told.map(({ code }) => code)).toEqual([
      'storage.not_found',
      'shard.corrupt',
      'shard.corrupt',
      'shard.truncated',
      'shard.not_found',
    ])
  })

  test('single samples, by position and by key, and proofs come from a mirror too', async () => {
    await using setting = await open()
    await using mirror = mirrorInStore(setting)
    const { shards = [], contentCid } = await insertMirrored(setting, [mirror])
    await setting.overwrite(shards[0]!.url, await flipped(setting, shards[0]!.url, 7))
    await setting.remove(shards[1]!.url)
    await setting.overwrite(`${shards[2]!.url}.idx`, Buffer.alloc(shards[2]!.indexSizeBytes))
    const { dataset, told } = await opened(setting, 'sha256')
    for (let round = 0; round < 2; round++) {
      expect(await dataset.at(7)).toMatchObject({ id: 7 })
      expect(await dataset.byKey('000000013')).toMatchObject({ id: 13 })
      expect(await dataset.at(25)).toMatchObject({ id: 25 })
    }
    const payload = Tiny.pack({ id: 25, label: 'n25' })
    const proof = await dataset.prove('000000025')
    expect(proof && verifyProof(contentCid!, { key: '000000025', payload }, proof)).toBe(true)
    expect(told.map(({ code }) => code)).toEqual(['shard.corrupt', 'shard.not_found', 'index.corrupt'])
  })

  test('mirrors that are damaged elsewhere help each other, and the shard itself helps them', async () => {
    await using setting = await open()
    await using first = mirrorInStore(setting)
    await using second = await httpMirror()
    const { shards = [] } = await insertMirrored(setting, [first, second])
    const url = shards[0]!.url
    const name = basename(url)
    await first.write(name, await flipped(setting, url, 1, 2))
    await second.write(name, await flipped(setting, url, 8))
    const { offsets } = decodeOffsetIndex(await setting.read(`${url}.idx`), 'index')
    const tar = await flipped(setting, url, 2, 3)
    await setting.overwrite(url, tar.subarray(0, offsets[9]!))
    const { dataset } = await opened(setting)
    expect(await idsOf(dataset)).toEqual(ALL)
    expect((await dataset.at(2)).id).toBe(2)
  })

  test('a forged mirror is not believed with sha256, and all that was tried is said', async () => {
    await using setting = await open()
    await using forged = mirrorInStore(setting)
    await using damaged = await httpMirror()
    const { shards = [] } = await insertMirrored(setting, [forged, damaged])
    const url = shards[0]!.url
    const { offsets, sizes } = decodeOffsetIndex(await setting.read(`${url}.idx`), 'index')
    const tar = await setting.read(url)
    const payload = tar.subarray(offsets[5]!, offsets[5]! + sizes[5]!)
    tar.set(forgeSameCrc(payload, 4, 9, payload.length - 8), offsets[5]!)
    await forged.write(basename(url), tar)
    await damaged.write(basename(url), await flipped(setting, url, 5))
    await setting.overwrite(url, await flipped(setting, url, 5))
    const { dataset, told } = await opened(setting, 'sha256')
    for (const read of [() => idsOf(dataset), () => dataset.at(5)]) {
      const error = await read().catch((refusal: unknown) => refusal)
      expect(error).toMatchObject({ code: 'shard.corrupt', details: { shard: url, sample: '000000005' } })
      const { mirrors = [] } = isShardexError(error, 'shard.corrupt') ? error.details : {}
      expect(mirrors.map((mirror) => mirror.url)).toEqual([forged.url + basename(url), damaged.url + basename(url)])
      expect(mirrors.map(({ found }) => found)).toEqual([
        expect.stringContaining('another SHA-256'),
        expect.stringContaining('CRC-32'),
      ])
      expect(String(error)).toContain(`${damaged.url + basename(url)}: sample "000000005"`)
    }
    expect(told).toHaveLength(1)
    expect((await dataset.at(4)).id).toBe(4)
  })

  test('a shard of nothing but damage is streamed from the mirror, not fetched sample by sample', async () => {
    await using setting = await open()
    await using mirror = mirrorInStore(setting)
    const metadata = { mirrors: [mirror.url] }
    const [{ shards = [] }] = await setting.repo.insert(Dataset.from(Tiny, tinies(1000)), 'mirrored', { metadata })
    const url = shards[0]!.url
    await mirror.write(basename(url), await setting.read(url))
    await setting.overwrite(url, Buffer.alloc(shards[0]!.sizeBytes))
    const { dataset, told } = await opened(setting)
    expect(await idsOf(dataset)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
    expect(told).toHaveLength(17)
    expect(await idsOf(dataset)).toHaveLength(1000)
    expect((await dataset.at(900)).id).toBe(900)
    expect(told).toHaveLength(17)
  })

  test('without mirrors the damage is thrown as it is, and says that no mirror is known', async () => {
    await using setting = await open()
    const { shards = [] } = await insertMirrored(setting, [])
    await setting.overwrite(shards[0]!.url, await flipped(setting, shards[0]!.url, 1))
    const { dataset } = await opened(setting)
    const error = await idsOf(dataset).catch((refusal: unknown) => refusal)
    expect(error).toMatchObject({ code: 'shard.corrupt', message: expect.stringContaining('No mirror is known.') })
  })
})
