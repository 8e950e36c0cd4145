import { isObjectKey, type ObjectStore, wholeBody } from '@shardex/storage'
import type { CallOptions } from '../provider.ts'
import { corrupt } from '../refusals.ts'
import { decodeNames, MAX_NAMES_BYTES } from './layout.ts'

/**
 * A file of an index, `undefined` if it is not there or cannot be.
 * @throws {ShardexError} `index.corrupt` if it is larger
 */
export async function readAtMost(
  store: ObjectStore,
  key: string,
  maxBytes: number,
  options: CallOptions,
): Promise<Uint8Array | undefined> {
  if (!isObjectKey(key)) return undefined
  const body = await store.get(key, { signal: options.signal })
  if (body === undefined) return undefined
  if (body.lengthBytes > maxBytes) throw corrupt(store.urlOf(key), `${body.lengthBytes} bytes`, `at most ${maxBytes}`)
  return wholeBody(body)
}

/** A list, empty if it is not there. @throws {ShardexError} `index.corrupt` */
export async function readNames(store: ObjectStore, key: string, options: CallOptions): Promise<readonly string[]> {
  const bytes = await readAtMost(store, key, MAX_NAMES_BYTES, options)
  return bytes === undefined ? [] : decodeNames(bytes, store.urlOf(key))
}
