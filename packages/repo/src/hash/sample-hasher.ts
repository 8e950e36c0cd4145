import { createHash, type Hash } from 'node:crypto'
import { sha256 } from '../platform/node-sha256.ts'
import { HASH_BYTES, hashPair } from '../proof/merkle.ts'
import { DigestBatch, MAX_MESSAGE_BYTES } from './digest-batch.ts'
import type { HashedRows, SampleDigests } from './hasher.ts'

/** Up to here copying a payload beside its key and hashing both at once is faster than feeding a hash in pieces. */
const ONE_SHOT_BYTES = 4096
/** Before the key in the input of a leaf hash: `0x00` and the size of the key. */
const LEAF_HEAD_BYTES = 5

/** One for all shards, because it is empty between two calls of `update`. */
let batch: DigestBatch | undefined
function theBatch(): DigestBatch {
  batch ??= new DigestBatch()
  return batch
}

/** Takes the leaf hash of each sample of one shard, as `sample-leaf.ts` defines it, and the Merkle tree over them, while its bytes pass. */
export class SampleHasher {
  readonly #batch = theBatch()
  readonly #scratch = new Uint8Array(LEAF_HEAD_BYTES + 2 * ONE_SHOT_BYTES)
  /** Of the Merkle tree, by level: the node that waits for its sibling. */
  readonly #odd: (Uint8Array | undefined)[] = []
  #leaves = new Uint8Array(1024 * HASH_BYTES)
  #leafBytes = 0
  #position = 0
  /** A sample that goes on in the next piece. */
  #open: { readonly hash: Hash; missing: number } | undefined

  /** Take the next bytes of the tar, and the samples whose payload begins in them. */
  update(bytes: Uint8Array, rows: HashedRows): void {
    // What copies fastest out of shared memory.
    const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#batch.clear()
    if (this.#open !== undefined) this.#continue(this.#open, bytes)
    for (let row = 0; row < rows.offsets.length; row++) {
      const start = rows.offsets[row]! - this.#position
      const size = rows.sizes[row]!
      const key = rows.keys.subarray(row === 0 ? 0 : rows.keyEnds[row - 1], rows.keyEnds[row])
      const inputBytes = LEAF_HEAD_BYTES + key.length + size
      const write = (target: Uint8Array, at: number): void => {
        writeHead(target, at, key.length)
        target.set(key, at + LEAF_HEAD_BYTES)
        source.copy(target, at + LEAF_HEAD_BYTES + key.length, start, start + size)
      }
      if (start + size > bytes.length || inputBytes > this.#scratch.length)
        this.#begin(key, bytes.subarray(start, start + size), size)
      else if (inputBytes <= MAX_MESSAGE_BYTES) write(this.#batch.bytes, this.#batch.reserve(inputBytes))
      else {
        write(this.#scratch, 0)
        this.#batch.put(sha256(this.#scratch.subarray(0, inputBytes)))
      }
      if (this.#batch.isFull) this.#keep()
    }
    this.#keep()
    this.#position += bytes.length
  }

  digest(): SampleDigests {
    const leaves = this.#leaves.slice(0, this.#leafBytes)
    const [lowest, ...others] = this.#odd.filter((node) => node !== undefined)
    const root = lowest && others.reduce((right, left) => hashPair(left, right, sha256), lowest)
    const merkleRoot = Buffer.from(root ?? sha256(new Uint8Array())).toString('hex')
    return { leaves, merkleRoot }
  }

  #begin(key: Uint8Array, payload: Uint8Array, size: number): void {
    writeHead(this.#scratch, 0, key.length)
    const opened = createHash('sha256').update(this.#scratch.subarray(0, LEAF_HEAD_BYTES)).update(key).update(payload)
    this.#open = { hash: opened, missing: size - payload.length }
    if (this.#open.missing === 0) this.#end(opened)
  }

  #continue(open: { readonly hash: Hash; missing: number }, bytes: Uint8Array): void {
    const piece = bytes.subarray(0, open.missing)
    open.hash.update(piece)
    open.missing -= piece.length
    if (open.missing === 0) this.#end(open.hash)
  }

  #end(finished: Hash): void {
    this.#open = undefined
    this.#batch.put(finished.digest())
  }

  /** Empty the batch. */
  #keep(): void {
    const leaves = this.#batch.digests()
    while (this.#leafBytes + leaves.length > this.#leaves.length) {
      const larger = new Uint8Array(this.#leaves.length * 2)
      larger.set(this.#leaves)
      this.#leaves = larger
    }
    this.#leaves.set(leaves, this.#leafBytes)
    this.#leafBytes += leaves.length
    this.#batch.fold(this.#odd)
  }
}

function writeHead(target: Uint8Array, at: number, keyBytes: number): void {
  target[at] = 0x00
  target[at + 1] = keyBytes
  target[at + 2] = keyBytes >> 8
  target[at + 3] = keyBytes >> 16
  target[at + 4] = keyBytes >> 24
}
