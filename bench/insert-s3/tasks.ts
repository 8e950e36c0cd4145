import { createReadStream } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { Dataset, S3DataStore } from '@shardex/repo'
import { openFileStore, openS3Store, type S3Credentials } from '@shardex/storage'
import { run } from '../../test/services/index.ts'
import type { Task } from '../measure/measure.ts'
import { SHAPES } from '../samples/shapes.ts'

/** Each puts the same tars into a bucket: we pack and hash them on the way, the others find them on disk. */

/** More than fits into one request, so that parts are sent too. */
const WARM_UP = Buffer.alloc(64 << 20)

export interface Files {
  readonly files: readonly string[]
  /** Default: all at once. */
  readonly inTurn?: boolean | undefined
}

export interface Target {
  readonly credentials: S3Credentials & { readonly AWS_ENDPOINT: string; readonly AWS_REGION: string }
  readonly bucket: string
}

export const shardex: Task<Target & { readonly count: number; readonly shardBytes: number }> = async (args) => {
  const { credentials, bucket, count, shardBytes } = args
  const { type, samples } = SHAPES.large
  const store = new S3DataStore({ credentials, bucket })
  await store.writeShards({ type, samples: samples(Math.ceil(count / 20)) }, { prefix: 'warm-up' })
  return async () => {
    await store.writeShards(Dataset.from(type, samples(count)), { prefix: 'shardex', maxsize: shardBytes })
    return {}
  }
}

/** Our uploader alone, from the tars on disk, as shards by content are sent. */
export const put: Task<Target & Files> = async ({ credentials, bucket, ...files }) => {
  const store = await openS3Store({ bucket, credentials })
  await store.put('warm-up', WARM_UP)
  return each(files, async (file) => {
    await using folder = await openFileStore(dirname(file))
    const body = await folder.get(basename(file), { reuse: true })
    await store.put(basename(file), body!.chunks, { sizeBytes: body!.sizeBytes })
  })
}

/** The AWS SDK's uploader with its own defaults: 5 MiB parts, four at a time. */
export const libStorage: Task<Target & Files> = async ({ credentials, bucket, ...files }) => {
  const client = new S3Client({
    endpoint: credentials.AWS_ENDPOINT,
    region: credentials.AWS_REGION,
    credentials: { accessKeyId: credentials.AWS_ACCESS_KEY_ID, secretAccessKey: credentials.AWS_SECRET_ACCESS_KEY },
    forcePathStyle: true,
  })
  const upload = (key: string, body: Readable | Buffer) =>
    new Upload({ client, params: { Bucket: bucket, Key: key, Body: body } }).done()
  await upload('warm-up', WARM_UP)
  return each(files, (file) => upload(basename(file), createReadStream(file, { highWaterMark: 1 << 20 })))
}

/** One PUT per file by curl; its CPU is not ours to see. */
export const curl: Task<Files & { readonly urls: readonly string[] }> = async ({ urls, ...files }) => {
  return each(files, (file, at) => run('curl', ['-sSf', '-T', file, urls[at]!]))
}

function each({ files, inTurn = false }: Files, send: (file: string, at: number) => Promise<unknown>): () => Promise<undefined> {
  return async () => {
    if (inTurn) for (const [at, file] of files.entries()) await send(file, at)
    else await Promise.all(files.map(send))
    return undefined
  }
}
