/**
 * A hash thread: digests of the kind that `workerData` names, of many shards at a time, each a sequence of messages in order.
 * In: {@link HashRequest}. Out: {@link HashReply}, one for each request, in the same order.
 */
import { createHash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import type { HashedRows, SampleDigests, ShardDigests } from './hasher.ts'
import { SampleHasher } from './sample-hasher.ts'
import { ShardHasher } from './shard-hasher.ts'

/** What each kind of hash thread finds out about a shard. */
export interface Digests {
  /** The SHA-256 of the tar, 64 lower-case hex digits. */
  readonly tar: string
  readonly samples: SampleDigests
  readonly shard: ShardDigests
}

export type HashRequest =
  | { readonly shard: number; readonly bytes: Uint8Array<SharedArrayBuffer>; readonly rows: HashedRows }
  | { readonly shard: number; readonly bytes?: undefined }

/** `digests` answer the request without bytes, which ends a shard. */
export type HashReply = { readonly digests?: Digests[keyof Digests] }

interface Running {
  update(bytes: Uint8Array, rows: HashedRows): void
  digest(): Digests[keyof Digests]
}

const begin: Readonly<Record<keyof Digests, () => Running>> = {
  tar() {
    const hash = createHash('sha256')
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') }
  },
  samples: () => new SampleHasher(),
  shard: () => new ShardHasher(),
}

const begun = new Map<number, Running>()

parentPort?.on('message', (request: HashRequest) => {
  const running = begun.get(request.shard) ?? begin[workerData as keyof Digests]()
  begun.set(request.shard, running)
  const reply: HashReply = request.bytes === undefined ? { digests: running.digest() } : {}
  if (request.bytes === undefined) begun.delete(request.shard)
  else running.update(request.bytes, request.rows)
  parentPort?.postMessage(reply)
})
