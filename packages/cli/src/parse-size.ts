import { usageError } from './usage-error.ts'

/** Bytes from `4096`, `256MB` (decimal) or `1.5 GiB` (binary). @throws {ShardexError} `usage.invalid` */
export function parseSize(argument: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, number = '', unit = ''] = /^(\d{1,12}(?:\.\d{1,6})?) ?([a-z]*)$/i.exec(text) ?? []
  const factor = FACTORS.get(unit.toLowerCase())
  const size = number === '' || factor === undefined ? Number.NaN : Math.round(Number(number) * factor)
  if (Number.isSafeInteger(size) && size > 0) return size
  throw usageError(argument, JSON.stringify(text), 'a size like 256MB, 1.5GiB or a number of bytes')
}

const FACTORS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ...['k', 'm', 'g', 't'].flatMap((letter, index) => [
    [letter, 1000 ** (index + 1)] as const,
    [`${letter}b`, 1000 ** (index + 1)] as const,
    [`${letter}ib`, 1024 ** (index + 1)] as const,
  ]),
])
