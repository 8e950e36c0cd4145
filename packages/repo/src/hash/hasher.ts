import type { HashedRows, ShardDigests } from './shard-hasher.ts'

/** Takes the digests of shards in writing: of many at a time, each a sequence of pieces in order. */
export interface Hasher extends AsyncDisposable {
  /** Resolves when the bytes have been read and may be reused. */
  update(shard: number, bytes: Uint8Array<SharedArrayBuffer>, rows: HashedRows): Promise<void>
  /** End a shard. */
  digest(shard: number): Promise<ShardDigests>
  /** Of a shard that is too small to be cut into pieces. */
  digestOf(bytes: Uint8Array, rows: HashedRows): ShardDigests
}
