import type { Repo } from '@shardex/repo'
import { describe, expect, test } from 'vitest'
import type { Random } from '../fuzz/random.ts'
import { collectAll } from './collect-all.ts'
import { datasetOf, type Recipe } from './dataset.ts'
import { expectNothingLeft, expectWhole } from './invariants.ts'
import { optionsOf, SETTINGS, type Setting } from './kill-point.ts'
import { openPlace, type Place } from './places.ts'
import { openRepo } from './repo-address.ts'
import { testRounds } from './rounds.ts'
import { KILLS, SEED } from './seed.ts'
import { startCollector } from './start-collector.ts'
import { startWriter } from './start-writer.ts'
import { madeFrom } from './undisturbed.ts'

const ROUNDS = SETTINGS.length * Math.max(1, Math.floor(KILLS / 200))
const KILLS_PER_ROUND = 4
const FILE = 'collector-killed.test.ts'
const KEPT: Recipe = { count: 33, edition: 0 }
/** Shares most of its samples with what is kept: in the layout `content`, shards too. */
const GARBAGE: Recipe = { count: 33, edition: 1 }
/** Two runs of a collector take about so long, or exchange about so much with its servers. */
const MOST_MS = 120
const MOST_EXCHANGES = 90

const endings: string[] = []

describe(`a collector of garbage killed by SIGKILL, of seed ${SEED}`, () => {
  testRounds('takes nothing that is needed, and those after it find all the rest', FILE, ROUNDS, async (random, number) => {
    const setting = SETTINGS[number % SETTINGS.length]!
    const options = optionsOf({ layout: setting.layout, ingestId: undefined })
    await using place = await openPlace(setting.registry, setting.store)
    await using repo = openRepo(place.direct)
    const [kept, garbage] = await Promise.all([madeFrom(KEPT, setting.layout), madeFrom(GARBAGE, setting.layout)])
    // This process may starve beside the collector, which would then be right to take its shards.
    const patient = { ...options, leaseMs: 30_000 }
    await repo.insert(datasetOf(KEPT), 'kept', patient)
    for (let kill = 0; kill < KILLS_PER_ROUND; kill++) {
      await makeGarbage(repo, place, setting, kill)
      const collecting = killCollector(random, setting, place)
      // Somebody needs meanwhile what is being collected.
      const again = kill % 2 === 1 ? `again ${kill}` : undefined
      if (again !== undefined) await repo.insert(datasetOf(GARBAGE), again, patient)
      endings.push(await collecting)
      await expectWhole(repo, 'kept', kept)
      if (again !== undefined) await expectWhole(repo, again, garbage)
    }
    await collectAll(repo)
    await expectNothingLeft(place, repo, new Map())
    await expectWhole(repo, 'kept', kept)
    await expectWhole(repo, 'again 3', garbage)
  })

  test('at least a third of them were killed before they had finished', () => {
    expect(endings.filter((ending) => ending === 'killed').length).toBeGreaterThanOrEqual(endings.length / 3)
  })
})

/** An entry that is gone, and an insert whose writer died. */
async function makeGarbage(repo: Repo, place: Place, { layout }: Setting, kill: number): Promise<void> {
  const [entry] = await repo.insert(datasetOf(GARBAGE), `gone ${kill}`, optionsOf({ layout, ingestId: undefined }))
  // In the layout `content` it is the one that somebody needed before.
  for (const name of await repo.index.namesOf(entry.cid)) await repo.index.deleteName(name)
  await repo.index.deleteEntry(entry.cid)
  using writer = await startWriter()
  const options = optionsOf({ layout, ingestId: undefined })
  const recipe = { ...GARBAGE, edition: 2 + kill }
  void writer.insert({ address: place.direct, name: 'never', recipe, options, pauseAt: 25 })
  await writer.paused
}

async function killCollector(random: Random, { registry, store }: Setting, place: Place): Promise<string> {
  await using collector = await startCollector(place.proxied)
  const share = random.below(1000) / 1000
  if (registry === 'sqlite' && store === 'disk') {
    const timer = setTimeout(() => collector.kill(), share * MOST_MS)
    return await collector.ended.finally(() => clearTimeout(timer))
  }
  const [at, arrives] = [Math.floor(share * MOST_EXCHANGES), random.oneIn(2)]
  let events = 0
  for (const proxy of place.proxies)
    proxy.faultAt = () => {
      if (events++ !== at) return undefined
      collector.kill()
      return arrives ? undefined : { kind: 'reset' }
    }
  return await collector.ended
}
