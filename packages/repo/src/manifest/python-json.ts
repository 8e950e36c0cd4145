/** What Python's `json` writes of numbers that JSON does not have, and texts, in which the same may stand. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/gs
const IN_JSON: Readonly<Record<string, string>> = { Infinity: '1e999', '-Infinity': '-1e999', NaN: 'null' }

/** @returns infinities as they are, NaN as `null`. @throws {SyntaxError} */
export function parsePythonJson(text: string, reviver?: (key: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, reviver)
  } catch {
    return JSON.parse(
      text.replace(TOKENS, (token) => IN_JSON[token] ?? token),
      reviver,
    )
  }
}
