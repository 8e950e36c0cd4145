import { describe, ShardexError } from '@shardex/errors'

/** UTF-8 bytes that a name may take at most: it also becomes a folder and a part of object keys. */
export const MAX_NAME_BYTES = 200
/** UTF-8 bytes that the version of a label may take at most. */
export const MAX_VERSION_BYTES = 64

/** Whether a dataset may be committed under this name. Names that other programs wrote are read whatever they look like. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && faultOfName(value) === undefined
}

/** @throws {ShardexError} `name.invalid`, saying which rule the name breaks */
export function assertName(value: unknown): asserts value is string {
  const fault = typeof value === 'string' ? faultOfName(value) : NO_TEXT
  if (fault !== undefined) throw invalid('dataset name', value, fault)
}

/** @throws {ShardexError} `name.invalid`: the version of a label follows the rules of names, but is shorter */
export function assertLabelVersion(value: unknown): asserts value is string {
  const fault = typeof value === 'string' ? faultOf(value, MAX_VERSION_BYTES) : NO_TEXT
  if (fault !== undefined) throw invalid('label version', value, fault)
}

/** `name@version`, cut at the last `@`; `undefined` if it is not of that form. */
export function splitLabel(text: string): { name: string; version: string } | undefined {
  const at = text.lastIndexOf('@')
  return at > 0 && at < text.length - 1 ? { name: text.slice(0, at), version: text.slice(at + 1) } : undefined
}

interface Fault {
  readonly found: string
  /** What would do instead. */
  readonly wanted: string
}

const CLEAN = 'text without "/", "@", control characters and spaces at its ends'
const NO_TEXT: Fault = { found: 'not a string', wanted: CLEAN }

function faultOfName(name: string): Fault | undefined {
  if (name === '.' || name === '..')
    return { found: 'a path, not a name', wanted: 'a name with something other than one or two dots' }
  return faultOf(name, MAX_NAME_BYTES)
}

function faultOf(text: string, maxBytes: number): Fault | undefined {
  if (text === '') return { found: 'empty', wanted: 'at least one character' }
  if (text.length > maxBytes || new TextEncoder().encode(text).length > maxBytes) {
    return { found: `more than ${maxBytes} bytes`, wanted: `a shorter one, at most ${maxBytes} bytes of UTF-8` }
  }
  const found = faultOfCharacters(text)
  return found === undefined ? undefined : { found, wanted: CLEAN }
}

function faultOfCharacters(text: string): string | undefined {
  if (!text.isWellFormed()) return 'half of a surrogate pair, which is not text'
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)) return 'a control character or line break'
  if (text !== text.trim()) return 'a space at an end'
  if (text.includes('/')) return 'a "/"'
  if (text.includes('@')) return 'an "@", which separates a name from the version of a label'
  // The upper bound of prefix ranges. It is no character, so nobody misses it.
  if (text.includes('\u{10FFFF}')) return 'the noncharacter U+10FFFF'
  return undefined
}

function invalid(what: string, value: unknown, { found, wanted }: Fault): ShardexError {
  return new ShardexError(
    'name.invalid',
    { name: typeof value === 'string' ? value : describe(value), found, wanted },
    { message: `${describe(value)} cannot be a ${what}: found ${found}; use ${wanted}` },
  )
}
