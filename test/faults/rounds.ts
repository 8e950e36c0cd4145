import { test } from 'vitest'
import { type Random, randomOf } from '../fuzz/random.ts'
import { replay, SEED } from './seed.ts'

/** Tests that do the same with other choices; whichever fails says how to make its choices again. */
export function testRounds(
  title: string,
  file: string,
  count: number,
  round: (random: Random, number: number) => Promise<void>,
): void {
  for (let number = 0; number < count; number++) {
    const name = `${title}, round ${number}:`
    test(`${name} of ${count}`, { timeout: 180_000 }, async () => {
      try {
        await round(randomOf(title, SEED, number), number)
      } catch (error) {
        throw new Error(replay(file, name), { cause: error })
      }
    })
  }
}
