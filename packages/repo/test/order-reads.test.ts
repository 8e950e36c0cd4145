import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { isShardexError, type ShardexError } from '@shardex/errors'
import { LocalIndex } from '@shardex/index'
import { openStorage, type Storage } from '@shardex/storage'
import { expect, test } from 'vitest'
import { tempDir } from '../../../test/services/index.ts'
import { Dataset, decodeOffsetIndex, LocalDiskStore, Repo, type Shuffled, type ShuffledOptions } from '../src/index.ts'
import { decodeState, encodeState, fingerprint } from '../src/order/state.ts'
import { Image, images, Tiny, tinies } from './images.ts'
import { flipped, httpMirror, insertMirrored } from './mirror.ts'
import { describeSettings, type Setting } from './settings.ts'

type TinySample = { id: number | bigint }

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
const sorted = (ids: readonly number[]) => ids.toSorted((a, b) => a - b)
/** So small that every block is read by itself. */
const PARTS = { bufferShards: 6, bufferSamples: 60, bufferBytes: 60_000 }

async function idsOf(samples: AsyncIterable<TinySample>, most = Number.POSITIVE_INFINITY): Promise<number[]> {
  const ids: number[] = []
  for await (const { id } of samples) if (ids.push(Number(id)) === most) break
  return ids
}

const everyone = (worldSize: number, workers = 1) =>
  upTo(worldSize * workers).map((i) => ({ rank: i % worldSize, worldSize, worker: Math.floor(i / worldSize), workers }))

async function inserted(setting: Setting, count = 103) {
  const [entry] = await setting.repo.insert(Dataset.from(Tiny, tinies(count)), 'tiny', { maxcount: 10 })
  return { entry, dataset: Dataset.from(Tiny, entry, { storage: setting.store.storage }) }
}

const refusalOf = (samples: AsyncIterable<unknown>): Promise<unknown> =>
  (async () => {
    for await (const _ of samples) expect.unreachable('nothing should be given')
  })().catch((error: unknown) => error)

