import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { type ObjectStore, openFileStore, openHttpStore, openS3Store, type S3Credentials, type S3Options } from '@shardex/storage'
import { type StoreUnderTest, serveDirectory } from '@shardex/storage/testing'
import { freshBucket, type S3Server, s3Client, tempDir } from '../../../test/services/index.ts'

/** Empty places on real backends, for the contract suite and for other tests. */

export async function filePlace(): Promise<StoreUnderTest & { readonly path: string }> {
  const directory = await tempDir('storage')
  const store = await openFileStore(directory.file('root'))
  return {
    store,
    path: directory.file('root'),
    leftovers: async () => {
      const names = await readdir(directory.file('root'), { recursive: true }).catch(() => [])
      return names.filter((name) => name.includes('.shardex-tmp-'))
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      await directory[Symbol.asyncDispose]()
    },
  }
}

export function credentialsOf(server: S3Server): S3Credentials {
  return {
    AWS_ENDPOINT: server.endpoint,
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    AWS_REGION: server.region,
  }
}

/** Parts are as small as S3 allows, and tries follow each other quickly. */
export const BRISK: Pick<S3Options, 'retry' | 'upload'> = {
  retry: { baseDelayMs: 1 },
  upload: { partBytes: 5 * 2 ** 20, wholeBytes: 5 * 2 ** 20 },
}

/** Who gives up soon on a server that says nothing; it may just be slow, and then it is asked again. */
export const IMPATIENT: Partial<S3Options> = { ...BRISK, timeouts: { stallMs: 1000 } }

/** The bucket of a place by way of a proxy. */
export function openThrough(
  proxy: { readonly url: string },
  { bucket }: { readonly bucket: string },
  server: S3Server,
  settings: Partial<S3Options> = BRISK,
): Promise<ObjectStore> {
  return openS3Store({ bucket, credentials: credentialsOf(server), endpoint: proxy.url, ...settings })
}

export async function s3Place(
  server: S3Server,
  options: Partial<S3Options> = {},
): Promise<StoreUnderTest & { readonly bucket: string }> {
  const bucket = await freshBucket(server)
  const store = await openS3Store({ bucket: bucket.name, credentials: credentialsOf(server), ...BRISK, ...options })
  const client = s3Client(server)
  return {
    store,
    bucket: bucket.name,
    leftovers: async () => {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket.name }))
      return Uploads.map((upload) => upload.Key ?? '')
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      client.destroy()
      await bucket[Symbol.asyncDispose]()
    },
  }
}

export async function httpPlace(options: { ranges?: boolean } = {}): Promise<StoreUnderTest> {
  const directory = await tempDir('storage')
  const server = await serveDirectory(directory.path, options)
  const store = await openHttpStore(server.url, { retry: { baseDelayMs: 1 } })
  return {
    store,
    async plant(key, bytes) {
      await mkdir(dirname(directory.file(key)), { recursive: true })
      await writeFile(directory.file(key), bytes)
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
      await directory[Symbol.asyncDispose]()
    },
  }
}
