import { HashThread } from '../../packages/repo/src/hash/hash-thread.ts'
import type { Hasher, ShardDigests } from '../../packages/repo/src/hash/hasher.ts'

/** Hashers that take fewer digests than an insert does, to see what each of them costs. What they leave out is empty. */

const NOTHING: ShardDigests = { sha256: '', leaves: new Uint8Array(), merkleRoot: '' }

export const NO_HASHER: Hasher = {
  async update() {},
  async digest() {
    return NOTHING
  },
  digestOf: () => NOTHING,
  async [Symbol.asyncDispose]() {},
}

/** SHA-256 of each shard in a thread, and nothing of its samples. */
export function shardHasher(): Hasher {
  const thread = HashThread.borrow('tar')
  return {
    update: (shard, bytes, rows) => thread.update(shard, bytes, rows),
    digest: async (shard) => ({ ...NOTHING, sha256: await thread.digest(shard) }),
    digestOf: () => NOTHING, // a shard below 1 MiB, of which no measure here has more than one
    [Symbol.asyncDispose]: () => thread.giveBack(),
  }
}
