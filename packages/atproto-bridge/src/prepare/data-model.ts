import { BlobRef } from '@atproto/lexicon'
import { describe } from '@shardex/errors'
import { CID } from 'multiformats/cid'
import { MAX_DEPTH } from '../atmosphere/decode-record.ts'
import type { Problem } from './problem.ts'

/** A value takes a byte at least, so no record that a PDS takes has so many. */
const MAX_VALUES = 1_000_000
/** Who is told so many has enough to do. */
const MAX_FAULTS = 100

/** Where a value is, and what was found on the way to it. */
interface Place {
  readonly path: string
  /** Maps and lists around it, from the outermost. */
  readonly around: readonly object[]
  /** Whether people have given it, who may write whatever they like: types are for the records that we make. */
  readonly isGiven: boolean
  /** What may still be looked at and told, of the whole record. */
  readonly left: { values: number; faults: number }
}

/** Numbers, values and keys that records of the AT Protocol have no place for. @param path of the record */
export function faultsOfData(record: object, path: string): Generator<Problem, void, void> {
  return faultsOf(record, { path, around: [], isGiven: false, left: { values: MAX_VALUES, faults: MAX_FAULTS } })
}

function* faultsOf(value: unknown, place: Place): Generator<Problem, void, void> {
  const { path, left } = place
  left.values -= 1
  const fault = left.values === 0 ? tooMany(path) : faultOf(value, place)
  if (fault !== undefined) {
    left.faults -= 1
    yield fault
  } else if (isContainer(value)) yield* faultsInside(value, place)
}

function* faultsInside(value: object, { path, around, isGiven, left }: Place): Generator<Problem, void, void> {
  const inside = { around: [...around, value], isGiven, left }
  const items = Array.isArray(value) ? value.entries() : Object.entries(value)
  for (const [key, item] of items as Iterable<[string | number, unknown]>) {
    if (left.values <= 0 || left.faults <= 0) return
    const place = { ...inside, path: typeof key === 'number' ? `${path}[${key}]` : `${path}.${key.toWellFormed()}` }
    const isMisnamed = typeof key === 'string' && (!key.isWellFormed() || RESERVED.has(key) || (isGiven && key === '$type'))
    if (isMisnamed) {
      left.faults -= 1
      yield unsupported(place.path, `the key ${describe(key)}`, 'a key that means nothing else', 'call it something else')
    } else if (item === undefined && typeof key === 'number') {
      left.faults -= 1
      yield unsupported(place.path, 'undefined', 'a value, or null', 'leave it out')
    } else yield* faultsOf(item, { ...place, isGiven: isGiven || (around.length === 0 && key === 'contentMetadata') })
  }
}

/** What JSON of records takes for bytes and links, and JavaScript for something else than a key. */
const RESERVED: ReadonlySet<string> = new Set(['$bytes', '$link', '__proto__'])

function faultOf(value: unknown, { path, around }: Place): Problem | undefined {
  if (typeof value === 'number') return faultOfNumber(value, path)
  if (value === null || value === undefined || typeof value === 'boolean') return undefined
  if (typeof value === 'string')
    return value.isWellFormed() ? undefined : unsupported(path, describe(value), 'text without lone surrogates')
  if (typeof value !== 'object') return unsupported(path, describe(value), 'JSON, bytes or a link')
  if (around.includes(value)) return unsupported(path, 'what it is itself a part of', 'values that end', 'leave it out')
  // A blob reference holds a link.
  if (around.length > MAX_DEPTH - 2)
    return unsupported(
      path,
      `values more than ${MAX_DEPTH - 2} deep`,
      'what readers follow',
      'make it flatter, or write it as text',
    )
  return isScalar(value) || isContainer(value) ? undefined : unsupported(path, describe(value), 'plain objects, lists or bytes')
}

function faultOfNumber(value: number, path: string): Problem | undefined {
  if (Number.isSafeInteger(value)) return undefined
  if (Number.isInteger(value)) return unsupported(path, describe(value), 'a whole number below 2^53')
  return {
    code: 'number.float',
    path,
    found: String(value),
    wanted: 'a whole number or text: records have no fractions',
    advice: 'write it as text, or keep it in the metadata of the entry, which is msgpack',
  }
}

function isScalar(value: object): boolean {
  return value instanceof Uint8Array || value instanceof BlobRef || CID.asCID(value) !== null
}

/** Whatever else there is would lose what it holds. */
function isContainer(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || isScalar(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null
}

function tooMany(path: string): Problem {
  const advice = 'keep them in a file or in samples'
  return { code: 'record.too_large', path, found: `more than ${MAX_VALUES} values`, wanted: 'a record', advice }
}

function unsupported(path: string, found: string, wanted: string, advice = 'write it as text'): Problem {
  return { code: 'value.unsupported', path, found, wanted, advice }
}
