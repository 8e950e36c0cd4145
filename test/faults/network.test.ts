import { isShardexError } from '@shardex/errors'
import { describe, expect, test } from 'vitest'
import { collectAll } from './collect-all.ts'
import { datasetOf, type Recipe, Sample, samplesOf } from './dataset.ts'
import { expectNothingHalf, expectNothingLeft, expectWhole } from './invariants.ts'
import { oncePossible, optionsOf } from './kill-point.ts'
import { describeFault, heal, type NetworkCase, networkCase, strike } from './network-fault.ts'
import { openPlace } from './places.ts'
import { openRepo } from './repo-address.ts'
import { KILLS, replay, SEED } from './seed.ts'
import { courseOf, madeFrom } from './undisturbed.ts'

/** Each takes as long as a few killed writers. */
const CASES = Math.ceil(KILLS / 7)

describe.concurrent(`a broken network, of seed ${SEED},`, () => {
  testCases('insert', async ({ registry, store, layout, recipe, ...fault }) => {
    const made = await madeFrom(recipe, layout)
    const { events } = await courseOf({ registry, store, layout }, recipe)
    await using place = await openPlace(registry, store)
    await using repo = openRepo(place.proxied)
    const insert = () => repo.insert(datasetOf(recipe), 'target', optionsOf({ layout, ingestId: 'insert' }))
    strike(place.proxies, fault, Math.floor(fault.share * events))
    const error = await insert().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    heal(place.proxies)
    if (error !== undefined) assertClear(error)
    await expectNothingHalf(repo, 'target', error === undefined ? [made] : [made, undefined])
    await oncePossible(insert)
    await expectWhole(repo, 'target', made)
    await collectAll(repo)
    await expectNothingLeft(place, repo, new Map())
  })

  testCases('read', async ({ registry, store, layout, recipe, ...fault }) => {
    await using place = await openPlace(registry, store)
    await using straight = openRepo(place.direct)
    await straight.insert(datasetOf(recipe), 'target', optionsOf({ layout, ingestId: 'insert' }))
    await using repo = openRepo(place.proxied)
    const { proxies } = place
    // Once to see how much there is to disturb.
    expect(await readAll(repo, recipe)).toBe('all')
    const events = proxies.reduce((sum, proxy) => sum + proxy.events(), 0)
    strike(proxies, fault, Math.floor(fault.share * events))
    const got = await readAll(repo, recipe)
    heal(proxies)
    if (got !== 'all') assertClear(got)
    expect(await readAll(repo, recipe)).toBe('all')
  })
})

test('an upload that S3 began without our knowing is collected as well', async () => {
  await using place = await openPlace('sqlite', 's3')
  await using repo = openRepo(place.proxied)
  const recipe: Recipe = { count: 33, edition: 1, largeAt: 20 }
  let lost = 0
  for (const proxy of place.proxies)
    proxy.faultAt = ({ request }) => (request?.includes('?uploads') && lost++ === 0 ? { kind: 'lose answer' } : undefined)
  await repo.insert(datasetOf(recipe), 'target', optionsOf({ layout: 'sequence', ingestId: 'insert' }))
  expect(lost).toBeGreaterThan(1)
  await collectAll(repo)
  await expectNothingLeft(place, repo, new Map())
})

function testCases(purpose: 'insert' | 'read', body: (one: NetworkCase) => Promise<void>): void {
  for (let number = 0; number < CASES; number++) {
    const one = networkCase(purpose, SEED, number)
    const title = `${purpose} ${number}: ${describeFault(one)} with ${one.registry} and ${one.store}, layout ${one.layout}`
    test(title, { timeout: 180_000 }, async () => {
      try {
        await body(one)
      } catch (error) {
        throw new Error(replay('network.test.ts', `${purpose} ${number}:`), { cause: error })
      }
    })
  }
}

/** All samples in order and some by themselves; every one that comes must be right. @returns the error that ended it, if one did */
async function readAll(repo: ReturnType<typeof openRepo>, recipe: NetworkCase['recipe']): Promise<'all' | Error> {
  const wanted = [...samplesOf(recipe)]
  const assertSame = (found: Sample | undefined, at: number): void => {
    if (found === undefined || found.id !== wanted[at]?.id || Buffer.compare(found.blob, wanted[at].blob) !== 0)
      throw new TypeError(`sample ${at} is wrong`)
  }
  try {
    const dataset = await repo.open('target', { type: Sample })
    let count = 0
    for await (const sample of dataset.ordered()) assertSame(sample, count++)
    if (count !== wanted.length) throw new TypeError(`${count} samples came, and no error`)
    for (const at of [0, 17, 32]) assertSame(await dataset.at(at), at)
    return 'all'
  } catch (error) {
    if (!(error instanceof Error) || error instanceof TypeError) throw error
    return error
  }
}

/** It says that a server was away, or that what came was not whole. */
function assertClear(error: unknown): void {
  const codes = ['storage.unavailable', 'storage.corrupt', 'index.unavailable', 'shard.truncated'] as const
  if (!isShardexError(error, ...codes))
    throw new Error('a broken network ended in an error that does not tell so', { cause: error })
}
