import type { CallOptions } from '@shardex/storage'
import type { OffsetIndex } from '../shard/offset-index.ts'
import { type Damage, type Lost, withLoss } from './damage.ts'
import type { ShardSource } from './plan-shards.ts'
import type { Quarantine } from './quarantine.ts'
import type { RawSample } from './raw-sample.ts'
import type { SampleReader, ShardReader } from './shard-reader.ts'

/** Passes over damage in a stream, and tells what is lost by it. A sample that is asked for by itself cannot be passed over. */
export class SkippingReader implements SampleReader {
  readonly #strict: ShardReader
  readonly #quarantine: Quarantine

  constructor(strict: ShardReader, quarantine: Quarantine) {
    this.#strict = strict
    this.#quarantine = quarantine
  }

  async *blocks(shard: ShardSource, { signal }: CallOptions = {}): AsyncGenerator<RawSample[]> {
    let index: OffsetIndex | undefined
    let passed = 0
    const instead = (damage: Damage, sample: number): undefined => {
      passed += 1
      this.#quarantine.addSample(shard.url, index?.sampleCount ?? 0, sample, damage)
    }
    try {
      index = await this.#strict.index(shard, { signal })
      const blocks =
        index === undefined
          ? this.#strict.blocks(shard, { signal })
          : this.#strict.samplesFrom(shard, index, { from: 0, instead, signal })
      for await (const block of blocks) {
        passed += block.length
        yield block
      }
    } catch (error) {
      signal?.throwIfAborted()
      if (!this.#quarantine.takes(error)) throw error
      const lost = lostOf(shard, index, passed)
      this.#quarantine.addObject(shard.url, lost === undefined ? error : withLoss(error, lost))
    }
  }

  sampleAt(shard: ShardSource, index: OffsetIndex, sample: number, options?: CallOptions): Promise<RawSample> {
    return this.#strict.sampleAt(shard, index, sample, options)
  }

  index(shard: ShardSource, options?: CallOptions): Promise<OffsetIndex | undefined> {
    return this.#strict.index(shard, options)
  }
}

/** What is left of a shard after so many samples, where that is known. */
function lostOf({ description }: ShardSource, index: OffsetIndex | undefined, passed: number): Lost | undefined {
  if (index !== undefined) {
    const samples = index.sampleCount - passed
    if (samples === 0) return { samples, firstKey: '', lastKey: '' }
    return { samples, firstKey: index.keyAt(passed), lastKey: index.keyAt(index.sampleCount - 1) }
  }
  return description && { samples: description.sampleCount, firstKey: description.minKey, lastKey: description.maxKey }
}
