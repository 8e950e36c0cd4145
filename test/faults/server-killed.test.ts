import { isShardexError } from '@shardex/errors'
import { describe, expect } from 'vitest'
import type { Random } from '../fuzz/random.ts'
import { describeRedis, findProgram, startRedis } from '../services/index.ts'
import { buildVersitygw, startVersitygw } from '../services/versitygw.ts'
import { collectAll } from './collect-all.ts'
import { datasetOf, type Recipe } from './dataset.ts'
import { expectNothingHalf, expectNothingLeft, expectWhole } from './invariants.ts'
import { LAYOUTS, oncePossible, optionsOf, type Setting } from './kill-point.ts'
import { openPlace, type Place, REGISTRIES, STORES } from './places.ts'
import { openRepo } from './repo-address.ts'
import { testRounds } from './rounds.ts'
import { SEED } from './seed.ts'
import { courseOf, madeFrom } from './undisturbed.ts'

const ROUNDS = 8
const FILE = 'server-killed.test.ts'
const S3_PROGRAM = findProgram('versitygw') ?? (await buildVersitygw())

describeRedis(`a server killed by SIGKILL, of seed ${SEED}`, () => {
  testRounds('a Redis that writes everything to its file at once comes back', FILE, ROUNDS, async (random, number) => {
    await using redis = await startRedis({ appendOnly: true })
    const setting = { registry: 'redis', store: STORES[number % 2]!, layout: LAYOUTS[(number >> 1) % 2]! } as const
    await using place = await openPlace(setting.registry, setting.store, { redis: redis.address.url })
    await interrupt(random, setting, place, { kill: () => redis.stop('SIGKILL'), restart: () => redis.restart() })
  })

  const suite = S3_PROGRAM === undefined && !process.env['CI'] ? describe.skip : describe
  suite('S3 (skipped without versitygw or Go, because the servers of the run are not ours to kill)', () => {
    testRounds('an S3 server comes back', FILE, ROUNDS, async (random, number) => {
      if (S3_PROGRAM === undefined)
        throw new Error('no versitygw on PATH, and no Go to build it: an S3 server that may be killed is needed')
      await using s3 = await startVersitygw(S3_PROGRAM)
      const setting = { registry: REGISTRIES[number % 2]!, store: 's3', layout: LAYOUTS[(number >> 1) % 2]! } as const
      await using place = await openPlace(setting.registry, setting.store, { s3: s3.address })
      await interrupt(random, setting, place, s3)
    })
  })
})

interface Server {
  kill(): Promise<void>
  restart(): Promise<void>
}

/** One insert is acknowledged; in the middle of the next one the server dies. */
async function interrupt(random: Random, setting: Setting, place: Place, server: Server): Promise<void> {
  const { layout } = setting
  const recipe: Recipe = { count: 33, edition: 1, largeAt: random.pick([undefined, 3]) }
  const earlierRecipe: Recipe = { ...recipe, edition: 0 }
  const [made, earlier, { events }] = await Promise.all([
    madeFrom(recipe, layout),
    madeFrom(earlierRecipe, layout),
    courseOf(setting, recipe),
  ])
  await using repo = openRepo(place.proxied)
  await repo.insert(datasetOf(earlierRecipe), 'target', optionsOf({ layout, ingestId: 'earlier' }))

  const at = random.below(events)
  // While it is away a call waits for many seconds before it fails.
  const comesBackAtOnce = !random.oneIn(4)
  const insert = () => repo.insert(datasetOf(recipe), 'target', optionsOf({ layout, ingestId: 'insert' }))
  let back: Promise<void> | undefined
  let seen = 0
  for (const proxy of place.proxies) {
    proxy.faultAt = () => {
      if (seen++ !== at) return undefined
      const killed = server.kill()
      back = comesBackAtOnce ? killed.then(() => server.restart()) : killed
      return undefined
    }
  }
  const error = await insert().then(
    () => undefined,
    (reason: unknown) => reason,
  )
  for (const proxy of place.proxies) proxy.faultAt = () => undefined
  // It may have been done by then: what was acknowledged outlives the server too.
  back ??= comesBackAtOnce ? server.kill().then(() => server.restart()) : server.kill()
  await back
  if (!comesBackAtOnce) await server.restart()
  if (error !== undefined) expect(isShardexError(error, 'index.unavailable', 'storage.unavailable'), String(error)).toBe(true)
  await expectNothingHalf(repo, 'target', error === undefined ? [made] : [earlier, made])
  await expectWhole(repo, 'target', earlier, { at: { revision: 1 } })
  await oncePossible(insert)
  await expectWhole(repo, 'target', made)
  await collectAll(repo)
  await expectNothingLeft(place, repo, new Map())
}
