import { isShardexError } from '@shardex/errors'
import type { CallOptions } from '@shardex/storage'
import { INDEX_SUFFIX, type OffsetIndex } from '../shard/offset-index.ts'
import { type Damage, type Refusal, withMirrors } from './damage.ts'
import { mirrored } from './mirrors.ts'
import type { ShardSource } from './plan-shards.ts'
import type { Quarantine } from './quarantine.ts'
import type { RawSample } from './raw-sample.ts'
import type { SampleRange, SampleReader, ShardReader } from './shard-reader.ts'

/** More damaged samples than this in one pass, and the rest of the shard is streamed from a mirror instead of fetched one by one. */
const MAX_SINGLES = 16

/**
 * Gives what a mirror has in the place of what is damaged, checked in the same way and in the same order. What was found damaged once is
 * asked of the mirrors first from then on.
 */
export class RefetchingReader implements SampleReader {
  readonly #strict: ShardReader
  readonly #mirrors: readonly string[]
  readonly #quarantine: Quarantine

  constructor(strict: ShardReader, mirrors: readonly string[], quarantine: Quarantine) {
    this.#strict = strict
    this.#mirrors = mirrors
    this.#quarantine = quarantine
  }

  async *blocks(shard: ShardSource, range: SampleRange = {}): AsyncGenerator<RawSample[]> {
    const index = await this.index(shard, range)
    if (index === undefined) yield* this.#unindexedBlocks(shard, range)
    else yield* this.#indexedBlocks(shard, index, range)
  }

  async sampleAt(shard: ShardSource, index: OffsetIndex, sample: number, { signal }: CallOptions = {}): Promise<RawSample> {
    const failures = this.#failuresOf(shard, signal)
    const isKnown = this.#quarantine.hasSample(shard.url, sample)
    for (const source of this.#sources(shard, isKnown || this.#quarantine.hasObject(shard.url))) {
      try {
        return await this.#strict.sampleAt(source, index, sample, { signal })
      } catch (error) {
        const damage = failures.add(source, error)
        if (damage?.code === 'shard.corrupt') this.#quarantine.addSample(shard.url, index.sampleCount, sample, damage)
        else if (damage !== undefined) this.#quarantine.addObject(shard.url, damage)
      }
    }
    throw failures.conclude()
  }

  async index(shard: ShardSource, { signal }: CallOptions = {}): Promise<OffsetIndex | undefined> {
    // Without a digest there is no telling whether the index of a mirror is the right one.
    if (shard.description === undefined) return this.#strict.index(shard, { signal })
    const failures = this.#failuresOf(shard, signal)
    const indexUrl = shard.url + INDEX_SUFFIX
    for (const source of this.#sources(shard, this.#quarantine.hasObject(indexUrl))) {
      try {
        return await this.#strict.index(source, { signal })
      } catch (error) {
        const damage = failures.add(source, error)
        if (damage !== undefined) this.#quarantine.addObject(indexUrl, damage)
      }
    }
    throw failures.conclude()
  }

  async *#indexedBlocks(shard: ShardSource, index: OffsetIndex, range: SampleRange): AsyncGenerator<RawSample[]> {
    const { from = 0, to = index.sampleCount, reuse, into, signal } = range
    const failures = this.#failuresOf(shard, signal)
    const sources = this.#sources(shard, this.#quarantine.hasObject(shard.url))
    let next = from
    for (const [place, source] of sources.entries()) {
      const isLast = place === sources.length - 1
      let singles = 0
      let hopeless: unknown
      const instead = async (damage: Damage, sample: number): Promise<RawSample> => {
        if (source === shard) this.#quarantine.addSample(shard.url, index.sampleCount, sample, damage)
        singles += 1
        if (singles > MAX_SINGLES && !isLast) {
          if (source === shard) this.#quarantine.avoidObject(shard.url)
          throw damage
        }
        return this.#elsewhere(shard, source, index, sample, damage, signal).catch((error: unknown) => {
          hopeless = error
          throw error
        })
      }
      try {
        for await (const block of this.#strict.samplesFrom(source, index, { from: next, to, instead, reuse, into, signal })) {
          next += block.length
          yield block
        }
        return
      } catch (error) {
        if (error === hopeless) throw error
        const damage = failures.add(source, error)
        if (damage !== undefined) this.#quarantine.addObject(shard.url, damage)
        // Only what follows the last sample may be damaged.
        if (next === to) return
      }
    }
    throw failures.conclude()
  }

  /** A sample that is damaged in one source, from any of the others. */
  async #elsewhere(
    shard: ShardSource,
    damagedSource: ShardSource,
    index: OffsetIndex,
    sample: number,
    damage: Damage,
    signal: AbortSignal | undefined,
  ): Promise<RawSample> {
    const failures = this.#failuresOf(shard, signal)
    failures.add(damagedSource, damage)
    for (const source of this.#sources(shard, true)) {
      if (source.url === damagedSource.url) continue
      try {
        return await this.#strict.sampleAt(source, index, sample, { signal })
      } catch (error) {
        failures.add(source, error)
      }
    }
    throw failures.conclude()
  }

  /** A mirror of a shard without an index has to prove itself by the digest of the shard, before any sample of it is given. */
  async *#unindexedBlocks(shard: ShardSource, range: SampleRange): AsyncGenerator<RawSample[]> {
    const { signal } = range
    const failures = this.#failuresOf(shard, signal)
    for (const source of this.#sources(shard, this.#quarantine.hasObject(shard.url))) {
      let given = 0
      try {
        const blocks = source === shard ? this.#strict.blocks(source, range) : this.#strict.provedBlocks(source, { signal })
        for await (const block of blocks) {
          given += block.length
          yield block
        }
        return
      } catch (error) {
        const damage = failures.add(source, error)
        if (damage !== undefined) this.#quarantine.addObject(shard.url, damage)
        // Which of its samples were given cannot be known where nothing was checked.
        if (given > 0) throw error
      }
    }
    throw failures.conclude()
  }

  /** The shard and its mirrors in the order in which they are asked. */
  #sources(shard: ShardSource, mirrorsFirst: boolean): readonly ShardSource[] {
    const mirrors = this.#mirrors.map((mirror) => mirrored(shard, mirror))
    return mirrorsFirst ? [...mirrors, shard] : [shard, ...mirrors]
  }

  #failuresOf(shard: ShardSource, signal: AbortSignal | undefined): Failures {
    return new Failures(shard, this.#quarantine, signal)
  }
}

/** Why no source of a shard would do, so far. */
class Failures {
  readonly #shard: ShardSource
  readonly #quarantine: Quarantine
  readonly #signal: AbortSignal | undefined
  readonly #mirrors: Refusal[] = []
  #damage: Damage | undefined

  constructor(shard: ShardSource, quarantine: Quarantine, signal: AbortSignal | undefined) {
    this.#shard = shard
    this.#quarantine = quarantine
    this.#signal = signal
  }

  /**
   * @returns the damage, if it is of the shard itself and not of a mirror
   * @throws what is no damage: a shard whose store is away, an abort
   */
  add({ url }: ShardSource, error: unknown): Damage | undefined {
    this.#signal?.throwIfAborted()
    if (url === this.#shard.url) {
      if (!this.#quarantine.takes(error)) throw error
      this.#damage = error
      return error
    }
    if (!isShardexError(error)) throw error
    this.#mirrors.push({ url, found: error.message })
    return undefined
  }

  /** When the shard itself was asked too. */
  conclude(): Damage {
    return withMirrors(this.#damage!, this.#mirrors)
  }
}
