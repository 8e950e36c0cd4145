import { randomUUID } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import type { S3Server } from './s3.ts'

export interface Bucket extends AsyncDisposable {
  readonly name: string
}

/** A plain client of the SDK, for what a test does behind the back of our code. */
export function s3Client(server: S3Server): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey } = server
  return new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
}

/** A new, empty bucket; disposing removes it with everything in it. */
export async function freshBucket(server: S3Server): Promise<Bucket> {
  const name = `shardex-test-${randomUUID()}`
  using client = disposable(s3Client(server))
  await client.it.send(new CreateBucketCommand({ Bucket: name }))
  return { name, [Symbol.asyncDispose]: () => removeBucket(server, name) }
}

async function removeBucket(server: S3Server, Bucket: string): Promise<void> {
  using client = disposable(s3Client(server))
  for (;;) {
    const { Contents = [] } = await client.it.send(new ListObjectsV2Command({ Bucket }))
    if (Contents.length === 0) break
    await Promise.all(Contents.map(({ Key }) => client.it.send(new DeleteObjectCommand({ Bucket, Key }))))
  }
  const { Uploads = [] } = await client.it.send(new ListMultipartUploadsCommand({ Bucket }))
  await Promise.all(
    Uploads.map(({ Key, UploadId }) => client.it.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))),
  )
  await client.it.send(new DeleteBucketCommand({ Bucket }))
}

function disposable(client: S3Client): Disposable & { it: S3Client } {
  return { it: client, [Symbol.dispose]: () => client.destroy() }
}
