import { BLOCK_BYTES, DIGEST_BYTES, LANE_BYTES, LANES, openSha256Lanes } from './sha256-lanes.ts'

/** After a message: `0x80`, zeros, and its size in bits, of which two bytes are enough here. */
const MIN_PADDING_BYTES = 9

/** Longer messages are no faster here than alone. */
export const MAX_MESSAGE_BYTES: number = LANE_BYTES - MIN_PADDING_BYTES
/** How many digests fit. */
export const BATCH_SIZE = 1024

/** Where things lie in the memory of the lanes: messages that wait, by how many blocks they have; pairs; digests of four; all digests in order. */
const PAIRS_AT = LANE_BYTES * LANES * (LANE_BYTES / BLOCK_BYTES)
const FOUR_AT = PAIRS_AT + LANE_BYTES * LANES
const DIGESTS_AT = FOUR_AT + LANES * DIGEST_BYTES + DIGEST_BYTES
const PAIR_BYTES = 1 + 2 * DIGEST_BYTES

/** The digests of many messages in order, taken four at a time, and the Merkle trees above them. Reused, because it takes a while to make. */
export class DigestBatch {
  readonly #lanes = openSha256Lanes()
  readonly bytes: Uint8Array = new Uint8Array(this.#lanes.memory.buffer)
  /** By number of blocks: the positions of the messages that wait. */
  readonly #waiting: number[][] = Array.from({ length: 1 + LANE_BYTES / BLOCK_BYTES }, () => [])
  #count = 0

  constructor() {
    for (let lane = 0; lane < LANES; lane++) {
      const at = PAIRS_AT + lane * LANE_BYTES
      this.bytes[at] = 0x01
      this.#pad(at, PAIR_BYTES, 2)
    }
  }

  get isFull(): boolean {
    return this.#count === BATCH_SIZE
  }

  clear(): void {
    this.#count = 0
    for (const positions of this.#waiting) positions.length = 0
  }

  /** The next digest is that of a message of this size, at most {@link MAX_MESSAGE_BYTES}. @returns where in `bytes` to write it, at once */
  reserve(sizeBytes: number): number {
    const blocks = Math.ceil((sizeBytes + MIN_PADDING_BYTES) / BLOCK_BYTES)
    const positions = this.#waiting[blocks]!
    if (positions.length === LANES) this.#digest(blocks)
    const at = (blocks - 1) * LANES * LANE_BYTES + positions.length * LANE_BYTES
    positions.push(this.#count++)
    this.#pad(at, sizeBytes, blocks)
    return at
  }

  /** The next digest is this one. */
  put(digest: Uint8Array): void {
    this.bytes.set(digest, DIGESTS_AT + DIGEST_BYTES * this.#count++)
  }

  /** All digests, one after another: a view. */
  digests(): Uint8Array {
    for (let blocks = 1; blocks < this.#waiting.length; blocks++) this.#digest(blocks)
    return this.bytes.subarray(DIGESTS_AT, DIGESTS_AT + this.#count * DIGEST_BYTES)
  }

  /**
   * Pair the digests, then the pairs, and so on, as RFC 6962 pairs leaves; the batch is empty then.
   * @param odd by level, the node that waits for its sibling
   */
  fold(odd: (Uint8Array | undefined)[]): void {
    this.digests()
    for (let level = 0; this.#count > 0; level++) {
      const before = odd[level]
      const at = before === undefined ? DIGESTS_AT : DIGESTS_AT - DIGEST_BYTES
      if (before !== undefined) this.bytes.set(before, at)
      const nodes = this.#count + (before === undefined ? 0 : 1)
      const lastAt = at + (nodes - 1) * DIGEST_BYTES
      odd[level] = nodes % 2 === 1 ? this.bytes.slice(lastAt, lastAt + DIGEST_BYTES) : undefined
      this.#count = Math.floor(nodes / 2)
      this.#digestPairs(at)
    }
  }

  /** What is behind the last pair is hashed with it, and is no digest. */
  #digestPairs(at: number): void {
    for (let pair = 0; pair < this.#count; pair += LANES) {
      for (let lane = 0; lane < LANES; lane++) {
        const from = at + (pair + lane) * 2 * DIGEST_BYTES
        this.bytes.copyWithin(PAIRS_AT + lane * LANE_BYTES + 1, from, from + 2 * DIGEST_BYTES)
      }
      this.#lanes.digest(PAIRS_AT, 2, DIGESTS_AT + pair * DIGEST_BYTES)
    }
  }

  #digest(blocks: number): void {
    const positions = this.#waiting[blocks]!
    if (positions.length === 0) return
    this.#lanes.digest((blocks - 1) * LANES * LANE_BYTES, blocks, FOUR_AT)
    for (let lane = 0; lane < positions.length; lane++) {
      const from = FOUR_AT + lane * DIGEST_BYTES
      this.bytes.copyWithin(DIGESTS_AT + positions[lane]! * DIGEST_BYTES, from, from + DIGEST_BYTES)
    }
    positions.length = 0
  }

  #pad(at: number, sizeBytes: number, blocks: number): void {
    const end = at + blocks * BLOCK_BYTES
    this.bytes.fill(0, at + sizeBytes, end)
    this.bytes[at + sizeBytes] = 0x80
    this.bytes[end - 2] = sizeBytes >> 5
    this.bytes[end - 1] = sizeBytes << 3
  }
}
