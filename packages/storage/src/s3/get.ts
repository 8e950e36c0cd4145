import { Readable } from 'node:stream'
import { GetObjectCommand, type GetObjectCommandInput, type GetObjectCommandOutput, HeadObjectCommand } from '@aws-sdk/client-s3'
import { isShardexError, ShardexError } from '@shardex/errors'
import { assertRange, type Span, spanOf } from '../byte-range.ts'
import { inPieces } from '../in-pieces.ts'
import type { ByteRange, CallOptions, ObjectBody, ObjectHead } from '../object-store.ts'
import { resumingBody } from '../resuming-body.ts'
import { checksumOf, unquoted } from './checksum.ts'
import type { S3Connection } from './connection.ts'
import { isS3Error, s3StatusOf } from './s3-error.ts'

/** One object, by its key in the store and in the bucket. */
export interface S3Target {
  readonly key: string
  readonly bucketKey: string
  readonly url: string
}

type RangeOptions = CallOptions & { readonly range?: ByteRange | undefined }

export async function headObject(
  connection: S3Connection,
  target: S3Target,
  { signal }: CallOptions,
): Promise<ObjectHead | undefined> {
  const command = new HeadObjectCommand({ Bucket: connection.bucket, Key: target.bucketKey, ChecksumMode: 'ENABLED' })
  try {
    const head = await connection.call(target.url, signal, (options) => connection.client.send(command, options))
    connection.noteBucketSeen()
    return { ...headOf(target.key, head), sizeBytes: head.ContentLength ?? 0, checksum: checksumOf(head) }
  } catch (error) {
    signal?.throwIfAborted()
    if (isAbsence(error) && connection.bucketSeen()) return undefined
    if (isShardexError(error, 'storage.unavailable', 'credentials.missing')) throw error
    // A refused HEAD has no body that tells why: no such key or bucket, a wrong key, no permission. A GET has.
    const answer = await ask(connection, target, { Range: 'bytes=0-0' }, signal)
    if (answer === undefined) return undefined
    streamOf(answer).destroy()
    throw error
  }
}

export async function getObject(
  connection: S3Connection,
  target: S3Target,
  { range, signal }: RangeOptions,
): Promise<ObjectBody | undefined> {
  if (range !== undefined) assertRange(range)
  if (range !== undefined && range.start === range.end) return emptyBody(connection, target, range, signal)
  const { start, end = Number.POSITIVE_INFINITY } = range ?? { start: 0 }
  const first = { start, end: Math.min(end, start + PIECE_BYTES) }
  try {
    const answer = await ask(connection, target, { Range: rangeHeader(first) }, signal)
    return answer && bodyFrom(connection, target, { range, signal }, answer)
  } catch (error) {
    // Nothing begins at the end of an object, yet the rest from there is a range like any other.
    if (s3StatusOf(error) === 416) return emptyBody(connection, target, range ?? { start: 0 }, signal)
    throw error
  }
}

/** Larger bodies come by several requests side by side: one connection alone is slow where the way is long. */
const PIECE_BYTES = 4 * 2 ** 20
const PIECES_AHEAD = 4

function bodyFrom(
  connection: S3Connection,
  target: S3Target,
  { range, signal }: RangeOptions,
  answer: GetObjectCommandOutput,
): ObjectBody {
  const stream = streamOf(answer)
  const { start, end, sizeBytes } = positionOf(answer)
  const { url } = target
  const from = (span: Span, first: AsyncIterable<Uint8Array>, stop = signal): AsyncIterable<Uint8Array> => {
    const reopen = (position: number) => rest(connection, target, { ...span, start: position }, answer.ETag, stop)
    return resumingBody({ url, span, first, reopen, retry: connection.retry, signal: stop })
  }
  const fetch = async function* (piece: Span, nobodyReadsOn: AbortSignal): AsyncGenerator<Uint8Array> {
    const stop = signal === undefined ? nobodyReadsOn : AbortSignal.any([signal, nobodyReadsOn])
    yield* from(piece, await rest(connection, target, piece, answer.ETag, stop), stop)
  }
  try {
    const span = spanOf(range, sizeBytes, url)
    if (start !== span.start) throw notAsAsked(url, `bytes from ${start}`, `bytes from ${span.start}`)
    const arriving = { start, end: Math.min(end, span.end) }
    const first = from(arriving, stream)
    const chunks =
      arriving.end === span.end
        ? first
        : inPieces({
            first,
            rest: { start: arriving.end, end: span.end },
            pieceBytes: PIECE_BYTES,
            ahead: PIECES_AHEAD,
            fetch,
          })
    return { ...headOf(target.key, answer), sizeBytes, lengthBytes: span.end - span.start, chunks }
  } catch (error) {
    stream.destroy()
    throw error
  }
}

