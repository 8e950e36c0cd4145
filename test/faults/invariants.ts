import type { Entry, ShardDescription } from '@shardex/index'
import { INDEX_SUFFIX, type OpenOptions, type Repo } from '@shardex/repo'
import { expect } from 'vitest'
import { type Recipe, Sample, samplesOf } from './dataset.ts'
import type { Place } from './places.ts'

/** What an insert that nobody disturbed made of some samples: everything but where it lies. */
export interface Made {
  readonly recipe: Recipe
  readonly contentCid: string | undefined
  readonly shards: readonly Omit<ShardDescription, 'url' | 'storeChecksum'>[]
}

export function madeOf(recipe: Recipe, { contentCid, shards = [] }: Entry): Made {
  return { recipe, contentCid, shards: shards.map(({ url, storeChecksum, ...rest }) => rest) }
}

/**
 * The name points at what one of these made, and every sample of it can be read; or it does not exist, if that is allowed.
 * @param read CIDs of entries that were read already and need not be again
 */
export async function expectNothingHalf(
  repo: Repo,
  name: string,
  allowed: readonly (Made | undefined)[],
  read: Set<string> = new Set(),
): Promise<void> {
  const entry = await repo.index.getEntryByName(name)
  if (entry === undefined) return void expect(allowed, `${name} is gone`).toContain(undefined)
  const made = allowed.find((one) => one?.contentCid === entry.contentCid)
  if (made === undefined) throw new Error(`${name} points at ${entry.contentCid}, which nobody inserted`)
  if (!read.has(entry.cid)) await expectWhole(repo, name, made)
  read.add(entry.cid)
}

/** The name points at exactly this: bytes, digests and every sample. */
export async function expectWhole(repo: Repo, name: string, made: Made, options: OpenOptions = {}): Promise<Entry> {
  const entry = await repo.index.getEntryByName(name, options)
  if (entry === undefined) throw new Error(`${name} is not there`)
  expect(madeOf(made.recipe, entry)).toEqual(made)
  await expectSamples(repo, name, made.recipe, options)
  return entry
}

export async function expectSamples(repo: Repo, name: string, recipe: Recipe, options: OpenOptions = {}): Promise<void> {
  const wanted = samplesOf(recipe)
  for await (const { id, blob } of (await repo.open(name, { ...options, type: Sample, verify: 'sha256' })).ordered()) {
    const next = wanted.next().value
    // Not by expect(), which takes a second for each MiB.
    if (next === undefined || next.id !== id || Buffer.compare(next.blob, blob) !== 0)
      throw new Error(`${name} gave a wrong sample where ${next?.id} was wanted`)
  }
  expect(wanted.next().done, `${name} lacks samples`).toBe(true)
}

/** In the store lie the shards of all entries, what others planted, and nothing else. */
export async function expectNothingLeft(place: Place, repo: Repo, planted: ReadonlyMap<string, string>): Promise<void> {
  const needed = new Set(planted.keys())
  for (const { dataUrls } of await repo.index.allEntries())
    for (const url of dataUrls) needed.add(place.keyOf(url)).add(place.keyOf(url + INDEX_SUFFIX))
  expect((await place.leftovers()).sort()).toEqual([...needed].sort())
  for (const [key, bytes] of planted) expect(`${key}: ${await place.read(key)}`).toBe(`${key}: ${bytes}`)
}
