import { ShardexError } from '@shardex/errors'
import { INDEX_SUFFIX } from '@shardex/repo'
import type { Storage } from '@shardex/storage'
import { blobRefOf } from '../blob-ref.ts'
import type { PlacedShard } from '../prepare/place-shards.ts'
import { INDEX_TYPE, SHARD_TYPE } from '../prepare/shard-storage.ts'
import type { Publisher } from './publisher.ts'
import { type Promised, verifiedBytes } from './verified-bytes.ts'
import { isRefusal, xrpcFailure } from './xrpc-failure.ts'

/** Bytes that the account must have before a record can point to them. */
export interface Upload extends Promised {
  readonly cid: string
  readonly type: string
  readonly sizeBytes: number
}

export interface UploadOptions {
  readonly signal?: AbortSignal | undefined
  readonly onBytes?: ((count: number) => void) | undefined
}

/** Every shard, then every offset index; what is the same is sent once. */
export function uploadsOf(shards: readonly PlacedShard[]): Upload[] {
  const all = [
    ...shards.flatMap(({ from, sha256, sizeBytes }) =>
      sha256 === undefined || sizeBytes === undefined ? [] : upload(from, { sha256, sizeBytes }, SHARD_TYPE),
    ),
    ...shards.flatMap(({ from, index }) => (index === undefined ? [] : upload(from + INDEX_SUFFIX, index, INDEX_TYPE))),
  ]
  return [...new Map(all.map((one) => [one.cid, one])).values()]
}

function upload(from: string, { sha256, sizeBytes }: { sha256: string; sizeBytes: number }, type: string): Upload {
  return { from, sha256, sizeBytes, type, cid: blobRefOf(sha256, sizeBytes, type).ref.toString() }
}

/**
 * Sends one blob as a stream. The CID that the PDS answers is the digest of what it got.
 * @throws {ShardexError} as {@link verifiedBytes}; `credentials.refused`, `atmosphere.refused`, `atmosphere.unavailable`
 */
export async function uploadBlob(agent: Publisher, what: Upload, source: Storage, options: UploadOptions): Promise<void> {
  const { from, cid, sizeBytes, type } = what
  for (let attempt = 1; ; attempt++) {
    let sent = 0
    const count = (bytes: number): void => {
      sent += bytes
      options.onBytes?.(bytes)
    }
    let failure: unknown
    // The client gives no word of why a body ended early; this keeps it.
    const bytes = remembering(verifiedBytes(what, source, { signal: options.signal, onBytes: count }), (error) => {
      failure = error
    })
    try {
      const { data } = await agent.com.atproto.repo.uploadBlob(ReadableStream.from(bytes) as unknown as Blob, {
        encoding: type,
        headers: { 'content-length': String(sizeBytes) },
        ...(options.signal && { signal: options.signal }),
      })
      const found = data.blob.ref.toString()
      if (found === cid && data.blob.mimeType === type) return
      throw answeredOther(from, `${found} as ${data.blob.mimeType}`, `${cid} as ${type}`)
    } catch (error) {
      options.onBytes?.(-sent)
      if (failure !== undefined) throw failure
      // The session renews itself, but cannot send a stream again.
      if (attempt === 1 && isRefusal(error, 'ExpiredToken', 'use_dpop_nonce')) continue
      throw xrpcFailure(error, agent, `take the blob ${from}`, options.signal)
    }
  }
}

async function* remembering(
  bytes: AsyncIterable<Uint8Array>,
  onError: (error: unknown) => void,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* bytes
  } catch (error) {
    onError(error)
    throw error
  }
}

function answeredOther(from: string, found: string, wanted: string): ShardexError {
  const message = `the PDS stored ${from} as the blob ${found}, wanted ${wanted}; something on the way changes what is sent`
  return new ShardexError('storage.corrupt', { url: from, found, wanted }, { message })
}
