/** How numbers and truth values are spelled in text cells. What is spelled otherwise (`007`, `1,5`, `+3`) stays text. */

/** An integer that msgpack holds: −2^63 to 2^64−1. A `number` beyond ±2^53 has lost digits and is none. */
export function isWireInteger(value: number | bigint): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value)
  return value >= -(2n ** 63n) && value < 2n ** 64n
}

export function isIntegerText(text: string): boolean {
  return /^\s*(?:0|-?[1-9]\d{0,19})\s*$/.test(text) && isWireInteger(BigInt(text))
}

export function isFloatText(text: string): boolean {
  if (/^\s*-?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(text)) {
    // Twenty and more digits without a point are an identifier, and a float would forget its end.
    return !/^\s*-?\d{16,}\s*$/.test(text) && Number.isFinite(Number(text))
  }
  return NAMED_FLOATS.has(text.trim())
}

export function isTruthText(text: string): boolean {
  return /^\s*(?:true|false|True|False|TRUE|FALSE)\s*$/.test(text)
}

/** The value of a text that {@link isIntegerText} holds for: a bigint only beyond ±2^53. */
export function parseIntegerText(text: string): number | bigint {
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : BigInt(text)
}

/** The value of a text that {@link isFloatText} or {@link isIntegerText} holds for. */
export function parseFloatText(text: string): number {
  return NAMED_FLOATS.get(text.trim()) ?? Number(text)
}

const NAMED_FLOATS: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])
