import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { describeS3 } from '../../../test/services/index.ts'
import { bytesFrom, bytesOf, inChunks, sameBytes } from '../src/testing/bytes.ts'
import { s3Place } from './places.ts'

const MIB = 2 ** 20

describeS3('The checksum that S3 keeps', (server) => {
  const keepsCrc32 = server.name !== 'ceph'

  test('is the CRC-32 of what came in one request, or its ETag where the server keeps none', async () => {
    await using place = await s3Place(server)
    const bytes = bytesOf(1000)
    const { checksum, etag } = await place.store.put('small', bytes)
    const base64 = Buffer.from(crc32(bytes).toString(16).padStart(8, '0'), 'hex').toString('base64')
    expect(checksum).toBe(keepsCrc32 ? `crc32:${base64}` : `etag:${etag}`)
  })

  test('counts the parts of what came in several', async () => {
    await using place = await s3Place(server)
    const { checksum } = await place.store.put('large', inChunks(bytesOf(12 * MIB), MIB))
    expect(checksum).toMatch(keepsCrc32 ? /^crc32:[\w+/]{6}==-3$/ : /^etag:[0-9a-f]{32}-3$/)
  })

  test('is that of one object up to what an upload holds, and of parts of the planned size beyond it, with all bytes in order', async () => {
    await using place = await s3Place(server, { upload: { partBytes: 5 * MIB, parallelParts: 2 } })
    for (const [sizeBytes, parts] of [
      [20 * MIB - 7, undefined],
      [20 * MIB, undefined],
      [20 * MIB + 1, 5],
      [33 * MIB, 7],
    ] as const) {
      const bytes = bytesOf(sizeBytes)
      for (const body of [bytes, inChunks(bytes, 3 * MIB)]) {
        const { checksum } = await place.store.put('object', body)
        expect(/-(\d+)$/.exec(checksum ?? '')?.[1]).toBe(parts?.toString())
        expect(sameBytes(await bytesFrom(await place.store.get('object')), bytes)).toBe(true)
      }
    }
  })

  test('is told by no list, and goes along with a copy', async () => {
    await using place = await s3Place(server)
    const { checksum } = await place.store.put('from', bytesOf(1000))
    expect(await place.store.copy('from', 'to')).toMatchObject({ checksum })
    const { objects } = await place.store.list('')
    expect(objects.map((object) => object.checksum)).toEqual([undefined, undefined])
  })
})
