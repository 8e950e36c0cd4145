import { describe, expect, test } from 'vitest'
import { type KillPoint, killPoint } from './kill-point.ts'
import { type Endings, runKillPoint } from './run-kill-point.ts'
import { KILLS, replay, SEED } from './seed.ts'

const FILE = 'kill.test.ts'

/** Some writers have finished before they can be killed, a third of them on a busy machine: so many more attempts are made. */
const SPARE = 1.9

const endings: Endings[number][] = []

describe.concurrent(`an insert killed by SIGKILL, of seed ${SEED},`, () => {
  for (const point of pointsFor(KILLS * SPARE)) {
    const { number, registry, store, layout, moments, fate } = point
    const title = `at point ${number}:`
    const what = `${moments.length} times on ${registry} and ${store}, layout ${layout}, then ${fate}`
    test(`${title} ${what}`, { timeout: 180_000 }, async () => {
      try {
        endings.push(...(await runKillPoint(point)))
      } catch (error) {
        throw new Error(replay(FILE, title), { cause: error })
      }
    })
  }
})

test(`at least ${KILLS} writers were killed`, () => {
  expect(endings.filter((ending) => ending === 'killed').length).toBeGreaterThanOrEqual(KILLS)
})

function pointsFor(attempts: number): KillPoint[] {
  const points: KillPoint[] = []
  for (let left = attempts; left > 0; ) {
    const point = killPoint(SEED, points.length)
    points.push(point)
    left -= point.moments.length
  }
  return points
}
