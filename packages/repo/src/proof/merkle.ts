/**
 * Merkle trees as RFC 6962 (Certificate Transparency), section 2.1, defines them: SHA-256, `0x00` before a leaf, `0x01` before a pair, a list
 * of n split at the largest power of two below n. The hash is given, so that this runs with Node's in a writer and with a portable one
 * in a browser.
 */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

export const HASH_BYTES = 32

const LEAF = 0x00
const PAIR = 0x01

/** What is hashed for a leaf: `0x00`, then the entry. */
export function leafInput(entry: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + entry.length)
  input[0] = LEAF
  input.set(entry, 1)
  return input
}

export function hashPair(left: Uint8Array, right: Uint8Array, sha256: Sha256): Uint8Array {
  const input = new Uint8Array(1 + 2 * HASH_BYTES)
  input[0] = PAIR
  input.set(left, 1)
  input.set(right, 1 + HASH_BYTES)
  return sha256(input)
}

/** The root over leaf hashes that come one at a time, in memory for the logarithm of their number. */
export class MerkleRoot {
  readonly #sha256: Sha256
  /** Roots of whole subtrees, the largest first; their sizes are the bits of `#count`. */
  readonly #peaks: Uint8Array[] = []
  #count = 0

  constructor(sha256: Sha256) {
    this.#sha256 = sha256
  }

  add(leaf: Uint8Array): void {
    let node = leaf
    for (let size = this.#count; size % 2 === 1; size = (size - 1) / 2) node = hashPair(this.#peaks.pop()!, node, this.#sha256)
    this.#peaks.push(node)
    this.#count += 1
  }

  /** Of no leaves: the hash of nothing. */
  digest(): Uint8Array {
    const [last, ...others] = this.#peaks.toReversed()
    if (last === undefined) return this.#sha256(new Uint8Array())
    return others.reduce((right, left) => hashPair(left, right, this.#sha256), last)
  }
}

/** The root over the leaf hashes `[start, end)` of a list. */
export function merkleRoot(leafAt: (position: number) => Uint8Array, start: number, end: number, sha256: Sha256): Uint8Array {
  const root = new MerkleRoot(sha256)
  for (let i = start; i < end; i++) root.add(leafAt(i))
  return root.digest()
}

/** The audit path of one leaf among `count`: the siblings on the way up, the nearest first. */
export function auditPath(
  leafAt: (position: number) => Uint8Array,
  position: number,
  count: number,
  sha256: Sha256,
): Uint8Array[] {
  const path: Uint8Array[] = []
  let start = 0
  let end = count
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start)
    if (position < middle) {
      path.unshift(merkleRoot(leafAt, middle, end, sha256))
      end = middle
    } else {
      path.unshift(merkleRoot(leafAt, start, middle, sha256))
      start = middle
    }
  }
  return path
}

/** The root that a leaf and its audit path lead to, or `undefined` if the path is not as long as it must be. */
export function rootOfPath(
  leaf: Uint8Array,
  position: number,
  count: number,
  path: readonly Uint8Array[],
  sha256: Sha256,
): Uint8Array | undefined {
  if (!(Number.isSafeInteger(count) && Number.isSafeInteger(position) && position >= 0 && position < count)) return undefined
  const sides: boolean[] = [] // whether the sibling stands left, from the root down
  let start = 0
  let end = count
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start)
    sides.push(position >= middle)
    if (position < middle) end = middle
    else start = middle
  }
  if (path.length !== sides.length || path.some((sibling) => sibling.length !== HASH_BYTES)) return undefined
  return path.reduce((node, sibling, level) => {
    const left = sides[sides.length - 1 - level]
    return left ? hashPair(sibling, node, sha256) : hashPair(node, sibling, sha256)
  }, leaf)
}

/** The largest power of two that is smaller than `count`, for a count of 2 or more. */
function largestPowerBelow(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1))
}
