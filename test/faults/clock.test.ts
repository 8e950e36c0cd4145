import { describe, expect, test } from 'vitest'
import { tempDir } from '../services/index.ts'
import { collectAll, collectOnce } from './collect-all.ts'
import { datasetOf, type Recipe } from './dataset.ts'
import { expectNothingHalf, expectNothingLeft, expectWhole } from './invariants.ts'
import { LAYOUTS, optionsOf } from './kill-point.ts'
import { NO_OWN_CLOCK, openOwnClock } from './own-clock.ts'
import { openPlace } from './places.ts'
import { openRepo } from './repo-address.ts'
import { startWriter } from './start-writer.ts'
import { acknowledged, takeOver } from './take-over.ts'
import { madeFrom } from './undisturbed.ts'

const RECIPE: Recipe = { count: 33, edition: 1 }
const EARLIER: Recipe = { ...RECIPE, edition: 0 }
const JUMPS = [10, -10] as const

const suite = NO_OWN_CLOCK === undefined || process.env['CI'] ? describe : describe.skip

// The registry in SQLite has no clock but that of its processes.
suite(NO_OWN_CLOCK === undefined ? 'the clock of a writer' : `the clock of a writer (skipped: ${NO_OWN_CLOCK})`, () => {
  const cases = JUMPS.flatMap((days) => LAYOUTS.map((layout) => [days, layout] as const))

  test.each(cases)('may jump by %i days in the middle of an insert, layout %s', async (days, layout) => {
    await using scene = await openScene(layout)
    const { repo, insert } = scene
    const options = optionsOf({ layout, ingestId: 'jumping' })
    using writer = await startWriter(scene.clock.environment)
    const ended = writer.insert({ ...scene.job, options, pauseAt: 20 })
    await writer.paused
    await scene.clock.jump(days)
    writer.goOn()
    const first = acknowledged(await ended)
    const [entry] = await insert(options)
    expect(entry).toMatchObject(first)
    await expectWhole(repo, 'target', await madeFrom(RECIPE, layout))
    await scene.expectClean()
  })

  test.each(cases)('may jump by %i days while another one takes over, layout %s', async (days, layout) => {
    await using scene = await openScene(layout)
    const { repo } = scene
    const options = optionsOf({ layout, ingestId: 'jumping' })
    using writer = await startWriter(scene.clock.environment)
    const ended = writer.insert({ ...scene.job, options, pauseAt: 20 })
    await writer.paused
    await scene.clock.jump(days)
    // Now it renews its lease by a clock that is wrong, until it is stopped.
    await new Promise((resume) => setTimeout(resume, 300))
    const entry = await takeOver(writer, { ...scene.job, options })
    writer.goOn()
    const ending = await ended
    if (ending !== 'killed' && 'error' in ending) expect(ending.error.code, ending.error.message).toBe('ingest.lost')
    else expect({ entry }).toMatchObject(ending as object)
    await expectWhole(repo, 'target', await madeFrom(RECIPE, layout))
    await scene.expectClean()
  })

  test.each(cases)('may jump by %i days while garbage is collected, layout %s', async (days, layout) => {
    await using scene = await openScene(layout)
    const { repo } = scene
    using writer = await startWriter(scene.clock.environment)
    // Nobody can come back to this one: a collector may take it for dead as soon as its lease has run out.
    const options = optionsOf({ layout, ingestId: undefined })
    const ended = writer.insert({ ...scene.job, options, pauseAt: 20 })
    await writer.paused
    await scene.clock.jump(days)
    for (let run = 0; run < 3; run++) await collectOnce(repo)
    writer.goOn()
    const ending = await ended
    const made = await madeFrom(RECIPE, layout)
    if (ending !== 'killed' && 'error' in ending) {
      expect(ending.error.code, ending.error.message).toBe('ingest.lost')
      expect((await repo.index.getEntryByName('target'))?.revision).toBe(1)
    } else await expectWhole(repo, 'target', made)
    await expectNothingHalf(repo, 'target', [made, await madeFrom(EARLIER, layout)])
    await scene.expectClean()
  })
})

async function openScene(layout: (typeof LAYOUTS)[number]) {
  await using undo = new AsyncDisposableStack()
  const dir = undo.use(await tempDir('clock'))
  const place = undo.use(await openPlace('sqlite', 'disk'))
  const repo = undo.use(openRepo(place.direct))
  const clock = await openOwnClock(dir)
  await repo.insert(datasetOf(EARLIER), 'target', optionsOf({ layout, ingestId: 'earlier' }))
  const earlier = await madeFrom(EARLIER, layout)
  const owned = undo.move()
  return {
    repo,
    clock,
    job: { address: place.direct, name: 'target', recipe: RECIPE },
    insert: (options: ReturnType<typeof optionsOf>) => repo.insert(datasetOf(RECIPE), 'target', options),
    async expectClean(): Promise<void> {
      await collectAll(repo)
      await expectNothingLeft(place, repo, new Map())
      await expectWhole(repo, 'target', earlier, { at: { revision: 1 } })
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
