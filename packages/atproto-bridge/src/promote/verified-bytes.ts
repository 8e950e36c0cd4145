import { createHash } from 'node:crypto'
import { ShardexError } from '@shardex/errors'
import type { ChunkOptions, Storage } from '@shardex/storage'

/** An object that goes elsewhere, with what it must be. */
export interface Promised {
  readonly from: string
  readonly sha256: string
  readonly sizeBytes?: number | undefined
}

export interface VerifiedBytesOptions extends ChunkOptions {
  readonly onBytes?: ((count: number) => void) | undefined
}

/**
 * The bytes of an object. They end with an error if they are not what was promised, so that whoever takes them as a stream never gets a damaged one whole.
 * @throws {ShardexError} `shard.not_found`; `storage.corrupt`
 */
export async function* verifiedBytes(
  { from, sha256, sizeBytes }: Promised,
  storage: Storage,
  { onBytes, ...options }: VerifiedBytesOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const { store, key } = await storage.locate(from)
  const body = await store.get(key, options)
  if (body === undefined) {
    const message = `${from} is not there; \`shardex verify\` says what else is missing, and how to get it back`
    throw new ShardexError('shard.not_found', { shard: from }, { message })
  }
  if (sizeBytes !== undefined && body.sizeBytes !== sizeBytes)
    throw corrupt(from, `${body.sizeBytes} bytes`, `${sizeBytes} bytes`)
  const hash = createHash('sha256')
  for await (const chunk of body.chunks) {
    hash.update(chunk)
    onBytes?.(chunk.length)
    yield chunk
  }
  const found = hash.digest('hex')
  if (found !== sha256) throw corrupt(from, `the SHA-256 ${found}`, sha256)
}

function corrupt(url: string, found: string, wanted: string): ShardexError {
  const message = `${url} has ${found}, wanted ${wanted}: it was damaged since it was inserted and is not published. \`shardex verify --repair\` restores it from a mirror.`
  return new ShardexError('storage.corrupt', { url, found, wanted }, { message })
}
