import { usageError } from './usage-error.ts'

/** Milliseconds from `90s`, `30m`, `24h` or `7d`; `0` needs no unit. @throws {ShardexError} `usage.invalid` */
export function parseDuration(argument: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, number = '', unit = ''] = /^(\d{1,9}(?:\.\d{1,6})?) ?([a-z]*)$/i.exec(text) ?? []
  const factor = Number(number) === 0 && unit === '' ? 1 : FACTORS.get(unit.toLowerCase())
  const durationMs = number === '' || factor === undefined ? Number.NaN : Math.round(Number(number) * factor)
  if (Number.isSafeInteger(durationMs)) return durationMs
  throw usageError(argument, JSON.stringify(text), 'a duration like 90s, 30m, 24h or 7d')
}

const FACTORS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])
