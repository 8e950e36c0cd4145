import { HeadObjectCommand } from '@aws-sdk/client-s3'
import type { PutOptions } from '../object-store.ts'
import { checksumOf, unquoted } from './checksum.ts'
import type { S3Connection } from './connection.ts'
import { isS3Error } from './s3-error.ts'

/** Where the bytes of one `put` go, and how. */
export interface Upload extends Pick<PutOptions, 'ifAbsent' | 'contentType' | 'onProgress' | 'signal'> {
  readonly connection: S3Connection
  /** The key in the store, and in the bucket. */
  readonly key: string
  readonly bucketKey: string
  readonly url: string
  /**
   * Stored with the object. If the answer to the last request is lost and the retry finds the key taken, this tells whether it
   * was taken by us.
   */
  readonly writer: string
}

/** An object as its store has it. */
export interface StoredUpload {
  readonly sizeBytes: number
  readonly etag?: string | undefined
  readonly checksum?: string | undefined
  readonly modifiedAtMs?: number | undefined
  readonly isOurs: boolean
}

/** The metadata field that holds {@link Upload.writer}: `x-amz-meta-shardex-writer`. */
const WRITER_FIELD = 'shardex-writer'

/** What is stored beside the bytes. */
export function metadataOf({ writer, contentType }: Upload): { Metadata: Record<string, string>; ContentType?: string } {
  return { Metadata: { [WRITER_FIELD]: writer }, ...(contentType !== undefined && { ContentType: contentType }) }
}

/** What is under the key now, or `undefined`. */
export async function storedUpload({ connection, bucketKey, url, writer, signal }: Upload): Promise<StoredUpload | undefined> {
  const command = new HeadObjectCommand({ Bucket: connection.bucket, Key: bucketKey, ChecksumMode: 'ENABLED' })
  try {
    const head = await connection.call(url, signal, (options) => connection.client.send(command, options))
    return {
      sizeBytes: head.ContentLength ?? 0,
      etag: unquoted(head.ETag),
      checksum: checksumOf(head),
      modifiedAtMs: head.LastModified?.getTime(),
      isOurs: head.Metadata?.[WRITER_FIELD] === writer,
    }
  } catch (error) {
    if (isS3Error(error, 'NotFound', 'NoSuchKey')) return undefined
    throw error
  }
}

/** The object after all, if the error only says that an earlier try has written it. @throws `error` itself otherwise */
export async function despiteLostAnswer(upload: Upload, error: unknown): Promise<StoredUpload> {
  if (!isS3Error(error, 'PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchUpload')) throw error
  const stored = await storedUpload(upload)
  if (stored?.isOurs !== true) throw error
  return stored
}
