import { createHash, type Hash, hash } from 'node:crypto'
import { HASH_BYTES, MerkleRoot } from '../proof/merkle.ts'

/** Samples whose payload begins in a piece of a shard, in order. */
export interface HashedRows {
  /** Of the payloads, in the shard. */
  readonly offsets: Float64Array
  readonly sizes: Uint32Array
  /** The keys in UTF-8, one after another, and where each ends. */
  readonly keys: Uint8Array
  readonly keyEnds: Uint32Array
}

/** What the bytes of a shard come to. */
export interface ShardDigests {
  /** Of the whole tar, 64 lower-case hex digits. */
  readonly sha256: string
  /** The leaf hash of each sample, 32 bytes each, one after another. */
  readonly leaves: Uint8Array
  /** The Merkle root over them, 64 lower-case hex digits. */
  readonly merkleRoot: string
}

/** Up to here copying a payload beside its key and hashing both at once is faster than feeding a hash in pieces. */
const ONE_SHOT_BYTES = 4096
/** Before the payload in the input of a leaf hash: `0x00` and the size of the key. */
const LEAF_HEAD_BYTES = 5

/** By way of a string, because `hash` takes three times as long for small inputs when it is to make a buffer. */
export const sha256 = (bytes: Uint8Array): Uint8Array => Buffer.from(hash('sha256', bytes, 'binary'), 'latin1')

/** Takes all digests of one shard in a single pass over its bytes: the tar's, and each sample's, as `sample-leaf.ts` defines it. */
export class ShardHasher {
  readonly #whole = createHash('sha256')
  readonly #root = new MerkleRoot(sha256)
  readonly #scratch = new Uint8Array(LEAF_HEAD_BYTES + 2 * ONE_SHOT_BYTES)
  #leaves = new Uint8Array(1024 * HASH_BYTES)
  #count = 0
  #position = 0
  /** A sample that goes on in the next piece. */
  #open: { readonly hash: Hash; missing: number } | undefined

  /** Take the next bytes of the tar, and the samples whose payload begins in them. */
  update(bytes: Uint8Array, rows: HashedRows): void {
    this.#whole.update(bytes)
    if (this.#open !== undefined) this.#continue(bytes)
    for (let row = 0; row < rows.offsets.length; row++) {
      const start = rows.offsets[row]! - this.#position
      const size = rows.sizes[row]!
      const key = rows.keys.subarray(row === 0 ? 0 : rows.keyEnds[row - 1], rows.keyEnds[row])
      const payload = bytes.subarray(start, start + size)
      if (payload.length === size && size <= ONE_SHOT_BYTES && key.length <= ONE_SHOT_BYTES)
        this.#add(this.#hashSmall(key, payload))
      else this.#begin(key, payload, size)
    }
    this.#position += bytes.length
  }

  digest(): ShardDigests {
    const leaves = this.#leaves.slice(0, this.#count * HASH_BYTES)
    return { sha256: this.#whole.digest('hex'), leaves, merkleRoot: Buffer.from(this.#root.digest()).toString('hex') }
  }

  #hashSmall(key: Uint8Array, payload: Uint8Array): Uint8Array {
    writeHead(this.#scratch, key)
    this.#scratch.set(payload, LEAF_HEAD_BYTES + key.length)
    return sha256(this.#scratch.subarray(0, LEAF_HEAD_BYTES + key.length + payload.length))
  }

  #begin(key: Uint8Array, payload: Uint8Array, size: number): void {
    writeHead(this.#scratch, key)
    const opened = createHash('sha256').update(this.#scratch.subarray(0, LEAF_HEAD_BYTES + key.length))
    opened.update(payload)
    this.#open = { hash: opened, missing: size - payload.length }
    if (this.#open.missing === 0) this.#end(opened)
  }

  #continue(bytes: Uint8Array): void {
    const open = this.#open!
    const piece = bytes.subarray(0, open.missing)
    open.hash.update(piece)
    open.missing -= piece.length
    if (open.missing === 0) this.#end(open.hash)
  }

  #end(finished: Hash): void {
    this.#open = undefined
    this.#add(finished.digest())
  }

  #add(leaf: Uint8Array): void {
    const at = this.#count * HASH_BYTES
    if (at === this.#leaves.length) {
      const larger = new Uint8Array(this.#leaves.length * 2)
      larger.set(this.#leaves)
      this.#leaves = larger
    }
    this.#leaves.set(leaf, at)
    this.#count += 1
    this.#root.add(leaf)
  }
}

function writeHead(target: Uint8Array, key: Uint8Array): void {
  target[0] = 0x00
  target[1] = key.length & 0xff
  target[2] = (key.length >> 8) & 0xff
  target[3] = 0
  target[4] = 0
  target.set(key, LEAF_HEAD_BYTES)
}
