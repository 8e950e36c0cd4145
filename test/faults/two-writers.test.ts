import { describe, expect, test } from 'vitest'
import { collectAll } from './collect-all.ts'
import { datasetOf, type Recipe } from './dataset.ts'
import { expectNothingLeft, expectWhole } from './invariants.ts'
import { optionsOf, SETTINGS } from './kill-point.ts'
import { openPlace } from './places.ts'
import { openRepo } from './repo-address.ts'
import { testRounds } from './rounds.ts'
import { SEED } from './seed.ts'
import { startWriter } from './start-writer.ts'
import { acknowledged, takeOver } from './take-over.ts'
import { courseOf, madeFrom } from './undisturbed.ts'

const RECIPE: Recipe = { count: 33, edition: 1 }
const FILE = 'two-writers.test.ts'

describe(`two processes with one ingest id, of seed ${SEED}`, () => {
  test.each(SETTINGS)('one works and the other is told, on $registry and $store, layout $layout', async (setting) => {
    const { registry, store, layout } = setting
    await using place = await openPlace(registry, store)
    await using repo = openRepo(place.direct)
    using writer = await startWriter()
    // Renewed in time also by a process that starves for seconds.
    const options = { ...optionsOf({ layout, ingestId: 'both' }), leaseMs: 6_000 }
    const ended = writer.insert({ address: place.direct, name: 'target', recipe: RECIPE, options, pauseAt: 20 })
    await writer.paused
    const insert = () => repo.insert(datasetOf(RECIPE), 'target', options)
    await expect(insert()).rejects.toMatchObject({ code: 'ingest.busy', details: { ingestId: 'both' } })
    writer.goOn()
    const first = acknowledged(await ended)
    const [entry] = await insert()
    expect(entry).toMatchObject(first)
    await expectWhole(repo, 'target', await madeFrom(RECIPE, layout))
    await collectAll(repo)
    await expectNothingLeft(place, repo, new Map())
  })

  testRounds('who is stopped for longer than its lease loses it, or has finished', FILE, 16, async (random, number) => {
    const setting = SETTINGS[number % SETTINGS.length]!
    const { registry, store, layout } = setting
    const { durationMs } = await courseOf(setting, RECIPE)
    await using place = await openPlace(registry, store)
    await using repo = openRepo(place.direct)
    using writer = await startWriter()
    const options = optionsOf({ layout, ingestId: 'both' })
    const ended = writer.insert({ address: place.direct, name: 'target', recipe: RECIPE, options })
    await new Promise((resume) => setTimeout(resume, (random.below(1000) / 1000) * durationMs))
    const entry = await takeOver(writer, { address: place.direct, name: 'target', recipe: RECIPE, options })
    const ending = await ended
    if (ending === 'killed' || !('error' in ending)) expect(entry).toMatchObject(acknowledged(ending))
    else expect(['ingest.lost', 'ingest.busy'], ending.error.message).toContain(ending.error.code)
    await expectWhole(repo, 'target', await madeFrom(RECIPE, layout))
    await collectAll(repo)
    await expectNothingLeft(place, repo, new Map())
  })
})
