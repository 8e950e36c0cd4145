/**
 * The hash thread: the digests of many shards at a time, each a sequence of messages in order.
 * In: {@link HashRequest}. Out: {@link HashReply}, one for each request, in the same order.
 */
import { parentPort } from 'node:worker_threads'
import { type HashedRows, type ShardDigests, ShardHasher } from './shard-hasher.ts'

export type HashRequest =
  | { readonly shard: number; readonly bytes: Uint8Array<SharedArrayBuffer>; readonly rows: HashedRows }
  | { readonly shard: number; readonly bytes?: undefined }

/** `digests` answer the request without bytes, which ends a shard. */
export type HashReply = { readonly digests?: ShardDigests }

const hashers = new Map<number, ShardHasher>()

parentPort?.on('message', (request: HashRequest) => {
  const hasher = hashers.get(request.shard) ?? new ShardHasher()
  hashers.set(request.shard, hasher)
  const reply: HashReply = request.bytes === undefined ? { digests: hasher.digest() } : {}
  if (request.bytes === undefined) hashers.delete(request.shard)
  else hasher.update(request.bytes, request.rows)
  parentPort?.postMessage(reply)
})
