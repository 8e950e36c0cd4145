import { inspect } from 'node:util'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { isShardexError } from '@shardex/errors'
import { openS3Store } from '@shardex/storage'
import { expect, test } from 'vitest'
import { describeS3, type S3Server, s3Client } from '../../../test/services/index.ts'
import { bytesOf, inChunks } from '../src/testing/bytes.ts'
import { codeOf, rejection } from '../src/testing/store-under-test.ts'
import { BRISK, credentialsOf, s3Place } from './places.ts'

const MIB = 2 ** 20

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
    await using store = await openS3Store({ bucket: place.bucket, credentials, ...BRISK })
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
    await using store = await openS3Store({ bucket: 'shardex-no-such-bucket', credentials: credentialsOf(server), ...BRISK })
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