describeSettings('An epoch', (open) => {
  test.each([{}, PARTS])('is shared by any number of ranks and workers, each sample once, with %o', async (buffer) => {
    await using setting = await open()
    const { dataset } = await inserted(setting)
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

  test.each([{}, PARTS])(
    'that was stopped goes on with another world size, nothing lost or repeated, with %o',
    async (buffer) => {
      await using setting = await open()
      const { dataset } = await inserted(setting)
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

async function onDisk(count = 103, maxcount = 10) {
  const dir = await tempDir('order')
  const store = new LocalDiskStore({ root: dir.path })
  const urls = await store.writeShards(Dataset.from(Tiny, tinies(count)), { prefix: 'tiny', maxcount })
  return {
    urls,
    dataset: Dataset.from(Tiny, urls),
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      await dir[Symbol.asyncDispose]()
    },
  }
}

test('batches are the samples of the order, and whole on every rank with drop and with pad', async () => {
  await using stored = await onDisk()
  const alone = await idsOf(stored.dataset.shuffled({ seed: 3 }))
  const lengths = async (options: ShuffledOptions) => {
    const all: number[][] = []
    for (const who of everyone(4)) {
      const batches: number[][] = []
      for await (const batch of stored.dataset.shuffled({ seed: 3, ...options, ...who, batchSize: 5 }))
        batches.push(batch.samples.map(({ id }) => Number(id)))
      all.push(batches.map(({ length }) => length))
      const wanted = batches.flat().map((_, i) => alone[(who.rank + i * 4) % 103])
      expect(batches.flat()).toEqual(wanted)
    }
    return all
  }
  expect(await lengths({})).toEqual([
    [5, 5, 5, 5, 5, 1],
    [5, 5, 5, 5, 5, 1],
    [5, 5, 5, 5, 5, 1],
    [5, 5, 5, 5, 5],
  ])
  expect(await lengths({ remainder: 'drop' })).toEqual(upTo(4).map(() => [5, 5, 5, 5, 5]))
  expect(await lengths({ remainder: 'pad' })).toEqual(upTo(4).map(() => [5, 5, 5, 5, 5, 5]))
})

test('a state counts what was given out and not what was fetched, from the first batch to the end', async () => {
  await using stored = await onDisk()
  const positionOf = (epoch: Shuffled<unknown>) => Number(epoch.state().split(':')[5])
  const epoch = stored.dataset.shuffled({ seed: 3, batchSize: 10, rank: 1, worldSize: 2 })
  expect(() => epoch.state()).toThrow(/entry/)
  const positions: number[] = []
  for await (const _ of epoch) positions.push(positionOf(epoch))
  expect([...positions, positionOf(epoch)]).toEqual([20, 40, 60, 80, 100, 102, 103])
  expect(await idsOf(stored.dataset.shuffled({ resume: epoch.state() }))).toEqual([])
  const dropping = stored.dataset.shuffled({ seed: 3, batchSize: 10, remainder: 'drop' })
  for await (const _ of dropping);
  expect(positionOf(dropping)).toBe(100)
  expect(await idsOf(stored.dataset.shuffled({ resume: dropping.state() }))).toHaveLength(3)
})

test('map keeps the positions, filter is counted in the samples before it, and take shortens the dataset', async () => {
  await using stored = await onDisk()
  const alone = await idsOf(stored.dataset.shuffled({ seed: 3 }))
  const mapped = stored.dataset.map(async ({ id }) => ({ id: Number(id) + 1000 }))
  expect(await idsOf(mapped.shuffled({ seed: 3, rank: 1, worldSize: 2 }))).toEqual(
    alone.filter((_, k) => k % 2 === 1).map((id) => id + 1000),
  )
  const even = stored.dataset.filter(({ id }) => Number(id) % 2 === 0)
  const epoch = even.shuffled({ seed: 3 })
  const first = await idsOf(epoch, 20)
  const rest = await idsOf(even.shuffled({ resume: epoch.state() }))
  expect([...first, ...rest]).toEqual(alone.filter((id) => id % 2 === 0))
  const shares = await Promise.all(everyone(3).map((who) => idsOf(even.shuffled({ seed: 3, ...who }))))
  expect(sorted(shares.flat())).toEqual(upTo(52).map((id) => id * 2))
  expect(() => even.shuffled({ seed: 3, rank: 0, worldSize: 2 }).state()).toThrow(/filter/)
  expect(() => even.shuffled({ remainder: 'pad' })).toThrow(/filter/)
  const short = stored.dataset.take(35)
  const taken = await Promise.all(everyone(2).map((who) => idsOf(short.shuffled({ seed: 3, remainder: 'pad', ...who }))))
  expect(sorted([...new Set(taken.flat())])).toEqual(upTo(35))
})

test('of a shard that take cuts, as many bytes count as it has samples', async () => {
  await using stored = await onDisk()
  const [first, second] = await Promise.all(stored.urls.map(async (url) => (await stat(url)).size))
  const state = await stateAfter(stored.dataset.take(17), 1)
  const sizes = [
    { sampleCount: 10, sizeBytes: first! },
    { sampleCount: 7, sizeBytes: Math.floor(second! / 10) * 7 },
  ]
  expect(decodeState(state).dataset).toBe(fingerprint(sizes))
})

test('a dataset that the buffer can hold is read in large units, each once, also where a block lies in two of them', async () => {
  await using stored = await onDisk(103, 103)
  await using real = openStorage()
  const { storage, reads } = noting(real)
  const dataset = Dataset.from(Tiny, stored.urls, { storage })
  expect(sorted(await idsOf(dataset.shuffled({ seed: 3, bufferShards: 3, bufferBytes: 120_000 })))).toEqual(upTo(103))
  expect(reads).toHaveLength(3)
})

test('samples whose number is not known pass through a buffer, and refuse to be shared or resumed', async () => {
  await using stored = await onDisk()
  const resume = await stateAfter(stored.dataset, 10)
  await rm(`${stored.urls[4]!}.idx`)
  const foreign = stored.dataset.shuffled({ seed: 3 })
  expect(sorted(await idsOf(foreign))).toEqual(upTo(103))
  expect(() => foreign.state()).toThrow(/000004.tar has no offset index/)
  for (const options of [{ seed: 3, rank: 0, worldSize: 2 }, { remainder: 'drop' }, { resume }] as const)
    expect(await refusalOf(stored.dataset.shuffled(options))).toMatchObject({
      code: 'dataset.unindexed',
      details: { shard: stored.urls[4] },
    })
  for (const dataset of [Dataset.from(Tiny, [...tinies(20)]), stored.dataset.filter(() => true).take(20)]) {
    const first = await idsOf(dataset.shuffled({ seed: 1, epoch: 1 }))
    expect(sorted(first)).toEqual(upTo(20))
    expect(await idsOf(dataset.shuffled({ seed: 1, epoch: 1 }))).toEqual(first)
    expect(await idsOf(dataset.shuffled({ seed: 1, epoch: 2 }))).not.toEqual(first)
    expect(() => dataset.shuffled({ seed: 1, workers: 2 })).toThrow(/workers cannot be kept to/)
    expect(() => dataset.shuffled({ seed: 1 }).state()).toThrow(TypeError)
  }
})

async function stateAfter(dataset: Dataset<TinySample>, count: number): Promise<string> {
  const epoch = dataset.shuffled({ seed: 3 })
  await idsOf(epoch, count)
  return epoch.state()
}

test('a state that is damaged, or of another dataset, seed, version or length is refused with what was found and wanted', async () => {
  await using stored = await onDisk()
  await using other = await onDisk(104)
  const state = await stateAfter(stored.dataset, 10)
  const refused = async (options: ShuffledOptions, dataset = stored.dataset) => {
    try {
      return await refusalOf(dataset.shuffled(options))
    } catch (error) {
      return error
    }
  }
  for (let at = 0; at < state.length; at++) {
    const damaged = `${state.slice(0, at)}${state[at] === '1' ? '2' : '1'}${state.slice(at + 1)}`
    expect(await refused({ resume: damaged })).toMatchObject({ code: 'state.invalid' })
  }
  for (const wrong of ['', 'shuffle:1:', state.slice(0, -1), `${state}0`, 'x'.repeat(1e6), 7 as unknown as string])
    expect(await refused({ resume: wrong })).toMatchObject({ code: 'state.invalid' })
  expect(await refused({ resume: state.replace(':1:', ':2:') })).toMatchObject({ details: { member: 'version' } })
  expect(await refused({ resume: state, seed: 4 })).toMatchObject({ details: { member: 'seed', found: '3', wanted: '4' } })
  expect(await refused({ resume: state, epoch: 1 })).toMatchObject({ details: { member: 'epoch' } })
  expect(await refused({ resume: state, bufferShards: 5 })).toMatchObject({ details: { member: 'bufferShards' } })
  expect(await refused({ resume: state }, other.dataset)).toMatchObject({ details: { member: 'dataset' } })
  const beyond = encodeState({ ...decodeState(state), position: 104 })
  expect(await refused({ resume: beyond })).toMatchObject({ details: { member: 'position', found: '104' } })
  expect(await refused({ resume: state }, stored.dataset.take(50))).toMatchObject({ details: { member: 'dataset' } })
})

interface Read {
  readonly url: string
  readonly start: number
  readonly end: number
  readonly signal: AbortSignal | undefined
}

/** Notes what is read of shards through a real storage. */
function noting(storage: Storage): { storage: Storage; reads: Read[] } {
  const reads: Read[] = []
  const locate: Storage['locate'] = async (url) => {
    const found = await storage.locate(url)
    const get: typeof found.store.get = async (key, options = {}) => {
      const body = await found.store.get(key, options)
      const start = options.range?.start ?? 0
      if (body !== undefined && url.endsWith('.tar'))
        reads.push({ url, start, end: start + body.lengthBytes, signal: options.signal })
      return body
    }
    return { ...found, store: { ...found.store, get } }
  }
  return { storage: { ...storage, locate }, reads }
}

test('no byte is read twice by ranks that divide the places, and resuming late reads what is left only', async () => {
  await using stored = await onDisk(600)
  await using real = openStorage()
  const { storage, reads } = noting(real)
  const dataset = Dataset.from(Tiny, stored.urls, { storage })
  for (const [worldSize, onCorrupt] of [
    [1, 'error'],
    [2, 'error'],
    [3, 'skip'],
    [6, 'refetch'],
  ] as const) {
    reads.length = 0
    const tolerant = Dataset.from(Tiny, stored.urls, { storage, onCorrupt })
    for (const who of everyone(worldSize)) await idsOf(tolerant.shuffled({ seed: 3, ...PARTS, ...who }))
    const inOrder = reads.toSorted((a, b) => a.url.localeCompare(b.url) || a.start - b.start)
    for (const [i, read] of inOrder.entries())
      if (inOrder[i + 1]?.url === read.url) expect(read.end).toBeLessThanOrEqual(inOrder[i + 1]!.start)
  }
  const resume = await stateAfter(dataset, 590)
  const all = reads.length
  reads.length = 0
  expect(await idsOf(dataset.shuffled({ resume }))).toHaveLength(10)
  expect(reads.length).toBeLessThanOrEqual(10)
  expect(all).toBeGreaterThan(50)
})

test('of large samples each rank reads little but its own, also where ranks share the places', async () => {
  await using dir = await tempDir('large')
  await using store = new LocalDiskStore({ root: dir.path })
  const urls = await store.writeShards(Dataset.from(Image, images(70, 10_000)), { prefix: 'large', maxcount: 35 })
  await using real = openStorage()
  const { storage, reads } = noting(real)
  const dataset = Dataset.from(Image, urls, { storage })
  for (const rank of [0, 3, 6])
    for await (const _ of dataset.shuffled({ seed: 3, rank, worldSize: 7, bufferShards: 1, bufferBytes: 2 ** 22 }));
  expect(reads.reduce((bytes, { start, end }) => bytes + end - start, 0)).toBeLessThan(1.1 * 30 * 120_000)
})

test('ranks that would each make up a seed of their own are refused, and without ranks the state tells the seed', async () => {
  await using stored = await onDisk(20)
  expect(() => stored.dataset.shuffled({ rank: 1, worldSize: 2 })).toThrow(/the same seed/)
  expect(() => stored.dataset.shuffled({ worker: 1, workers: 2 })).toThrow(/the same seed/)
  const epoch = stored.dataset.shuffled()
  const first = await idsOf(epoch, 5)
  expect(sorted([...first, ...(await idsOf(stored.dataset.shuffled({ resume: epoch.state() })))])).toEqual(upTo(20))
})

test('whoever stops early lets go of what was fetched ahead, and an abort ends the epoch with its reason', async () => {
  await using stored = await onDisk(600)
  await using real = openStorage()
  const { storage, reads } = noting(real)
  const dataset = Dataset.from(Tiny, stored.urls, { storage })
  await idsOf(dataset.shuffled({ seed: 3, ...PARTS }), 3)
  expect(reads.length).toBeLessThan(10)
  for (const { signal } of reads) expect(signal?.aborted).toBe(true)
  const controller = new AbortController()
  const reason = new Error('enough')
  const reading = (async () => {
    let seen = 0
    for await (const _ of dataset.shuffled({ seed: 3, ...PARTS, signal: controller.signal }))
      if (++seen === 5) controller.abort(reason)
  })()
  await expect(reading).rejects.toBe(reason)
})

test('sizes that cannot be are refused before memory is taken for them', async () => {
  await using stored = await onDisk(20)
  await using dir = await tempDir('claims')
  await using index = new LocalIndex({ path: dir.file('index.db') })
  await using store = new LocalDiskStore({ root: dir.file('shards') })
  await using repo = new Repo({ index, store })
  const [entry] = await repo.insert(Dataset.from(Tiny, tinies(20)), 'claims', { maxcount: 10 })
  for (const claim of [{ sampleCount: 2 ** 40 }, { sampleCount: -1 }, { sampleCount: 0.5 }, { sizeBytes: Number.NaN }]) {
    const shards = entry.shards!.map((shard) => ({ ...shard, ...claim }))
    expect(() => Dataset.from(Tiny, { ...entry, shards }).shuffled()).toThrow(/cannot be/)
  }
  const head = await readFile(`${stored.urls[0]!}.idx`)
  head.writeUInt32LE(2 ** 32 - 1, 16)
  await writeFile(`${stored.urls[0]!}.idx`, head)
  expect(await refusalOf(stored.dataset.shuffled({ seed: 3, rank: 0, worldSize: 2 }))).toMatchObject({
    code: 'dataset.unindexed',
  })
  head.writeUInt32LE(9, 16)
  await writeFile(`${stored.urls[0]!}.idx`, head)
  expect(await idsOf(stored.dataset.shuffled()).catch((error: unknown) => error)).toMatchObject({ code: 'index.corrupt' })
})
