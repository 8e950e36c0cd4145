import { describe, expect, test } from 'vitest'
import { describeFailure } from './describe-failure.ts'
import { type Failure, type FuzzOptions, fuzz } from './supervise.ts'
import { TARGETS } from './targets.ts'

/** Fixed, so that a change of ours is what makes a difference; the nightly run takes another one each time. */
const SEED = 1
const TIMEOUT_MS = 240_000
/** So long even a starved process does not take for a case that ends. */
const HANG_MS = 60_000

async function failuresOf(options: Omit<FuzzOptions, 'onFailure'>): Promise<Failure[]> {
  const failures: Failure[] = []
  await fuzz({ ...options, onFailure: (failure) => failures.push(failure) })
  return failures
}

describe('outside bytes', () => {
  test.concurrent.each(TARGETS.map(({ name, casesInCi }) => [name, casesInCi] as const))(
    '%s takes or refuses each of %i inputs',
    { timeout: TIMEOUT_MS },
    async (target, count) => {
      // How long a case takes is for the nightly run on a quiet machine to judge; here only one that never ends is a failure.
      const failures = (await failuresOf({ target, seed: SEED, count, hangMs: HANG_MS })).filter(
        ({ fault }) => fault.kind !== 'slow',
      )
      const told = await Promise.all(failures.slice(0, 5).map(describeFailure))
      expect(told.map(({ text }) => text).join('\n\n')).toBe('')
    },
  )
})

describe('the harness', () => {
  test.each([
    ['broken-throw', 'error'],
    ['broken-overread', 'surroundings'],
    ['broken-memory', 'memory'],
    ['broken-slow', 'slow'],
    ['broken-hang', 'hang'],
    ['broken-wait', 'hang'],
    ['broken-heap', 'crash'],
  ])('notices a parser that is %s', { timeout: TIMEOUT_MS }, async (target, kind) => {
    const failures = await failuresOf({ target, seed: SEED, count: 1, hangMs: kind === 'hang' ? 500 : HANG_MS })
    expect(failures.map(({ target: name, at, fault }) => [name, at, fault.kind])).toEqual([[target, 0, kind]])
  })

  test('makes the same inputs again from the same seed', async () => {
    const one = { target: 'broken-throw', seed: 7, at: 3, fault: { kind: 'error', message: '' } } as const
    for (const { name } of TARGETS) {
      const [a, b] = await Promise.all([
        describeFailure({ ...one, target: name, at: 90 }),
        describeFailure({ ...one, target: name, at: 90 }),
      ])
      expect(a.input).toEqual(b.input)
    }
  })
})
