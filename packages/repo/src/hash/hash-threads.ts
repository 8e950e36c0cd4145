import { HashThread } from './hash-thread.ts'
import { type HashedRows, type Hasher, NO_ROWS, type ShardDigests } from './hasher.ts'
import { ShardHasher } from './shard-hasher.ts'

/** What takes the digests of the shards of one insert. */
type Threads = Pick<HashThread<'shard'>, 'update' | 'digest' | 'giveBack'>

/** From this size on, a sample is worth a thread: below, what it costs to make a message of its key and offset is no less than to hash it. */
const LARGE_SAMPLE_BYTES = 4096

/** Hashes beside the thread that packs. No thread starts before there is a MiB to hash, so small datasets never pay for one. */
export class HashThreads implements Hasher {
  #threads: Threads | undefined
  #isOver = false

  async update(shard: number, bytes: Uint8Array<SharedArrayBuffer>, rows: HashedRows): Promise<void> {
    // Of a shard that was given up while its packer waited: nobody would give back a thread that is borrowed now.
    if (this.#isOver) throw new TypeError(`shard ${shard} goes on after the end`)
    const isLarge = bytes.length > LARGE_SAMPLE_BYTES * rows.offsets.length
    this.#threads ??= isLarge ? twoThreads() : HashThread.borrow('shard')
    await this.#threads.update(shard, bytes, rows)
  }

  async digest(shard: number): Promise<ShardDigests> {
    if (this.#threads === undefined) throw new TypeError(`nothing was hashed of shard ${shard}`)
    return this.#threads.digest(shard)
  }

  /** Not worth a thread. */
  digestOf(bytes: Uint8Array, rows: HashedRows): ShardDigests {
    const hasher = new ShardHasher()
    hasher.update(bytes, rows)
    return hasher.digest()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await this.#threads?.giveBack()
    this.#threads = undefined
  }
}

/** Tars in one thread, samples in another, because every byte of a payload is hashed for both. */
function twoThreads(): Threads {
  const tar = HashThread.borrow('tar')
  const samples = HashThread.borrow('samples')
  return {
    async update(shard, bytes, rows) {
      await Promise.all([tar.update(shard, bytes, NO_ROWS), samples.update(shard, bytes, rows)])
    },
    async digest(shard) {
      const [sha256, digests] = await Promise.all([tar.digest(shard), samples.digest(shard)])
      return { sha256, ...digests }
    },
    async giveBack() {
      await Promise.all([tar.giveBack(), samples.giveBack()])
    },
  }
}
