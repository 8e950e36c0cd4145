import { randomUUID } from 'node:crypto'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { blocksOf, slicesOf } from '../blocks.ts'
import type { MemoryPool } from '../memory-pool.ts'
import type { ObjectHead } from '../object-store.ts'
import { stoppable } from '../stoppable.ts'
import { checksumOf, unquoted } from './checksum.ts'
import { crc32Header } from './crc32.ts'
import { headObject } from './get.ts'
import { putMultipart } from './multipart.ts'
import { partPlan } from './part-plan.ts'
import { isHangUp } from './s3-error.ts'
import { despiteLostAnswer, metadataOf, type StoredUpload, type Upload } from './upload.ts'

/** The options of an upload with their defaults filled in. */
export interface UploadLimits {
  readonly partBytes: number
  readonly parallelParts: number
  /** Parts that are sent in one request, as one object, if there are no more of them. */
  readonly wholeParts: number
  /** Where uploads that are done with leave their memory to the next. */
  readonly pool: MemoryPool
}

export interface PutLimits extends UploadLimits {
  /** How many bytes are said to come. */
  readonly sizeBytes: number | undefined
}

/** One request for what fits into the memory of an upload; parts for what does not. */
export async function putObject(
  target: Omit<Upload, 'writer'>,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  { partBytes, parallelParts, wholeParts, pool, sizeBytes = 0 }: PutLimits,
): Promise<ObjectHead> {
  const failure = new AbortController()
  const signal = target.signal === undefined ? failure.signal : AbortSignal.any([target.signal, failure.signal])
  signal.throwIfAborted()
  const upload: Upload = { ...target, signal, writer: randomUUID() }
  const isArray = body instanceof Uint8Array
  // What is known to be too large for one request is sent while it comes, by parts that need no more than those on their way.
  const isLarge = sizeBytes > wholeParts * partBytes
  const needsNone = isArray || (isLarge && wholeParts > parallelParts + 2)
  const block = needsNone ? NOTHING : pool.take(wholeParts * partBytes)
  const plan = partPlan(partBytes, isLarge ? 1 : wholeParts, block)
  const parts = blocksOf(isArray ? body : stoppable(body, signal), plan)
  const inParts = (all: AsyncIterable<Uint8Array>): Promise<ObjectHead | undefined> =>
    putMultipart(upload, all, { parallelParts, release: isArray ? () => {} : plan.release, failure, signal: target.signal })
  const send = async (): Promise<ObjectHead> => {
    if (isLarge) return (await inParts(parts)) ?? (await putWhole(upload, NOTHING))
    const first = await parts.next()
    const second = await parts.next()
    if (second.done === true) return await putWhole(upload, first.value ?? NOTHING)
    const begun = [...slicesOf(first.value!, { sizeOf: () => partBytes }), second.value]
    return (await inParts(prepended(begun, parts)))!
  }
  try {
    const head = await send()
    if (!needsNone) pool.giveBack(block) // after a failure a request may still read it
    return head
  } finally {
    await parts.return()
  }
}

const NOTHING = new Uint8Array()

async function putWhole(upload: Upload, bytes: Uint8Array): Promise<ObjectHead> {
  const { connection, bucketKey, key, url, signal, ifAbsent } = upload
  const command = new PutObjectCommand({
    Bucket: connection.bucket,
    Key: bucketKey,
    Body: bytes,
    ContentLength: bytes.length,
    ChecksumAlgorithm: 'CRC32',
    ChecksumCRC32: crc32Header(bytes),
    ...metadataOf(upload),
    ...(ifAbsent === true && { IfNoneMatch: '*' }),
  })
  const marks = await connection
    .call(url, signal, (options) => connection.client.send(command, options))
    .then(
      (answer) => ({ etag: unquoted(answer.ETag), checksum: checksumOf(answer) }),
      async (error: unknown) => marksOf(await despiteLostAnswer(upload, await reasonOf(upload, error))),
    )
  upload.onProgress?.(bytes.length)
  return { key, sizeBytes: bytes.length, ...marks }
}

function marksOf({ etag, checksum }: StoredUpload): Pick<ObjectHead, 'etag' | 'checksum'> {
  return { etag, checksum }
}

/** A server that refuses a body may hang up before its refusal can be read. It tells the reason when there is no body. */
async function reasonOf({ connection, signal, ...target }: Upload, error: unknown): Promise<unknown> {
  if (!isHangUp(error)) return error
  return headObject(connection, target, { signal }).then(
    () => error,
    (reason: unknown) => reason,
  )
}

async function* prepended<T>(first: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T, void, void> {
  yield* first
  yield* rest
}
