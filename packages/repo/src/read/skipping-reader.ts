import { isShardexError } from '@shardex/errors'
import type { CallOptions } from '@shardex/storage'
import type { OffsetIndex } from '../shard/offset-index.ts'
import { type Damage, type Lost, withLoss } from './damage.ts'
import type { ShardSource } from './plan-shards.ts'
import type { Quarantine } from './quarantine.ts'
import type { RawSample } from './raw-sample.ts'
import type { SampleRange, SampleReader, ShardReader } from './shard-reader.ts'

/** Passes over damage in a stream, and tells what is lost by it. A sample that is asked for by itself cannot be passed over. */
export class SkippingReader implements SampleReader {
  readonly #strict: ShardReader
  readonly #quarantine: Quarantine

  constructor(strict: ShardReader, quarantine: Quarantine) {
    this.#strict = strict
    this.#quarantine = quarantine
  }

  async *blocks(shard: ShardSource, range: SampleRange = {}): AsyncGenerator<RawSample[]> {
    let index: OffsetIndex | undefined
    let next = range.from ?? 0
    const instead = (damage: Damage, sample: number): undefined => {
      next += 1
      this.#quarantine.addSample(shard.url, index?.sampleCount ?? 0, sample, damage)
    }
    try {
      index = await this.#strict.index(shard, range)
      const blocks =
        index === undefined ? this.#strict.blocks(shard, range) : this.#strict.samplesFrom(shard, index, { ...range, instead })
      for await (const block of blocks) {
        next += block.length
        yield block
      }
    } catch (error) {
      range.signal?.throwIfAborted()
      if (!this.#quarantine.takes(error)) throw error
      const lost = lostBy(error, shard, index, next, range)
      this.#quarantine.addObject(shard.url, lost === undefined ? error : withLoss(error, lost))
      // A part that reaches beyond the end of a shard was refused as a whole.
      const to = index && isShardexError(error, 'shard.truncated') ? wholeBefore(error.details.found, index) : next
      if (next < to) yield* this.blocks(shard, { ...range, from: next, to })
    }
  }

  sampleAt(shard: ShardSource, index: OffsetIndex, sample: number, options?: CallOptions): Promise<RawSample> {
    return this.#strict.sampleAt(shard, index, sample, options)
  }

  index(shard: ShardSource, options?: CallOptions): Promise<OffsetIndex | undefined> {
    return this.#strict.index(shard, options)
  }
}

/** What an error takes away, where that is known. An object is told once, so it tells of all its samples, also when only a part was read. */
function lostBy(
  error: Damage,
  { description }: ShardSource,
  index: OffsetIndex | undefined,
  next: number,
  { from, to }: SampleRange,
): Lost | undefined {
  if (index === undefined)
    return description && { samples: description.sampleCount, firstKey: description.minKey, lastKey: description.maxKey }
  const { sampleCount } = index
  if (isShardexError(error, 'shard.truncated')) return lostBetween(index, wholeBefore(error.details.found, index), sampleCount)
  if (from === undefined || isShardexError(error, 'storage.corrupt')) return lostBetween(index, next, to ?? sampleCount)
  return lostBetween(index, 0, sampleCount)
}

function lostBetween(index: OffsetIndex, from: number, to: number): Lost {
  const samples = to - from
  if (samples === 0) return { samples, firstKey: '', lastKey: '' }
  return { samples, firstKey: index.keyAt(from), lastKey: index.keyAt(to - 1) }
}

/** How many samples lie whole before a byte where the shard ends. */
function wholeBefore(end: number, { offsets, sizes, sampleCount }: OffsetIndex): number {
  let samples = sampleCount
  while (samples > 0 && offsets[samples - 1]! + sizes[samples - 1]! > end) samples -= 1
  return samples
}
