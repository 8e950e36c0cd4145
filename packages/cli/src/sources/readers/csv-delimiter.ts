import { firstBytes } from '../detect-format.ts'

export type Delimiter = ',' | ';' | '\t'

const LOOKED_AT_BYTES = 64 * 1024

/**
 * What separates the cells of a `.csv`: a comma, unless its header has none. Spreadsheets write `;` where the comma is the decimal point.
 */
export async function delimiterOf(path: string): Promise<Delimiter> {
  const text = (await firstBytes(path, LOOKED_AT_BYTES)).toString('utf8')
  const header = text.replace(/"(?:[^"]|"")*"/g, '').split(/[\r\n]/, 1)[0] ?? ''
  if (header.includes(',')) return ','
  return ([';', '\t'] as const).find((delimiter) => header.includes(delimiter)) ?? ','
}
