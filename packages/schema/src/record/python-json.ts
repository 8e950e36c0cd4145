/** A value that JSON can hold; properties that are `undefined` are left out. */
type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined }

/** The text that Python's `json.dumps` writes by default: `", "` and `": "` between, nothing but ASCII. */
export function pythonJson(value: JsonValue): string {
  if (typeof value === 'string') return asciiString(value)
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(pythonJson).join(', ')}]`
  const entries = Object.entries(value).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined)
  return `{${entries.map(([key, item]) => `${asciiString(key)}: ${pythonJson(item)}`).join(', ')}}`
}

function asciiString(text: string): string {
  return JSON.stringify(text).replace(/[\x7f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
