/**
 * JSON without losing digits: integers beyond ±2^53 are read as bigint, and bigints are written as plain digits.
 * @throws {SyntaxError} as `JSON.parse`
 */
export function parseJson(text: string): unknown {
  // The reviver is several times slower than plain parsing, and only numbers this long can need it.
  if (!/\d{16}/.test(text)) return JSON.parse(text)
  return parseWithSource(text, (_key, value, context) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context.source ?? '')
      ? BigInt(context.source as string)
      : value,
  )
}

/** Any value as JSON text. Bytes become base64, dates ISO 8601, what JSON has no word for becomes null. */
export function jsonText(value: unknown): string {
  const replaced = value instanceof Uint8Array ? base64(value) : value
  return JSON.stringify(replaced, (_key, inner: unknown) => {
    if (typeof inner === 'bigint') return rawJson(String(inner))
    return inner instanceof Uint8Array ? base64(inner) : inner
  })
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string | undefined }) => unknown

// Both are in Node 24 (JSON.parse source text access, ES2026), but not yet in the library types of es2024.
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => unknown
const rawJson = (JSON as unknown as { rawJSON(text: string): object }).rawJSON
