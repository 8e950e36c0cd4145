import { type BlockLimits, blockLimits, blocksOf, lastNotAfter, type ShardBlocks } from './blocks.ts'
import { keyedRandom, permutation } from './keyed-random.ts'
import type { OrderParameters, ShardSize } from './parameters.ts'

/** Samples side by side in a shard that one stream gives one after another, in random order. */
export interface Piece {
  /** The number of the shard in the dataset. */
  readonly shard: number
  /** Its first sample in the shard, and how many it has. */
  readonly first: number
  readonly count: number
  /** The place of its first sample in the stream. */
  readonly from: number
  /** Which sample of the shard is given at this place of the stream. */
  sampleAt(place: number): number
}

/**
 * The order of one epoch, the same for all ranks: `docs/formats/order.md`. The shards are permuted, and the blocks within each; that sequence
 * is cut into as many streams of equal length as places are read side by side; position `k` is sample `k div streams` of stream `k mod
 * streams`. Nothing is replayed: any position is computed from its number. Memory and the time to set up grow with the number of shards only.
 */
export class GlobalOrder {
  /** Samples of an epoch. */
  readonly length: number
  readonly streams: number
  readonly #parameters: OrderParameters
  readonly #sizes: readonly ShardSize[]
  readonly #limits: BlockLimits
  /** Shards in the order of the sequence, and where each starts in it. */
  readonly #shards: Uint32Array
  readonly #shardStarts: Float64Array
  /** Where each stream starts in the sequence. */
  readonly #streamStarts: Float64Array
  /** Of the shards that were asked for last. */
  readonly #blocks = new Map<number, ShardBlocks>()

  constructor(sizes: readonly ShardSize[], parameters: OrderParameters) {
    const { seed, epoch, bufferShards: streams } = parameters
    this.streams = streams
    this.#parameters = parameters
    this.#sizes = sizes
    this.#shards = permutation(sizes.length, keyedRandom(seed, epoch, 'shards', 0))
    this.#shardStarts = new Float64Array(sizes.length + 1)
    for (const [i, shard] of this.#shards.entries()) this.#shardStarts[i + 1] = this.#shardStarts[i]! + sizes[shard]!.sampleCount
    this.length = this.#shardStarts[sizes.length]!
    this.#limits = blockLimits(parameters, this.length)
    this.#streamStarts = new Float64Array(streams)
    let start = 0
    for (const stream of permutation(streams, keyedRandom(seed, epoch, 'streams', 0))) {
      this.#streamStarts[stream] = start
      start += this.#streamLength(stream)
    }
  }

  /** Where the sample at a position lies. @param position 0 to `length - 1` */
  at(position: number): { readonly shard: number; readonly sample: number } {
    const place = Math.floor(position / this.streams)
    const piece = this.pieceAt(position % this.streams, place)
    return { shard: piece.shard, sample: piece.sampleAt(place) }
  }

  /** The piece that holds this place of a stream. */
  pieceAt(stream: number, place: number): Piece {
    const streamStart = this.#streamStarts[stream]!
    const streamEnd = streamStart + this.#streamLength(stream)
    const at = lastNotAfter(this.#shardStarts, streamStart + place)
    const shard = this.#shards[at]!
    const shardStart = this.#shardStarts[at]!
    const block = this.#blocksOf(shard).holding(streamStart + place - shardStart)
    const blockStart = shardStart + block.start
    // A block on the border of two streams is cut in two, so that each of them reads its own part.
    const start = Math.max(blockStart, streamStart)
    const count = Math.min(blockStart + block.count, streamEnd) - start
    const first = block.first + start - blockStart
    const from = start - streamStart
    let order: Uint32Array | undefined
    const sampleAt = (wanted: number): number => {
      order ??= permutation(count, keyedRandom(this.#parameters.seed, this.#parameters.epoch, 'samples', start))
      return first + order[wanted - from]!
    }
    return { shard, first, count, from, sampleAt }
  }

  #streamLength(stream: number): number {
    return Math.floor(this.length / this.streams) + (stream < this.length % this.streams ? 1 : 0)
  }

  #blocksOf(shard: number): ShardBlocks {
    const blocks = this.#blocks.get(shard) ?? blocksOf(this.#sizes[shard]!, shard, this.#limits, this.#parameters)
    this.#blocks.delete(shard)
    this.#blocks.set(shard, blocks)
    if (this.#blocks.size > this.streams) this.#blocks.delete(this.#blocks.keys().next().value!)
    return blocks
  }
}
