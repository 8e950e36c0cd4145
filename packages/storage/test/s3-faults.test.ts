import { isShardexError } from '@shardex/errors'
import { expect, test } from 'vitest'
import { describeS3 } from '../../../test/services/index.ts'
import { bytesFrom, bytesOf, inChunks, sameBytes } from '../src/testing/bytes.ts'
import { codeOf, rejection } from '../src/testing/store-under-test.ts'
import { type Fault, faultProxy } from './fault-proxy.ts'
import { testReadingThroughFaults } from './faults.ts'
import { BRISK, IMPATIENT, openThrough, s3Place } from './places.ts'

const MIB = 2 ** 20

describeS3('S3 behind a bad network', (server) => {
  testReadingThroughFaults({
    open: async () => ({ ...(await s3Place(server)), address: server.endpoint }),
    through: async (place, endpoint, isImpatient) => {
      const bucket = new URL(place.store.rootUrl).host
      // The SDK signs the name of the host; the proxy passes it on as it is, so the signature holds.
      return openThrough({ url: endpoint }, { bucket }, server, isImpatient ? IMPATIENT : BRISK)
    },
  })

  const PARTS = 12 * MIB

  async function putThrough(
    faultOf: (line: string, nth: number) => Fault | undefined,
    {
      sizeBytes = PARTS,
      ifAbsent = false,
      settings = BRISK,
    }: { sizeBytes?: number; ifAbsent?: boolean; settings?: typeof IMPATIENT } = {},
  ): Promise<{ error: unknown; isWhole: boolean; leftovers: readonly string[]; begun: number }> {
    await using place = await s3Place(server)
    const seen = new Map<string, number>()
    await using proxy = await faultProxy(server.endpoint, ({ method, url }) => {
      const line = `${method} ${url?.replace(/=[^&]*/g, '')}`
      seen.set(line, (seen.get(line) ?? 0) + 1)
      return faultOf(line, seen.get(line) ?? 0)
    })
    await using store = await openThrough(proxy, place, server, settings)
    const bytes = bytesOf(sizeBytes)
    const error = await rejection(store.put('object', inChunks(bytes, 1_000_000), { ifAbsent }))
    const isWhole = sameBytes(await bytesFrom(await place.store.get('object')), bytes)
    const begun = [...seen].reduce((sum, [line, times]) => (/^POST .*uploads/.test(line) ? sum + times : sum), 0)
    return { error, isWhole, leftovers: (await place.leftovers?.()) ?? [], begun }
  }

  test.each<[string, RegExp, Fault]>([
    ['a part is answered with 503', /^PUT .*partNumber/, { answer: 503 }],
    ['the answer to a part is lost', /^PUT .*partNumber/, { loseAnswer: true }],
    ['the first request is answered with 500', /^POST .*uploads/, { answer: 500 }],
    ['the last request is answered with 503', /^POST .*uploadId/, { answer: 503 }],
    ['the answer to the last request is lost', /^POST .*uploadId/, { loseAnswer: true }],
  ])('a put in parts succeeds although %s', async (_, which, fault) => {
    const outcome = await putThrough((line, nth) => (which.test(line) && nth === 1 ? fault : undefined))
    expect(outcome).toMatchObject({ error: 'no error', isWhole: true, leftovers: [] })
  })

  test('a put in parts succeeds although a part stalls', async () => {
    const stall = (line: string, nth: number): Fault | undefined =>
      /^PUT .*partNumber/.test(line) && nth === 1 ? { stallAfter: -1 } : undefined
    const { error, isWhole, leftovers, begun } = await putThrough(stall, { settings: IMPATIENT })
    expect({ error, isWhole }).toEqual({ error: 'no error', isWhole: true })
    // On a slow machine it may be begun once more, and nobody waits for the first.
    expect(leftovers.length).toBeLessThan(begun)
  })

  test.each([1000, PARTS])('a put of %i bytes if absent knows its own object when the answer was lost', async (sizeBytes) => {
    const isLast = sizeBytes === PARTS ? /^POST .*uploadId/ : /^PUT /
    const outcome = await putThrough((line, nth) => (isLast.test(line) && nth === 1 ? { loseAnswer: true } : undefined), {
      sizeBytes,
      ifAbsent: true,
    })
    expect(outcome).toMatchObject({ error: 'no error', isWhole: true, leftovers: [] })
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
    await using store = await openThrough(proxy, place, server)
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
      await using store = await openThrough(proxy, place, server)
      expect(await codeOf(store.put('object', bytesOf(sizeBytes)))).toBe('storage.corrupt')
      expect(await place.store.head('object')).toBeUndefined()
      expect(await place.leftovers?.()).toEqual([])
    },
  )
})
