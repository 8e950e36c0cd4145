import { PutBucketPolicyCommand } from '@aws-sdk/client-s3'
import type { Entry } from '@shardex/index'
import { S3DataStore } from '@shardex/repo'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bucket, describePds, describeS3, freshBucket, s3Client, shared, startPds } from '../../../../test/services/index.ts'
import { AtmosphereIndex } from '../../src/atmosphere/atmosphere-index.ts'
import { promote } from '../../src/promote/promote.ts'
import { Digit, newAgent, openHousehold } from '../promote/household.ts'

await describePds('datasets in buckets', () => {
  const pds = shared(startPds)
  const home = shared(openHousehold)

  describeS3('S3', (server) => {
    const credentials = {
      AWS_ENDPOINT: server.endpoint,
      AWS_ACCESS_KEY_ID: server.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    }
    let bucket: Bucket
    let dataStore: S3DataStore
    let entry: Entry
    let uri: string
    beforeAll(async () => {
      bucket = await freshBucket(server)
      dataStore = new S3DataStore({ bucket: bucket.name, credentials })
      entry = await home().insert('bucketed', 25)
      ;({ uri } = await promote(entry, home().index, await newAgent(pds()), { dataStore, storage: 's3', allowPrivate: true }))
    })
    afterAll(async () => {
      await dataStore[Symbol.asyncDispose]()
      await bucket[Symbol.asyncDispose]()
    })

    const reading = (s3?: typeof credentials): AtmosphereIndex =>
      new AtmosphereIndex({ plcUrl: pds().plcUrl, allowPrivate: true, s3 })
    const labelsBy = async (atmosphere: AtmosphereIndex): Promise<number[]> => {
      const labels: number[] = []
      for await (const { label } of await atmosphere.open(uri, { type: Digit })) labels.push(Number(label))
      return labels
    }
    const ALL = Array.from({ length: 25 }, (_, label) => label)

    test('that are private are read with credentials for their endpoint, and described as at home', async () => {
      await using atmosphere = reading(credentials)
      expect(await labelsBy(atmosphere)).toEqual(ALL)
      const found = await atmosphere.getEntry(uri)
      expect(found).toMatchObject({ contentCid: entry.contentCid, sampleCount: 25, storage: { kind: 's3' } })
      expect(await (await atmosphere.open(uri, { type: Digit })).at(17)).toMatchObject({ label: 17 })
    })

    test('that are private are shown no credentials that are for another endpoint', async () => {
      await using without = reading()
      await expect(labelsBy(without)).rejects.toMatchObject({ code: 'storage.denied' })
      await using others = reading({ ...credentials, AWS_ENDPOINT: 'http://localhost:1' })
      await expect(labelsBy(others)).rejects.toMatchObject({ code: 'storage.denied' })
    })

    test('that are public are read by everybody', async () => {
      const client = s3Client(server)
      const statement = { Effect: 'Allow', Principal: '*', Action: ['s3:GetObject'], Resource: [`arn:aws:s3:::${bucket.name}/*`] }
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
      await client.send(new PutBucketPolicyCommand({ Bucket: bucket.name, Policy }))
      client.destroy()
      await using atmosphere = reading()
      expect(await labelsBy(atmosphere)).toEqual(ALL)
    })
  })
})
