import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { describeS3 } from '../../../test/services/index.ts'
import { bytesOf, inChunks } from '../src/testing/bytes.ts'
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

  test('is told by no list, and goes along with a copy', async () => {
    await using place = await s3Place(server)
    const { checksum } = await place.store.put('from', bytesOf(1000))
    expect(await place.store.copy('from', 'to')).toMatchObject({ checksum })
    const { objects } = await place.store.list('')
    expect(objects.map((object) => object.checksum)).toEqual([undefined, undefined])
  })
})
