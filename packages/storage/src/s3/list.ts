import { AbortMultipartUploadCommand, ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { isObjectKey } from '../object-key.ts'
import type { ListOptions, ListPage, ObjectHead, SweepOptions } from '../object-store.ts'
import { pageLimit } from '../page-limit.ts'
import { unquoted } from './checksum.ts'
import type { S3Connection } from './connection.ts'
import { isS3Error } from './s3-error.ts'

/** Where a list looks: what every key in the bucket starts with, and how much of that is the store's root. */
export interface S3Prefix {
  readonly root: string
  readonly bucketPrefix: string
  readonly url: string
}

/** Names that are no object keys (folder markers of consoles, for instance) are left out. The cursor is the last name seen. */
export async function listObjects(
  connection: S3Connection,
  { root, bucketPrefix, url }: S3Prefix,
  options: ListOptions,
): Promise<ListPage> {
  const command = new ListObjectsV2Command({
    Bucket: connection.bucket,
    Prefix: bucketPrefix,
    MaxKeys: pageLimit(options),
    ...(options.cursor !== undefined && { StartAfter: root + options.cursor }),
  })
  const page = await connection.call(url, options.signal, (sending) => connection.client.send(command, sending))
  connection.noteBucketSeen()
  const objects: ObjectHead[] = []
  let cursor: string | undefined
  for (const { Key = '', Size = 0, ETag, LastModified } of page.Contents ?? []) {
    cursor = Key.slice(root.length)
    if (isObjectKey(cursor))
      objects.push({ key: cursor, sizeBytes: Size, etag: unquoted(ETag), modifiedAtMs: LastModified?.getTime() })
  }
  return { objects, cursor: page.IsTruncated === true ? cursor : undefined }
}

/** Abandon the multipart uploads that were begun long ago. */
export async function sweepUploads(
  connection: S3Connection,
  { root, bucketPrefix, url }: S3Prefix,
  { olderThanMs, only = () => true, signal }: SweepOptions,
): Promise<number> {
  const oldestMs = Date.now() - olderThanMs
  let removed = 0
  let markers: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {}
  while (true) {
    const command = new ListMultipartUploadsCommand({ Bucket: connection.bucket, Prefix: bucketPrefix, ...markers })
    const page = await connection.call(url, signal, (options) => connection.client.send(command, options))
    for (const { Key = '', UploadId, Initiated } of page.Uploads ?? []) {
      if (Initiated !== undefined && Initiated.getTime() > oldestMs) continue
      if (!only(Key.slice(root.length))) continue
      const abort = new AbortMultipartUploadCommand({ Bucket: connection.bucket, Key, UploadId })
      if (await unlessGone(connection.call(url, signal, (options) => connection.client.send(abort, options)))) removed++
    }
    if (page.IsTruncated !== true || page.NextKeyMarker === undefined) return removed
    markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
  }
}

/** Its writer may have finished it at the last moment. */
async function unlessGone(abort: Promise<unknown>): Promise<boolean> {
  try {
    await abort
    return true
  } catch (error) {
    if (isS3Error(error, 'NoSuchUpload')) return false
    throw error
  }
}
