/** Samples whose payload begins in a piece of a shard, in order. */
export interface HashedRows {
  /** Of the payloads, in the shard. */
  readonly offsets: Float64Array
  readonly sizes: Uint32Array
  /** The keys in UTF-8, one after another, and where each ends. */
  readonly keys: Uint8Array
  readonly keyEnds: Uint32Array
}

/** Where no payload begins. */
export const NO_ROWS: HashedRows = {
  offsets: new Float64Array(),
  sizes: new Uint32Array(),
  keys: new Uint8Array(),
  keyEnds: new Uint32Array(),
}

/** What the samples of a shard come to. */
export interface SampleDigests {
  /** The leaf hash of each sample, 32 bytes each, one after another. */
  readonly leaves: Uint8Array
  /** The Merkle root over them, 64 lower-case hex digits. */
  readonly merkleRoot: string
}

/** What the bytes of a shard come to. */
export interface ShardDigests extends SampleDigests {
  /** Of the whole tar, 64 lower-case hex digits. */
  readonly sha256: string
}

/** Takes the digests of shards in writing: of many at a time, each a sequence of pieces in order. */
export interface Hasher extends AsyncDisposable {
  /** Resolves when the bytes have been read and may be reused. */
  update(shard: number, bytes: Uint8Array<SharedArrayBuffer>, rows: HashedRows): Promise<void>
  /** End a shard. */
  digest(shard: number): Promise<ShardDigests>
  /** Of a shard that is too small to be cut into pieces. */
  digestOf(bytes: Uint8Array, rows: HashedRows): ShardDigests
}
