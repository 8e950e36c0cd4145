import { isShardexError } from '@shardex/errors'
import type { ObjectStore } from '../object-store.ts'

/** A store at an empty place, and what the suite cannot do through it. Disposing removes the place and the store. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: ObjectStore
  /** Makes an object be there, where `store.put` cannot. */
  readonly plant?: ((key: string, bytes: Uint8Array) => Promise<void>) | undefined
  /** What the backend holds besides objects: temporary files, unfinished uploads. */
  readonly leftovers?: (() => Promise<readonly string[]>) | undefined
}

export type OpenStore = () => Promise<StoreUnderTest>

/** Larger than any one part or chunk of a store under test; the suite expects stores with parts of 5 MiB. */
export const SEVERAL_PARTS: number = 20 * 2 ** 20 + 12_345

export async function plant({ store, plant: directly }: StoreUnderTest, key: string, bytes: Uint8Array): Promise<void> {
  if (directly) await directly(key, bytes)
  else await store.put(key, bytes)
}

/** The code of the error it was refused with; fails the test if it was not refused. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
  } catch (error) {
    if (isShardexError(error)) return error.code
    throw error
  }
  return 'no error'
}

/** What a promise was rejected with. */
export async function rejection(call: Promise<unknown>): Promise<unknown> {
  try {
    await call
  } catch (error) {
    return error
  }
  return 'no error'
}

/** Legal keys that something between us and the bytes might take for more than a name. */
export const ODD_KEYS: readonly string[] = [
  'a b/c  d.tar',
  'plus+and%percent%2Fsign',
  'hash#question?mark&equals=',
  'grüße/日本語/🙂.bin',
  'quotes\'and"angle<brackets>',
  '.hidden/..dots.../...',
  'semi;colon:at@dollar$comma,tilde~star*bang!(paren)[bracket]{brace}|^`',
]

/** Nobody's key. */
export const BAD_KEYS: readonly string[] = [
  '',
  '/absolute',
  'trailing/',
  'double//slash',
  '.',
  '..',
  'a/../b',
  '../escape',
  'a/./b',
  'new\nline',
  'nul\0',
  'del\u007f',
  'back\\slash',
  'lone\ud800',
  'x'.repeat(1025),
]
