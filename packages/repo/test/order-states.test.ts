import { readFile, stat, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { tempDir } from '../../../test/services/index.ts'
import { Dataset, Repo, type Shuffled, type ShuffledOptions } from '../src/index.ts'
import { decodeState, encodeState, fingerprint } from '../src/order/state.ts'
import { onDisk, refusalOf, stateAfter } from './epochs.ts'
import { idsOf, sorted, upTo } from './ids.ts'
import { Tiny, tinies } from './images.ts'

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

test('a state that is damaged, or of another dataset, seed, version or length is refused with what was found and wanted', async () => {
  await using stored = await onDisk()
  await using other = await onDisk(104)
  const state = await stateAfter(stored.dataset, 10)
  const refused = (options: ShuffledOptions, dataset = stored.dataset) => refusalOf(() => dataset.shuffled(options))
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

test('ranks that would each make up a seed of their own are refused, and without ranks the state tells the seed', async () => {
  await using stored = await onDisk(20)
  expect(() => stored.dataset.shuffled({ rank: 1, worldSize: 2 })).toThrow(/the same seed/)
  expect(() => stored.dataset.shuffled({ worker: 1, workers: 2 })).toThrow(/the same seed/)
  const epoch = stored.dataset.shuffled()
  const first = await idsOf(epoch, 5)
  expect(sorted([...first, ...(await idsOf(stored.dataset.shuffled({ resume: epoch.state() })))])).toEqual(upTo(20))
})

test('sizes that cannot be are refused before memory is taken for them', async () => {
  await using stored = await onDisk(20)
  await using dir = await tempDir('claims')
  await using repo = new Repo({ home: dir.path })
  const [entry] = await repo.insert(Dataset.from(Tiny, tinies(20)), 'claims', { maxcount: 10 })
  for (const claim of [{ sampleCount: 2 ** 40 }, { sampleCount: -1 }, { sampleCount: 0.5 }, { sizeBytes: Number.NaN }]) {
    const shards = entry.shards!.map((shard) => ({ ...shard, ...claim }))
    expect(() => Dataset.from(Tiny, { ...entry, shards }).shuffled()).toThrow(/cannot be/)
  }
  const head = await readFile(`${stored.urls[0]!}.idx`)
  head.writeUInt32LE(2 ** 32 - 1, 16)
  await writeFile(`${stored.urls[0]!}.idx`, head)
  expect(await refusalOf(() => stored.dataset.shuffled({ seed: 3, rank: 0, worldSize: 2 }))).toMatchObject({
    code: 'dataset.unindexed',
  })
  head.writeUInt32LE(9, 16)
  await writeFile(`${stored.urls[0]!}.idx`, head)
  await expect(idsOf(stored.dataset.shuffled())).rejects.toMatchObject({ code: 'index.corrupt' })
})
