import { createHash } from 'node:crypto'
import type { HashedRows, ShardDigests } from './hasher.ts'
import { SampleHasher } from './sample-hasher.ts'

/** Takes all digests of one shard while its bytes pass. */
export class ShardHasher {
  readonly #tar = createHash('sha256')
  readonly #samples = new SampleHasher()

  /** Take the next bytes of the tar, and the samples whose payload begins in them. */
  update(bytes: Uint8Array, rows: HashedRows): void {
    this.#tar.update(bytes)
    this.#samples.update(bytes, rows)
  }

  digest(): ShardDigests {
    return { sha256: this.#tar.digest('hex'), ...this.#samples.digest() }
  }
}