/** The same bytes from further on; never those of an object that has taken its place. */
async function rest(
  connection: S3Connection,
  target: S3Target,
  range: ByteRange,
  etag: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Readable> {
  try {
    const answer = await ask(
      connection,
      target,
      { Range: rangeHeader(range), ...(etag !== undefined && { IfMatch: etag }) },
      signal,
    )
    if (answer === undefined) throw notAsAsked(target.url, 'nothing', 'the object that was there before')
    const stream = streamOf(answer)
    if (positionOf(answer).start === range.start) return stream
    stream.destroy()
    throw notAsAsked(target.url, 'other bytes', `bytes from ${range.start}`)
  } catch (error) {
    if (isS3Error(error, 'PreconditionFailed')) throw notAsAsked(target.url, 'another object', `the one marked ${etag}`, error)
    throw error
  }
}

async function emptyBody(
  connection: S3Connection,
  target: S3Target,
  range: ByteRange,
  signal: AbortSignal | undefined,
): Promise<ObjectBody | undefined> {
  const head = await headObject(connection, target, { signal })
  if (head === undefined) return undefined
  const { start, end } = spanOf(range, head.sizeBytes, target.url)
  if (start !== end) throw notAsAsked(target.url, 'a refusal of the range', `bytes [${start}, ${end})`)
  return { ...head, lengthBytes: 0, chunks: Readable.from([]) }
}

async function ask(
  connection: S3Connection,
  { bucketKey, url }: S3Target,
  condition: Pick<GetObjectCommandInput, 'Range' | 'IfMatch'>,
  signal: AbortSignal | undefined,
): Promise<GetObjectCommandOutput | undefined> {
  const command = new GetObjectCommand({ Bucket: connection.bucket, Key: bucketKey, ...condition })
  try {
    const answer = await connection.call(url, signal, (options) => connection.client.send(command, options))
    connection.noteBucketSeen()
    return answer
  } catch (error) {
    if (!isAbsence(error)) throw error
    connection.noteBucketSeen()
    return undefined
  }
}

function isAbsence(error: unknown): boolean {
  return isS3Error(error, 'NoSuchKey', 'NotFound')
}

function headOf(
  key: string,
  { ETag, LastModified }: Pick<GetObjectCommandOutput, 'ETag' | 'LastModified'>,
): Omit<ObjectHead, 'sizeBytes'> {
  return { key, etag: unquoted(ETag), modifiedAtMs: LastModified?.getTime() }
}

function rangeHeader({ start, end }: ByteRange): string {
  return `bytes=${start}-${end === undefined ? '' : end - 1}`
}

/** What is on its way, and of how much. Without `Content-Range` it is the whole object. */
function positionOf({ ContentRange = '', ContentLength = 0 }: GetObjectCommandOutput): Span & { sizeBytes: number } {
  const [, start, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(ContentRange) ?? []
  if (start === undefined) return { start: 0, end: ContentLength, sizeBytes: ContentLength }
  return { start: Number(start), end: Number(last) + 1, sizeBytes: Number(size) }
}

function streamOf({ Body }: GetObjectCommandOutput): Readable {
  if (!(Body instanceof Readable)) throw new TypeError('the S3 client gave a body that is not a Node stream')
  // A body that nobody has begun to read may time out; that is told when it is read.
  return Body.on('error', () => {})
}

function notAsAsked(url: string, found: string, wanted: string, cause?: unknown): ShardexError {
  return new ShardexError(
    'storage.corrupt',
    { url, found, wanted },
    { message: `${url} changed while it was being read: found ${found}, wanted ${wanted}; read it again from the start`, cause },
  )
}
