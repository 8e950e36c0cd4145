/** Where a field comes from: `jpg;png`, `json#/a/0`. */
export interface Selector {
  readonly text: string
  /** In lower case; the first that is there is taken. */
  readonly extensions: readonly string[]
  /** Into the document that the member is; empty for all of it. */
  readonly pointer: readonly string[] | undefined
}

/** @throws {TypeError} */
export function selectorOf(text: string): Selector {
  const [names = '', ...rest] = text.split('#')
  const fragment = rest.length === 0 ? undefined : rest.join('#')
  const extensions = names.split(';').map((name) => name.trim().replace(/^\./, '').toLowerCase())
  if (extensions.some((extension) => extension === '' || extension.includes('/')))
    throw new TypeError(`"${text}" names no member; wanted extensions like "jpg;png", or "json#/key"`)
  if (fragment !== undefined && fragment !== '' && !fragment.startsWith('/'))
    throw new TypeError(`"#${fragment}" is no JSON pointer; wanted "#/key" or "#/list/0"`)
  const pointer = fragment
    ?.split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
  return { text, extensions, pointer }
}

/** What a JSON pointer points to, if it is there. */
export function valueAt(document: unknown, pointer: readonly string[]): unknown {
  let value = document
  for (const token of pointer) {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return undefined
    if (!Object.hasOwn(value, token) || (Array.isArray(value) && !/^\d+$/.test(token))) return undefined
    value = (value as Record<string, unknown>)[token]
  }
  return value
}
