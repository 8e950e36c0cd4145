import { isShardexError } from '@shardex/errors'
import { expect, test } from 'vitest'
import { describeS3 } from '../../../test/services/index.ts'
import { bytesFrom, bytesOf, sameBytes } from '../src/testing/bytes.ts'
import { rejection } from '../src/testing/store-under-test.ts'
import { type Fault, faultProxy } from './fault-proxy.ts'
import { openThrough, s3Place } from './places.ts'

const MIB = 2 ** 20

describeS3('A large object of S3', (server) => {
  const BYTES = bytesOf(22 * MIB)

  /** From byte 100 on. */
  async function readThrough(faultOf: (range: string) => Fault | undefined, stopAfterBytes = Number.POSITIVE_INFINITY) {
    await using place = await s3Place(server)
    await place.store.put('object', BYTES)
    const ranges: string[] = []
    await using proxy = await faultProxy(server.endpoint, ({ method, headers }) => {
      if (method !== 'GET') return undefined
      ranges.push(headers.range ?? '')
      return faultOf(headers.range ?? '')
    })
    await using store = await openThrough(proxy, place, server)
    const found: Uint8Array[] = []
    let foundBytes = 0
    const error = await rejection(
      store.get('object', { range: { start: 100 } }).then(async (body) => {
        for await (const chunk of body!.chunks) {
          found.push(chunk)
          foundBytes += chunk.length
          if (foundBytes >= stopAfterBytes) break
        }
      }),
    )
    return { error, isWhole: sameBytes(Buffer.concat(found), BYTES.subarray(100)), ranges }
  }

  const pieces = [0, 1, 2, 3, 4, 5].map((i) => `bytes=${100 + i * 4 * MIB}-${Math.min(100 + (i + 1) * 4 * MIB, 22 * MIB) - 1}`)

  test('is sent while it comes, if it is said to be large', async () => {
    await using place = await s3Place(server)
    const begun = Promise.withResolvers<void>()
    const partAsked = Promise.withResolvers<void>()
    await using proxy = await faultProxy(server.endpoint, ({ method, url }) => {
      if (method === 'POST' && url?.includes('uploads')) begun.resolve()
      if (url?.includes('partNumber=')) partAsked.resolve()
      return undefined
    })
    await using store = await openThrough(proxy, place, server, { upload: { partBytes: 5 * MIB } })
    async function* halting() {
      await begun.promise
      yield BYTES.subarray(0, 12 * MIB)
      await partAsked.promise
      yield BYTES.subarray(12 * MIB)
    }
    await store.put('large', halting(), { sizeBytes: 100 * MIB })
    expect(sameBytes((await bytesFrom(await store.get('large')))!, BYTES)).toBe(true)
  })

  test('leaves nothing behind if it fails before it comes, or cannot be begun', async () => {
    await using place = await s3Place(server)
    let isRefused = false
    const begun = Promise.withResolvers<void>()
    await using proxy = await faultProxy(server.endpoint, ({ method }) => {
      if (method !== 'POST') return undefined
      begun.resolve()
      return isRefused ? { answer: 503 } : undefined
    })
    const retry = { attempts: 2 }
    await using store = await openThrough(proxy, place, server, { upload: { partBytes: 5 * MIB }, retry })
    const fault = new Error('of the source')
    const source = (next: () => Promise<never>) => ({ [Symbol.asyncIterator]: () => ({ next }) })
    const failing = source(() => begun.promise.then(() => Promise.reject(fault)))
    expect(await rejection(store.put('large', failing, { sizeBytes: 100 * MIB }))).toBe(fault)
    isRefused = true
    const endless = source(() => new Promise(() => {}))
    const error = await rejection(store.put('large', endless, { sizeBytes: 100 * MIB }))
    expect(isShardexError(error, 'storage.unavailable')).toBe(true)
    isRefused = false
    expect(await store.head('large')).toBeUndefined()
    expect(await place.leftovers?.()).toEqual([])
  })

  test('comes by several requests, all its bytes once and in order', async () => {
    const { error, isWhole, ranges } = await readThrough(() => undefined)
    expect({ error, isWhole }).toEqual({ error: 'no error', isWhole: true })
    expect(ranges.sort()).toEqual(pieces.toSorted())
  })

  test('is read on where one of them breaks', async () => {
    const faults = new Map<string, Fault>([
      [pieces[0]!, { breakAfter: 3 * MIB }],
      [pieces[2]!, { breakAfter: MIB }],
      [pieces[3]!, { answer: 503 }],
    ])
    const { error, isWhole, ranges } = await readThrough((range) => {
      const fault = faults.get(range)
      faults.delete(range)
      return fault
    })
    expect({ error, isWhole, requests: ranges.length }).toEqual({ error: 'no error', isWhole: true, requests: 9 })
  })

  test('that is replaced between two requests is told', async () => {
    let isReplaced = false
    await using place = await s3Place(server)
    await place.store.put('object', BYTES)
    await using proxy = await faultProxy(server.endpoint, ({ method, headers }) => {
      if (method !== 'GET' || headers.range !== 'bytes=12582912-16777215') return undefined
      isReplaced = true
      return { first: async () => void (await place.store.put('object', bytesOf(22 * MIB, 1))) }
    })
    await using store = await openThrough(proxy, place, server)
    const error = await rejection(store.get('object').then(bytesFrom))
    expect(isReplaced).toBe(true)
    expect(isShardexError(error, 'storage.corrupt') && error.message).toMatch(/changed while/)
  })

  test('costs one request to who reads its beginning', async () => {
    const { error, ranges } = await readThrough(() => undefined, MIB / 2)
    expect({ error, ranges }).toEqual({ error: 'no error', ranges: [pieces[0]] })
  })
})
