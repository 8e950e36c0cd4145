import { inspect } from 'node:util'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { isShardexError } from '@shardex/errors'
import { openS3Store } from '@shardex/storage'
import { expect, test } from 'vitest'
import { describeS3, type S3Server, s3Client } from '../../../test/services/index.ts'
import { bytesFrom, bytesOf, inChunks, sameBytes } from '../src/testing/bytes.ts'
import { codeOf, rejection } from '../src/testing/store-under-test.ts'
import { type Fault, faultProxy } from './fault-proxy.ts'
import { testReadingThroughFaults } from './faults.ts'
import { BRISK, credentialsOf, s3Place } from './places.ts'

const MIB = 2 ** 20
const IMPATIENT = { ...BRISK, timeouts: { connectMs: 1000, stallMs: 500 } }

describeS3('S3 behind a bad network', (server) => {
  testReadingThroughFaults({
    open: async () => ({ ...(await s3Place(server)), address: server.endpoint }),
    through: async (place, endpoint) => {
      const bucket = new URL(place.store.rootUrl).host
      // The SDK signs the name of the host; the proxy passes it on as it is, so the signature holds.
      return openS3Store({ bucket, credentials: credentialsOf(server), endpoint, ...IMPATIENT })
    },
  })

  const PARTS = 12 * MIB

  async function putThrough(
    faultOf: (line: string, nth: number) => Fault | undefined,
    { sizeBytes = PARTS, ifAbsent = false }: { sizeBytes?: number; ifAbsent?: boolean } = {},
  ): Promise<{ error: unknown; isWhole: boolean; leftovers: readonly string[] }> {
    await using place = await s3Place(server)
    const seen = new Map<string, number>()
    await using proxy = await faultProxy(server.endpoint, ({ method, url }) => {
      const line = `${method} ${url?.replace(/=[^&]*/g, '')}`
      seen.set(line, (seen.get(line) ?? 0) + 1)
      return faultOf(line, seen.get(line) ?? 0)
    })
    await using store = await openS3Store({
      bucket: place.bucket,
      credentials: credentialsOf(server),
      endpoint: proxy.url,
      ...IMPATIENT,
    })
    const bytes = bytesOf(sizeBytes)
    const error = await rejection(store.put('object', inChunks(bytes, 1_000_000), { ifAbsent }))
    const isWhole = sameBytes(await bytesFrom(await place.store.get('object')), bytes)
    return { error, isWhole, leftovers: (await place.leftovers?.()) ?? [] }
  }

  test.each<[string, RegExp, Fault]>([
    ['a part is answered with 503', /^PUT .*partNumber/, { answer: 503 }],
    ['a part stalls', /^PUT .*partNumber/, { stallAfter: -1 }],
    ['the answer to a part is lost', /^PUT .*partNumber/, { loseAnswer: true }],
    ['the first request is answered with 500', /^POST .*uploads/, { answer: 500 }],
    ['the last request is answered with 503', /^POST .*uploadId/, { answer: 503 }],
    ['the answer to the last request is lost', /^POST .*uploadId/, { loseAnswer: true }],
  ])('a put in parts succeeds although %s', async (_, which, fault) => {
    const outcome = await putThrough((line, nth) => (which.test(line) && nth === 1 ? fault : undefined))
    expect(outcome).toEqual({ error: 'no error', isWhole: true, leftovers: [] })
  })

  test.each([1000, PARTS])('a put of %i bytes if absent knows its own object when the answer was lost', async (sizeBytes) => {
    const isLast = sizeBytes === PARTS ? /^POST .*uploadId/ : /^PUT /
    const outcome = await putThrough((line, nth) => (isLast.test(line) && nth === 1 ? { loseAnswer: true } : undefined), {
      sizeBytes,
      ifAbsent: true,
    })
    expect(outcome).toEqual({ error: 'no error', isWhole: true, leftovers: [] })
  })

  test.each<[string, RegExp]>([
    ['parts', /^PUT .*partNumber/],
    ['the last request', /^POST .*uploadId/],
  ])('a put leaves nothing behind when %s fail for good', async (_, which) => {
    const { error, isWhole, leftovers } = await putThrough((line) => (which.test(line) ? { answer: 503 } : undefined))
    expect(isShardexError(error, 'storage.unavailable')).toBe(true)
    expect({ isWhole, leftovers }).toEqual({ isWhole: false, leftovers: [] })
  })
})

