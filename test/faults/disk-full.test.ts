import { isShardexError } from '@shardex/errors'
import { describe, expect, test } from 'vitest'
import { tempDir } from '../services/index.ts'
import { collectAll } from './collect-all.ts'
import { datasetOf, type Recipe } from './dataset.ts'
import { expectNothingHalf, expectNothingLeft, expectWhole } from './invariants.ts'
import { LAYOUTS, oncePossible, optionsOf } from './kill-point.ts'
import { openPlace } from './places.ts'
import { openRepo } from './repo-address.ts'
import { NO_SMALL_DISK, openSmallDisk, SKIPS_FULL_DISK } from './small-disk.ts'
import { madeFrom } from './undisturbed.ts'

const RECIPE: Recipe = { count: 33, edition: 1 }
const EARLIER: Recipe = { ...RECIPE, edition: 0 }
const DISK_BYTES = 4 * 2 ** 20

const suite = SKIPS_FULL_DISK ? describe.skip : describe

suite(NO_SMALL_DISK === undefined ? 'a disk that is full' : `a disk that is full (skipped: ${NO_SMALL_DISK})`, () => {
  const cases = (['store', 'registry', 'registry and store'] as const).flatMap((what) =>
    LAYOUTS.flatMap((layout) => [0, 8_000, 20_000, 40_000].map((freeBytes) => [what, layout, freeBytes] as const)),
  )
  test.each(cases)('under the %s, layout %s, with %i bytes left', async (what, layout, freeBytes) => {
    const [made, earlier] = await Promise.all([madeFrom(RECIPE, layout), madeFrom(EARLIER, layout)])
    await using disk = await openSmallDisk(DISK_BYTES)
    await using elsewhere = await tempDir('faults')
    const folderOf = (one: string) => (what.includes(one) ? disk.dir : elsewhere).file(one)
    await using place = await openPlace('sqlite', 'disk', {
      folders: { registry: folderOf('registry'), store: folderOf('store') },
    })
    await using repo = openRepo(place.direct)
    await repo.insert(datasetOf(EARLIER), 'target', optionsOf({ layout, ingestId: 'earlier' }))
    await disk.fill(freeBytes)
    const insert = () => repo.insert(datasetOf(RECIPE), 'target', optionsOf({ layout, ingestId: 'insert' }))
    const error = await insert().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    // A registry takes a few pages only; the rest never fits.
    if (error !== undefined || what !== 'registry' || freeBytes === 0)
      expect(isShardexError(error, 'storage.full'), String(error)).toBe(true)
    await expectNothingHalf(
      repo,
      'target',
      [earlier, error === undefined ? made : undefined].filter((one) => one !== undefined),
    )
    await disk.empty()
    await oncePossible(insert)
    await expectWhole(repo, 'target', made)
    await expectWhole(repo, 'target', earlier, { at: { revision: 1 } })
    await collectAll(repo)
    await expectNothingLeft(place, repo, new Map())
  })
})
