import { randomInt } from 'node:crypto'

/**
 * What decides every choice of this run: fresh each time, and `SHARDEX_FAULT_SEED` to make one again. It stands in the names of the
 * suites, so that no failure comes without it.
 */
export const SEED: number = wholeNumber('SHARDEX_FAULT_SEED') ?? randomInt(2 ** 31)

/** How many times an insert is killed: all points together, over registries, stores and layouts. */
export const POINTS: number = wholeNumber('SHARDEX_FAULT_POINTS') ?? 208

/** The command that runs one case again. */
export function replay(file: string, title: string): string {
  return `to replay: SHARDEX_FAULT_SEED=${SEED} npx vitest run test/faults/${file} -t '${title}'`
}

function wholeNumber(variable: string): number | undefined {
  const text = process.env[variable]
  if (text === undefined || text === '') return undefined
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0) throw new TypeError(`${variable} is ${text}, wanted a whole number`)
  return number
}
