import { isShardexError } from '@shardex/errors'
import type { ObjectStore } from '@shardex/storage'
import { expect, test } from 'vitest'
import { bytesFrom, bytesOf, sameBytes } from '../src/testing/bytes.ts'
import { plant, rejection, type StoreUnderTest } from '../src/testing/store-under-test.ts'
import { type Fault, type FaultProxy, faultProxy } from './fault-proxy.ts'

const SIZE_BYTES = 3_000_000
const BYTES = bytesOf(SIZE_BYTES)

/** The place is where the objects are; `through` is a store on the same objects behind a proxy, which gives up soon on silence if it is impatient. */
export interface Faulty {
  readonly open: () => Promise<StoreUnderTest & { readonly address: string }>
  readonly through: (place: StoreUnderTest, address: string, isImpatient: boolean) => Promise<ObjectStore>
}

/** What a store does on the network when reading: the same for S3 and for web servers. */
export function testReadingThroughFaults({ open, through }: Faulty): void {
  async function readThrough(
    faultOf: (get: number) => Fault | undefined,
    isImpatient = false,
  ): Promise<{ error: unknown; bytes: Uint8Array | undefined; gets: string[] }> {
    await using place = await open()
    await plant(place, 'object', BYTES)
    let gets = 0
    await using proxy: FaultProxy = await faultProxy(place.address, ({ method }) =>
      method === 'GET' ? faultOf(++gets) : undefined,
    )
    await using store = await through(place, proxy.url, isImpatient)
    let bytes: Uint8Array | undefined
    const error = await rejection(
      store.get('object').then(async (body) => {
        bytes = await bytesFrom(body)
      }),
    )
    return { error, bytes, gets: proxy.requests.filter((line) => line.startsWith('GET')) }
  }

  test.each<[string, Fault]>([
    ['503', { answer: 503 }],
    ['500 with a page instead of XML', { answer: 500, body: '<html>oops</html>', headers: { 'content-type': 'text/html' } }],
    ['429', { answer: 429, headers: { 'retry-after': '0' } }],
    ['a connection that breaks before the first byte', { breakAfter: 0 }],
    ['a lost answer', { loseAnswer: true }],
    ['a server that says nothing', { stallAfter: -1 }],
    ['a connection that breaks in the middle', { breakAfter: 1_234_567 }],
    ['a body that stalls in the middle', { stallAfter: 1_234_567 }],
  ])('reads on after %s', async (_, fault) => {
    const isStall = 'stallAfter' in fault
    const { error, bytes, gets } = await readThrough((get) => (get === 1 ? fault : undefined), isStall)
    expect(error).toBe('no error')
    expect(sameBytes(bytes, BYTES)).toBe(true)
    // Who is impatient may give up on a slow machine, too.
    if (isStall) expect(gets.length).toBeGreaterThan(1)
    else expect(gets).toHaveLength(2)
  })

  test('goes on from the byte after the last one, as often as needed while it gets on', async () => {
    const { bytes, gets } = await readThrough((get) => (get <= 8 ? { breakAfter: 300_000 } : undefined))
    expect(sameBytes(bytes, BYTES)).toBe(true)
    expect(gets).toHaveLength(9)
    expect(gets[1]).toMatch(/bytes=300000-2999999$/)
    expect(gets[8]).toMatch(/bytes=2400000-2999999$/)
  })

  test('gives up when it gets on no more, and says where', async () => {
    const { error, gets } = await readThrough((get) => (get === 1 ? { breakAfter: 1_000_000 } : { breakAfter: 0 }))
    expect(isShardexError(error, 'storage.unavailable')).toBe(true)
    expect(String(error)).toMatch(/at byte 1000000 of \[0, 3000000\)/)
    expect(gets.length).toBeLessThan(10)
  })

  test('gives up on a server that always answers 503, with its address', async () => {
    const { error, gets } = await readThrough(() => ({ answer: 503 }))
    expect(isShardexError(error, 'storage.unavailable')).toBe(true)
    expect(String(error)).toMatch(/http:\/\/127\.0\.0\.1:\d+ did not answer.*503/)
    expect(gets.length).toBeGreaterThan(1)
  })

  test('notices that the object was replaced while it was being read', async () => {
    await using place = await open()
    await plant(place, 'object', BYTES)
    let gets = 0
    await using proxy = await faultProxy(place.address, ({ method }) => {
      if (method !== 'GET') return undefined
      return ++gets === 1 ? { breakAfter: 1_000_000 } : { first: () => plant(place, 'object', bytesOf(SIZE_BYTES, 1)) }
    })
    await using store = await through(place, proxy.url, false)
    const error = await rejection(store.get('object').then(bytesFrom))
    expect(isShardexError(error, 'storage.corrupt') && error.message).toMatch(/changed while|came with/)
  })

  test('is told of a server that is away', async () => {
    await using place = await open()
    const gone = await faultProxy(place.address, () => undefined)
    await gone[Symbol.asyncDispose]()
    await using store = await through(place, gone.url, false)
    for (const error of await Promise.all([store.head('x'), store.get('x')].map(rejection))) {
      expect(isShardexError(error, 'storage.unavailable')).toBe(true)
      expect(String(error)).toMatch(/127\.0\.0\.1.*ECONNREFUSED/)
    }
  })

  test('lets an abort end a wait for a server that says nothing', async () => {
    await using place = await open()
    const stop = new AbortController()
    const reason = new Error('waited long enough')
    await using proxy = await faultProxy(place.address, () => {
      stop.abort(reason)
      return { stallAfter: -1 }
    })
    await using store = await through(place, proxy.url, false)
    expect(await rejection(store.get('object', { signal: stop.signal }))).toBe(reason)
  })
}
