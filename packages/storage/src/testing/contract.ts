import { describe, expect, test } from 'vitest'
import type { ObjectStore, StoreSupports } from '../object-store.ts'
import { bytesOf } from './bytes.ts'
import { testListing } from './listing.ts'
import { testReading } from './reading.ts'
import { testStopping } from './stopping.ts'
import { BAD_KEYS, codeOf, type OpenStore, rejection } from './store-under-test.ts'
import { testPutIfAbsent, testWriting } from './writing.ts'

const EVERYTHING: StoreSupports = { write: true, list: true, putIfAbsent: true }

/**
 * What every {@link ObjectStore} promises. Each backend and each wrapper runs it, on the real thing.
 * @param open a store at a new, empty place; stores with parts have them of 5 MiB, 4 at a time
 * @param supports what the store can do; what it cannot is tested to be refused
 */
export function testObjectStore(name: string, open: OpenStore, supports: StoreSupports = EVERYTHING): void {
  describe(`ObjectStore: ${name}`, () => {
    testReading(open)
    if (supports.write) testWriting(open)
    if (supports.write) testStopping(open)
    else testReadOnly(open)
    if (supports.putIfAbsent) testPutIfAbsent(open)
    if (supports.list) testListing(open)
    else testNoListing(open)
    testManners(open, supports)
  })
}

function testReadOnly(open: OpenStore): void {
  test('refuses to write, as storage.read_only', async () => {
    await using place = await open()
    for (const call of writesOf(place.store)) expect(await codeOf(call())).toBe('storage.read_only')
  })
}

function testNoListing(open: OpenStore): void {
  test('refuses to list, as storage.unsupported', async () => {
    await using place = await open()
    expect(await codeOf(place.store.list(''))).toBe('storage.unsupported')
  })
}

function testManners(open: OpenStore, supports: StoreSupports): void {
  test('says what it can do', async () => {
    await using place = await open()
    expect(place.store.supports).toEqual(supports)
  })

  test('has a root that ends with / and begins its URLs', async () => {
    await using place = await open()
    expect(place.store.rootUrl).toMatch(/\/$/)
    expect(place.store.urlOf('a/b.tar')).toMatch(/a\/b\.tar$/)
    expect(place.store.urlOf('a/b.tar').startsWith(place.store.rootUrl)).toBe(true)
  })

  test.each(BAD_KEYS.map((key) => [JSON.stringify(key).slice(0, 30), key]))('refuses the key %s everywhere', async (_, key) => {
    await using place = await open()
    const { store } = place
    expect(() => store.urlOf(key)).toThrow(expect.objectContaining({ code: 'key.invalid' }))
    expect(await codeOf(store.head(key))).toBe('key.invalid')
    expect(await codeOf(store.get(key))).toBe('key.invalid')
    if (!supports.write) return
    expect(await codeOf(store.put(key, bytesOf(1)))).toBe('key.invalid')
    expect(await codeOf(store.copy(key, 'to'))).toBe('key.invalid')
    expect(await codeOf(store.copy('from', key))).toBe('key.invalid')
    expect(await codeOf(store.delete(key))).toBe('key.invalid')
  })

  test('is of no use after it was disposed of, and can be disposed of twice', async () => {
    await using place = await open()
    await place.store[Symbol.asyncDispose]()
    await place.store[Symbol.asyncDispose]()
    const calls = [() => place.store.head('x'), () => place.store.get('x'), () => place.store.list(''), ...writesOf(place.store)]
    for (const call of calls) expect(await rejection(call())).toBeInstanceOf(TypeError)
  })
}

function writesOf(store: ObjectStore): (() => Promise<unknown>)[] {
  return [
    () => store.put('x', bytesOf(1)),
    () => store.copy('x', 'y'),
    () => store.delete('x'),
    () => store.sweep('', { olderThanMs: 0 }),
  ]
}
