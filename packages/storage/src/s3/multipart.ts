import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { ShardexError } from '@shardex/errors'
import type { ObjectHead } from '../object-store.ts'
import { compositeCrc32, crc32Header } from './crc32.ts'
import { MAX_PARTS } from './part-plan.ts'
import { despiteLostAnswer, metadataOf, type StoredUpload, storedUpload, type Upload } from './upload.ts'

export interface MultipartOptions {
  readonly parallelParts: number
  /** Called with each part that has arrived; its buffer may be used again. */
  readonly release: (part: Uint8Array) => void
  /** Aborted when one part fails, so that the others and the source stop too. Its signal is part of the upload's. */
  readonly failure: AbortController
  /** The caller's alone: what begins an upload is not given up because a part failed, or nobody would know its id. */
  readonly signal: AbortSignal | undefined
}

/**
 * Upload in parts, several at a time. If anything fails, the upload is abandoned and nothing becomes visible.
 *
 * With `ifAbsent` the last request is conditional. Some servers (Ceph before 20) ignore that condition, therefore the key is also looked
 * at first; on those servers two uploads of one key that overlap are both told they have won, and the later one stays.
 * @returns `undefined` if there was no part: nothing was put
 */
export async function putMultipart(
  upload: Upload,
  parts: AsyncIterable<Uint8Array>,
  options: MultipartOptions,
): Promise<ObjectHead | undefined> {
  const begun = begin({ ...upload, signal: options.signal }) // while the first parts come
  begun.catch((error: unknown) => options.failure.abort(error))
  try {
    const sent = await sendParts(upload, begun, parts, options)
    if (sent.parts.length === 0) {
      await abandon(upload, await begun)
      return undefined
    }
    const stored = await complete(upload, await begun, sent.parts)
    return await proved(upload, sent.sizeBytes, stored)
  } catch (error) {
    await begun.then(
      (uploadId) => abandon(upload, uploadId),
      () => {},
    )
    throw error
  }
}

async function begin(upload: Upload): Promise<string> {
  const { connection, bucketKey, url, signal, ifAbsent } = upload
  if (ifAbsent === true && (await storedUpload(upload)) !== undefined) throw exists(url)
  const command = new CreateMultipartUploadCommand({
    Bucket: connection.bucket,
    Key: bucketKey,
    ChecksumAlgorithm: 'CRC32',
    ...metadataOf(upload),
  })
  const { UploadId } = await connection.call(url, signal, (options) => connection.client.send(command, options))
  if (UploadId === undefined) throw mismatch(url, 'an upload without an id', 'an upload id')
  return UploadId
}

interface SentParts {
  readonly parts: readonly CompletedPart[]
  readonly sizeBytes: number
}

async function sendParts(
  upload: Upload,
  begun: Promise<string>,
  bodies: AsyncIterable<Uint8Array>,
  { parallelParts, release, failure }: MultipartOptions,
): Promise<SentParts> {
  const parts: CompletedPart[] = []
  const onTheWay = new Set<Promise<void>>()
  let sizeBytes = 0
  let sentBytes = 0

  async function send(body: Uint8Array, index: number): Promise<void> {
    try {
      parts[index] = await sendPart(upload, await begun, body, index + 1)
      release(body)
      sentBytes += body.length
      upload.onProgress?.(sentBytes)
    } catch (error) {
      failure.abort(error)
    }
  }

  try {
    let count = 0
    for await (const body of bodies) {
      if (count === MAX_PARTS) throw mismatch(upload.url, `more than ${sizeBytes} bytes`, `at most ${MAX_PARTS} parts`)
      sizeBytes += body.length
      while (onTheWay.size >= parallelParts) await Promise.race(onTheWay)
      upload.signal?.throwIfAborted()
      const sending = send(body, count++).finally(() => onTheWay.delete(sending))
      onTheWay.add(sending)
    }
  } catch (error) {
    failure.abort(error)
  }
  await Promise.all(onTheWay)
  upload.signal?.throwIfAborted()
  return { parts, sizeBytes }
}

async function sendPart(upload: Upload, uploadId: string, body: Uint8Array, partNumber: number): Promise<CompletedPart> {
  const { connection, bucketKey, url, signal } = upload
  const checksum = crc32Header(body)
  const command = new UploadPartCommand({
    Bucket: connection.bucket,
    Key: bucketKey,
    UploadId: uploadId,
    PartNumber: partNumber,
    Body: body,
    ContentLength: body.length,
    ChecksumAlgorithm: 'CRC32',
    ChecksumCRC32: checksum,
  })
  const { ETag } = await connection.call(url, signal, (options) => connection.client.send(command, options))
  return { PartNumber: partNumber, ETag, ChecksumCRC32: checksum }
}

async function complete(upload: Upload, uploadId: string, parts: readonly CompletedPart[]): Promise<StoredUpload> {
  const { connection, bucketKey, url, signal, ifAbsent } = upload
  const command = new CompleteMultipartUploadCommand({
    Bucket: connection.bucket,
    Key: bucketKey,
    UploadId: uploadId,
    MultipartUpload: { Parts: [...parts] },
    ...(ifAbsent === true && { IfNoneMatch: '*' }),
  })
  try {
    const { ChecksumCRC32: found } = await connection.call(url, signal, (options) => connection.client.send(command, options))
    const wanted = compositeCrc32(parts.map((part) => part.ChecksumCRC32 ?? ''))
    // Some servers answer with the checksum of the whole object instead, which cannot be compared.
    if (found?.includes('-') === true && found !== wanted) throw mismatch(url, `checksum ${found}`, `checksum ${wanted}`)
  } catch (error) {
    return await despiteLostAnswer(upload, error)
  }
  const stored = await storedUpload(upload)
  if (stored === undefined) throw mismatch(url, 'nothing', 'the object that was just completed')
  return stored
}

/** The server's word on size, because some put an object together without all of its parts. */
async function proved({ key, url, connection, bucketKey }: Upload, sizeBytes: number, stored: StoredUpload): Promise<ObjectHead> {
  // Overwritten by someone else in the meantime: then there is nothing to prove, and our upload was whole.
  const { etag, modifiedAtMs, checksum, isOurs } = stored
  if (!isOurs) return { key, sizeBytes, etag, modifiedAtMs }
  if (stored.sizeBytes === sizeBytes) return { key, sizeBytes, etag, modifiedAtMs, checksum }
  await connection.client.send(new DeleteObjectCommand({ Bucket: connection.bucket, Key: bucketKey }))
  throw mismatch(url, `${stored.sizeBytes} bytes`, `${sizeBytes} bytes`)
}

/** Not bound to the caller's signal, which may be the reason. What cannot be reached now is left for `sweep`. */
async function abandon({ connection, bucketKey }: Upload, uploadId: string): Promise<void> {
  const command = new AbortMultipartUploadCommand({ Bucket: connection.bucket, Key: bucketKey, UploadId: uploadId })
  await connection.client.send(command).catch(() => {})
}

function exists(url: string): ShardexError {
  return new ShardexError('storage.exists', { url }, { message: `${url} exists already and was left as it is` })
}

function mismatch(url: string, found: string, wanted: string): ShardexError {
  return new ShardexError(
    'storage.corrupt',
    { url, found, wanted },
    { message: `${url} did not arrive whole: the store has ${found}, wanted ${wanted}; put it again` },
  )
}
