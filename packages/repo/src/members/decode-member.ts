import { describe } from '@shardex/errors'
import { type ArraySource, decodeArray, decodeMsgpack, type FieldKind, NDArray } from '@shardex/schema'
import { Unfit } from './members-error.ts'
import type { Selector } from './selector.ts'

const MSGPACK: ReadonlySet<string> = new Set(['msgpack', 'mp', 'msg'])
const WHOLE = /^[+-]?\d{1,20}$/
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,4})?$/i
const WORDS: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['+inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
])
const TRUTHS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

/** Members that have parts. */
export function isDocument(extension: string): boolean {
  return extension === 'json' || MSGPACK.has(extension)
}

/** Why a field of this kind cannot come from there, if it cannot. */
export function faultOfPair(kind: FieldKind, { extensions, pointer }: Selector): string | undefined {
  const plain = extensions.find((extension) => !isDocument(extension))
  if (pointer !== undefined && plain !== undefined) return `.${plain} has no parts; only json, msgpack, mp and msg have`
  if (kind.kind === 'array' && pointer === undefined) return 'a list comes from a document: "json#/key"'
  return undefined
}

export function readDocument(extension: string, bytes: Uint8Array): unknown {
  if (MSGPACK.has(extension)) return decodeMsgpack(bytes)
  const text = textOf(bytes)
  try {
    return parseJson(text)
  } catch (cause) {
    throw new Unfit(cause instanceof Error ? cause.message : String(cause), 'JSON', cause)
  }
}

/** A whole member as the value of a field. */
export function fromMember(kind: FieldKind, bytes: Uint8Array): unknown {
  switch (kind.kind) {
    case 'str':
      return textOf(bytes)
    case 'int':
      return wholeNumber(textOf(bytes).trim())
    case 'float':
      return decimal(textOf(bytes).trim())
    case 'bool': {
      const text = textOf(bytes).trim()
      return TRUTHS.get(text.toLowerCase()) ?? refuse(describe(text), 'true, false, 1 or 0')
    }
    case 'ndarray':
      return decodeArray(bytes)
    default:
      return bytes
  }
}

/** A part of a document as the value of a field. What does not fit is refused when the sample is packed. */
export function fromDocument(kind: FieldKind, value: unknown): unknown {
  if (kind.kind === 'ndarray' && (Array.isArray(value) || typeof value === 'number')) {
    const source = value as ArraySource
    return kind.dtype === undefined ? NDArray.from(source) : NDArray.from(source, undefined, kind.dtype)
  }
  return kind.kind === 'float' && typeof value === 'bigint' ? Number(value) : value
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new Unfit(`${bytes.length} bytes that are not UTF-8`, 'text', cause)
  }
}

function wholeNumber(text: string): number | bigint {
  if (!WHOLE.test(text)) return refuse(describe(text), 'a whole number')
  const value = Number(text)
  return Number.isSafeInteger(value) ? value + 0 : BigInt(text.replace(/^\+/, ''))
}

function decimal(text: string): number {
  if (DECIMAL.test(text)) return Number(text)
  return WORDS.get(text.toLowerCase()) ?? refuse(describe(text), 'a number')
}

function refuse(found: string, wanted: string): never {
  throw new Unfit(found, wanted)
}

/** Integers beyond ±2^53 keep their digits. */
function parseJson(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text)
  return parseWithSource(text, (_, value, { source = '' }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value,
  )
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string | undefined }) => unknown

// In Node 24 and in browsers (JSON.parse source text access, ES2026), but not yet in the library types of es2024.
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => unknown
