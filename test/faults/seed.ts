import { randomInt } from 'node:crypto'

/**
 * What decides every choice of this run: fresh each time, and `SHARDEX_FAULT_SEED` to make one again. It stands in the names of the
 * suites, so that no failure comes without it.
 */
export const SEED: number = wholeNumber('SHARDEX_FAULT_SEED') ?? randomInt(2 ** 31)

/** How many times a writer is killed, at least. The other suites have a fixed share of it. */
export const KILLS: number = wholeNumber('SHARDEX_FAULT_KILLS') ?? 200

/** The command that runs one case again. */
export function replay(file: string, title: string): string {
  return `to replay: SHARDEX_FAULT_SEED=${SEED} SHARDEX_FAULT_KILLS=${2 * KILLS} npx vitest run test/faults/${file} -t '${title}'`
}

function wholeNumber(variable: string): number | undefined {
  const text = process.env[variable]
  if (text === undefined || text === '') return undefined
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0) throw new TypeError(`${variable} is ${text}, wanted a whole number`)
  return number
}
