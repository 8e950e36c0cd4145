import { describe, expect, test } from 'vitest'
import { type KillPoint, killPoint } from './kill-point.ts'
import { type Endings, runKillPoint } from './run-kill-point.ts'
import { KILLS, replay, SEED } from './seed.ts'

const FILE = 'kill.test.ts'

/** Some writers have finished before they can be killed: so many more attempts are made at once, and the rest one by one. */
const SPARE = 1.3
/** For a machine that is so busy that hardly any writer is killed in time. */
const MAX_ATTEMPTS = 20 * KILLS

const POINTS = pointsFor(KILLS * SPARE)

const endings: Endings[number][] = []

describe.concurrent(`an insert killed by SIGKILL, of seed ${SEED},`, () => {
  for (const point of POINTS) {
    const { number, registry, store, layout, moments, fate } = point
    const title = `at point ${number}:`
    const what = `${moments.length} times on ${registry} and ${store}, layout ${layout}, then ${fate}`
    test(`${title} ${what}`, { timeout: 180_000 }, async () => {
      await run(point, title)
    })
  }
})

test(`at least ${KILLS} writers were killed`, { timeout: 600_000 }, async () => {
  const killed = () => endings.filter((ending) => ending === 'killed').length
  for (let number = POINTS.length; killed() < KILLS && endings.length < MAX_ATTEMPTS; number++)
    await run(killPoint(SEED, number), `at point ${number}:`)
  expect(killed()).toBeGreaterThanOrEqual(KILLS)
})

async function run(point: KillPoint, title: string): Promise<void> {
  try {
    endings.push(...(await runKillPoint(point)))
  } catch (error) {
    throw new Error(replay(FILE, title), { cause: error })
  }
}

function pointsFor(attempts: number): KillPoint[] {
  const points: KillPoint[] = []
  for (let left = attempts; left > 0; ) {
    const point = killPoint(SEED, points.length)
    points.push(point)
    left -= point.moments.length
  }
  return points
}
