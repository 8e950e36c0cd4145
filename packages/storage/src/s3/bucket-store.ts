import { CopyObjectCommand, DeleteObjectCommand } from '@aws-sdk/client-s3'
import { ShardexError } from '@shardex/errors'
import { lifetimeOf } from '../lifetime.ts'
import { MemoryPool } from '../memory-pool.ts'
import { assertKeyPrefix, assertObjectKey } from '../object-key.ts'
import type { CallOptions, ObjectHead, ObjectStore } from '../object-store.ts'
import { connectS3, type S3Connection, type S3Options, type S3UploadOptions } from './connection.ts'
import { getObject, headObject, type S3Target } from './get.ts'
import { listObjects, type S3Prefix, sweepUploads } from './list.ts'
import { MIN_PART_BYTES } from './part-plan.ts'
import { putObject, type UploadLimits } from './put.ts'
import { isS3Error } from './s3-error.ts'

/** What `openS3Store` opens. */
export function bucketStore(options: S3Options): ObjectStore {
  const { bucket, prefix = '' } = options
  if (prefix !== '') assertObjectKey(prefix)
  const limits = uploadLimits(options.upload)
  const connection = connectS3(options)
  const root = prefix === '' ? '' : `${prefix}/`
  const rootUrl = `s3://${bucket}/${root}`
  const lifetime = lifetimeOf(rootUrl)

  function target(key: string): S3Target {
    lifetime.assertOpen()
    assertObjectKey(root + key)
    assertObjectKey(key)
    return { key, bucketKey: root + key, url: rootUrl + key }
  }

  function below(keyPrefix: string): S3Prefix {
    lifetime.assertOpen()
    assertKeyPrefix(keyPrefix)
    return { root, bucketPrefix: root + keyPrefix, url: rootUrl + keyPrefix }
  }

  return {
    rootUrl,
    supports: { write: true, list: true, putIfAbsent: true },
    urlOf(key) {
      assertObjectKey(key)
      return rootUrl + key
    },
    head: async (key, call = {}) => headObject(connection, target(key), call),
    get: async (key, call = {}) => getObject(connection, target(key), call),
    put: async (key, body, { sizeBytes, ...call } = {}) =>
      putObject({ ...call, connection, ...target(key) }, body, { ...limits, sizeBytes }),
    list: async (keyPrefix, call = {}) => listObjects(connection, below(keyPrefix), call),
    copy: async (from, to, call = {}) => copyObject(connection, target(from), target(to), call),
    delete: async (key, call = {}) => deleteObject(connection, target(key), call),
    sweep: async (keyPrefix, call) => sweepUploads(connection, below(keyPrefix), call),
    async [Symbol.asyncDispose]() {
      lifetime.end()
      limits.pool.clear()
      connection.client.destroy()
    },
  }
}

function uploadLimits({ partBytes = 8 * 2 ** 20, parallelParts = 4, wholeBytes }: S3UploadOptions = {}): UploadLimits {
  if (!Number.isSafeInteger(partBytes) || partBytes < MIN_PART_BYTES)
    throw new TypeError(`partBytes is at least ${MIN_PART_BYTES}, found ${partBytes}`)
  if (!Number.isSafeInteger(parallelParts) || parallelParts < 1)
    throw new TypeError(`parallelParts is at least 1, found ${parallelParts}`)
  if (wholeBytes !== undefined && !(wholeBytes >= partBytes && wholeBytes <= MAX_WHOLE_BYTES))
    throw new TypeError(`wholeBytes is at least partBytes and at most ${MAX_WHOLE_BYTES}, found ${wholeBytes}`)
  const held = Math.max(1, Math.min(parallelParts + 2, Math.floor(MAX_WHOLE_BYTES / partBytes)))
  const wholeParts = wholeBytes === undefined ? held : Math.floor(wholeBytes / partBytes)
  return { partBytes, parallelParts, wholeParts, pool: new MemoryPool(SPARE) }
}

/** Memory of uploads that is kept for the next, and for so long: enough for shards that are sent one after another, a few at a time. */
const SPARE = { slack: 0, maxFreeBytes: 256 * 2 ** 20, idleMs: 1000 }

/** It must fit into one array, and most servers take no more than 5 GiB in one request. */
const MAX_WHOLE_BYTES = 2 ** 31

async function copyObject(
  connection: S3Connection,
  from: S3Target,
  to: S3Target,
  { signal, ifAbsent = false }: CallOptions & { readonly ifAbsent?: boolean | undefined },
): Promise<ObjectHead> {
  if (ifAbsent && (await headObject(connection, to, { signal })) !== undefined) {
    throw new ShardexError('storage.exists', { url: to.url }, { message: `${to.url} exists already and was left as it is` })
  }
  const source = encodeURIComponent(`${connection.bucket}/${from.bucketKey}`).replaceAll('%2F', '/')
  const command = new CopyObjectCommand({ Bucket: connection.bucket, Key: to.bucketKey, CopySource: source })
  try {
    await connection.call(to.url, signal, (options) => connection.client.send(command, options))
  } catch (error) {
    if (isS3Error(error, 'NoSuchKey', 'NotFound')) throw notFound(from.url, error)
    throw error
  }
  return (await headObject(connection, to, { signal })) ?? Promise.reject(notFound(to.url))
}

async function deleteObject(connection: S3Connection, { bucketKey, url }: S3Target, { signal }: CallOptions): Promise<void> {
  const command = new DeleteObjectCommand({ Bucket: connection.bucket, Key: bucketKey })
  try {
    await connection.call(url, signal, (options) => connection.client.send(command, options))
  } catch (error) {
    if (!isS3Error(error, 'NoSuchKey', 'NotFound')) throw error
  }
}

function notFound(url: string, cause?: unknown): ShardexError {
  return new ShardexError('storage.not_found', { url }, { message: `there is no object ${url}`, cause })
}
