import { crc32 } from 'node:zlib'

/** How large shards may be. */
export interface ShardLimits {
  /** Samples per shard, at most. */
  readonly maxcount: number
  /** Bytes per shard, at most, unless a single sample is larger. */
  readonly maxsize: number
}

/**
 * No shard is ended by choice before it is so full; after that, on average when another such part is. So shards are about a quarter full, few
 * are small, and hardly any reaches the limits, which would end it anywhere.
 */
const FILL = 1 / 8

/**
 * Chooses where shards end by the keys of their samples (`docs/formats/content-layout.md`): the same samples in a row give the same
 * boundaries, whatever stands before them, once a first boundary is the same.
 */
export class ContentBoundary {
  readonly #limits: ShardLimits
  #fill = 0

  constructor(limits: ShardLimits) {
    this.#limits = limits
  }

  /** Whether the shard ends after this sample. @param memberBytes what it takes in the tar */
  endsAfter(key: Uint8Array, memberBytes: number): boolean {
    const share = Math.max(1 / this.#limits.maxcount, memberBytes / this.#limits.maxsize)
    this.#fill += share
    return this.#fill >= FILL && scattered(crc32(key)) < (share / FILL) * 2 ** 32
  }

  /** The next sample is the first of a shard. */
  reset(): void {
    this.#fill = 0
  }
}

/** The finalizer of MurmurHash3: keys that differ little get numbers that differ much, evenly below 2^32. */
function scattered(number: number): number {
  let mixed = number
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
