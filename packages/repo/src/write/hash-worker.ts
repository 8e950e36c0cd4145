/**
 * The hash thread: SHA-256 of many shards at a time, each a sequence of messages in order.
 * In: {@link HashRequest}. Out: {@link HashReply}, one for each request, in the same order.
 */
import { createHash, type Hash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'

export type HashRequest =
  | { readonly shard: number; readonly bytes: Uint8Array<SharedArrayBuffer> }
  | { readonly shard: number; readonly bytes?: undefined }

/** `sha256` in lower-case hex answers the request without bytes, which ends a shard. */
export type HashReply = { readonly sha256?: string }

const hashes = new Map<number, Hash>()

parentPort?.on('message', ({ shard, bytes }: HashRequest) => {
  let hash = hashes.get(shard)
  if (hash === undefined) {
    hash = createHash('sha256')
    hashes.set(shard, hash)
  }
  if (bytes === undefined) hashes.delete(shard)
  else hash.update(bytes)
  const reply: HashReply = bytes === undefined ? { sha256: hash.digest('hex') } : {}
  parentPort?.postMessage(reply)
})
