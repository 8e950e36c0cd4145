import { describe, test } from 'vitest'
import { killPoint } from './kill-point.ts'
import { runKillPoint } from './run-kill-point.ts'
import { POINTS, replay, SEED } from './seed.ts'

describe.concurrent(`an insert killed by SIGKILL, of seed ${SEED},`, () => {
  for (let number = 0; number < POINTS; number++) {
    const point = killPoint(SEED, number)
    const { registry, store, layout, moments, fate } = point
    const title = `at point ${number}: ${moments.length} times on ${registry} and ${store}, layout ${layout}, then ${fate}`
    test(title, async () => {
      try {
        await runKillPoint(point)
      } catch (error) {
        throw new Error(replay('kill.test.ts', `at point ${number}:`), { cause: error })
      }
    })
  }
})
