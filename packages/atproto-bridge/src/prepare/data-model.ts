import { BlobRef } from '@atproto/lexicon'
import { describe } from '@shardex/errors'
import { CID } from 'multiformats/cid'
import type { Problem } from './problem.ts'

/** Numbers and values that records of the AT Protocol have no place for. @param path of `value` in the records */
export function* faultsOfData(value: unknown, path: string): Generator<Problem, void, void> {
  if (typeof value === 'number') {
    if (!Number.isInteger(value))
      yield {
        code: 'number.float',
        path,
        found: String(value),
        wanted: 'a whole number or text: records have no fractions',
        advice: 'write it as text, or keep it in the metadata of the entry, which is msgpack',
      }
    else if (!Number.isSafeInteger(value)) yield unsupported(path, value, 'a whole number below 2^53')
    return
  }
  if (value === null || value === undefined || typeof value === 'boolean') return
  if (typeof value === 'string') {
    if (!value.isWellFormed()) yield unsupported(path, value, 'text without lone surrogates')
    return
  }
  if (typeof value !== 'object') {
    yield unsupported(path, value, 'JSON, bytes or a link')
    return
  }
  if (value instanceof Uint8Array || value instanceof BlobRef || CID.asCID(value) !== null) return
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* faultsOfData(item, `${path}[${i}]`)
  else for (const [key, item] of Object.entries(value)) yield* faultsOfData(item, `${path}.${key}`)
}

function unsupported(path: string, value: unknown, wanted: string): Problem {
  return { code: 'value.unsupported', path, found: describe(value), wanted, advice: 'write it as text' }
}
