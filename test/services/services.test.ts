import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { describeRedis, describeS3, freshBucket, freshRedis, s3Client } from './index.ts'

describeRedis('the Redis of the run', (url) => {
  test('answers a PING', async () => {
    const redis = new Redis(url)
    expect(await redis.ping()).toBe('PONG')
    redis.disconnect()
  })

  test('gives databases that are empty and do not see each other', async () => {
    await using one = await freshRedis()
    await using two = await freshRedis()
    const [redisOne, redisTwo] = [new Redis(one.url), new Redis(two.url)]
    await redisOne.set('key', 'value')
    expect(await redisOne.dbsize()).toBe(1)
    expect(await redisTwo.dbsize()).toBe(0)
    redisOne.disconnect()
    redisTwo.disconnect()
  })
})

describeS3('S3', (server) => {
  test('keeps an object in a fresh bucket and the bucket goes away with it', async () => {
    const client = s3Client(server)
    let name: string
    {
      await using bucket = await freshBucket(server)
      name = bucket.name
      await client.send(new PutObjectCommand({ Bucket: name, Key: 'a/b', Body: 'bytes' }))
      const { Body } = await client.send(new GetObjectCommand({ Bucket: name, Key: 'a/b' }))
      expect(await Body?.transformToString()).toBe('bytes')
    }
    await expect(client.send(new GetObjectCommand({ Bucket: name, Key: 'a/b' }))).rejects.toMatchObject({ name: 'NoSuchBucket' })
    client.destroy()
  })

  test('refuses a wrong secret', async () => {
    const stranger = s3Client({ ...server, secretAccessKey: 'wrong' })
    await expect(stranger.send(new PutObjectCommand({ Bucket: 'any', Key: 'k', Body: 'b' }))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    })
    stranger.destroy()
  })
})