describeS3('S3 on the wire', (server) => {
  test('bodies carry a CRC-32 of their own and no SHA-256', async () => {
    await using place = await s3Place(server)
    const bodies: (string | undefined)[][] = []
    await using proxy = await faultProxy(server.endpoint, ({ method, headers }) => {
      const named = ['x-amz-content-sha256', 'x-amz-sdk-checksum-algorithm', 'x-amz-checksum-crc32', 'expect', 'content-encoding']
      if (method === 'PUT') bodies.push(named.map((name) => headers[name]?.toString()))
      return undefined
    })
    await using store = await openS3Store({
      bucket: place.bucket,
      credentials: credentialsOf(server),
      endpoint: proxy.url,
      ...BRISK,
    })
    await store.put('small', Buffer.from('123456789'))
    await store.put('parts', bytesOf(12 * MIB))
    expect(bodies).toHaveLength(4)
    expect(bodies[0]).toEqual(['UNSIGNED-PAYLOAD', 'CRC32', 'y/Q5Jg==', undefined, undefined])
    for (const [sha256, algorithm, crc32] of bodies)
      expect([sha256, algorithm, crc32]).toEqual(['UNSIGNED-PAYLOAD', 'CRC32', expect.stringMatching(/^.{6}==$/)])
  })

  test.skipIf(server.name.startsWith('ceph')).each([1000, 12 * MIB])(
    'one byte of %i that changes on its way is noticed (skipped on Ceph 16, which does not look at checksums)',
    async (sizeBytes) => {
      await using place = await s3Place(server)
      await using proxy = await faultProxy(server.endpoint, ({ method }) => (method === 'PUT' ? { damage: true } : undefined))
      await using store = await openS3Store({
        bucket: place.bucket,
        credentials: credentialsOf(server),
        endpoint: proxy.url,
        ...BRISK,
      })
      expect(await codeOf(store.put('object', bytesOf(sizeBytes)))).toBe('storage.corrupt')
      expect(await place.store.head('object')).toBeUndefined()
      expect(await place.leftovers?.()).toEqual([])
    },
  )
})

describeS3('S3 that refuses', (server) => {
  const wrong = (change: Partial<ReturnType<typeof credentialsOf>>): ReturnType<typeof credentialsOf> => ({
    ...credentialsOf(server),
    ...change,
  })

  test.each([
    ['an unknown key', { AWS_ACCESS_KEY_ID: 'NOBODYATALL0000000000' }],
    ['a wrong secret', { AWS_SECRET_ACCESS_KEY: 'wrong-secret-wrong-secret' }],
  ])('has one clear error for %s, whatever is called, and does not tell the secret', async (_, change) => {
    await using place = await s3Place(server)
    const credentials = wrong(change)
    await using store = await openS3Store({ bucket: place.bucket, credentials, ...IMPATIENT })
    const calls = [
      store.head('x'),
      store.get('x'),
      store.get('x', { range: { start: 1, end: 2 } }),
      store.list(''),
      store.put('x', bytesOf(10)),
      store.put('x', bytesOf(5 * MIB - 1)),
      store.put('x', inChunks(bytesOf(12 * MIB), MIB)),
      store.put('x', bytesOf(10), { ifAbsent: true }),
      store.copy('x', 'y'),
      store.delete('x'),
      store.sweep('', { olderThanMs: 0 }),
    ]
    for (const error of await Promise.all(calls.map(rejection))) {
      expect(isShardexError(error) && error.code).toBe('credentials.refused')
      expect(String(error)).toContain(server.endpoint)
      expect(inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)).not.toContain(
        credentials.AWS_SECRET_ACCESS_KEY,
      )
    }
  })

  test('has one clear error for a bucket that is not there, whatever is called', async () => {
    await using store = await openS3Store({ bucket: 'shardex-no-such-bucket', credentials: credentialsOf(server), ...IMPATIENT })
    const calls = [
      store.head('x'),
      store.get('x'),
      store.list(''),
      store.put('x', bytesOf(10)),
      store.put('x', inChunks(bytesOf(12 * MIB), MIB)),
      store.delete('x'),
      store.sweep('', { olderThanMs: 0 }),
    ]
    for (const error of await Promise.all(calls.map(rejection))) {
      expect(isShardexError(error, 'storage.bucket_missing') && error.details).toEqual({
        bucket: 'shardex-no-such-bucket',
        endpoint: server.endpoint,
      })
    }
  })

  test('shows only what it can read', async () => {
    await using place = await s3Place(server)
    await putDirectly(server, place.bucket, 'folder/')
    await place.store.put('folder/object', bytesOf(1))
    expect((await place.store.list('')).objects.map((object) => object.key)).toEqual(['folder/object'])
    expect((await place.store.list('', { limit: 1 })).cursor).toBe('folder/')
  })

  test('refuses parts that S3 would refuse', async () => {
    const open = openS3Store({ bucket: 'any', credentials: credentialsOf(server), upload: { partBytes: MIB } })
    expect(await rejection(open)).toBeInstanceOf(TypeError)
    expect(await codeOf(openS3Store({ bucket: 'any', credentials: credentialsOf(server), prefix: '../up' }))).toBe('key.invalid')
  })
})

async function putDirectly(server: S3Server, Bucket: string, Key: string): Promise<void> {
  const client = s3Client(server)
  await client.send(new PutObjectCommand({ Bucket, Key, Body: new Uint8Array() }))
  client.destroy()
}

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
    await using store = await openS3Store({
      bucket: place.bucket,
      credentials: credentialsOf(server),
      endpoint: proxy.url,
      ...BRISK,
    })
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
    await using store = await openS3Store({
      bucket: place.bucket,
      credentials: credentialsOf(server),
      endpoint: proxy.url,
      ...BRISK,
    })
    const error = await rejection(store.get('object').then(bytesFrom))
    expect(isReplaced).toBe(true)
    expect(isShardexError(error, 'storage.corrupt') && error.message).toMatch(/changed while/)
  })

  test('costs one request to who reads its beginning', async () => {
    const { error, ranges } = await readThrough(() => undefined, MIB / 2)
    expect({ error, ranges }).toEqual({ error: 'no error', ranges: [pieces[0]] })
  })
})
