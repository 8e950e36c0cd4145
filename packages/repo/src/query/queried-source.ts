import { ShardexError } from '@shardex/errors'
import { abortable } from '@shardex/storage'
import { corruptManifest } from '../manifest/header.ts'
import type { ShardSize } from '../order/parameters.ts'
import type { SampleProof } from '../proof/verify-proof.ts'
import type { ReadOptions, SharedShards } from '../read/dataset-source.ts'
import { type RawSample, unindexed } from '../read/raw-sample.ts'
import type { SampleRange } from '../read/shard-reader.ts'
import { shuffledThrough } from '../read/shuffle.ts'
import type { SizedSource } from '../read/sized-source.ts'
import { utf8Before } from '../shard/keys.ts'
import { inOrder } from '../verify/in-order.ts'
import { type Condition, conditionText } from './condition.ts'
import { type Matches, matcherOf } from './matcher.ts'
import { assertClaim, type Selection, select } from './select.ts'
import { selectedSamples } from './selected-samples.ts'

/** Selections of at most so much are read whole, some at a time, before their turn. */
const SMALL_BYTES = 4 * 1024 * 1024
const SHARDS_AT_ONCE = 4

/** The shards that a query is asked of, and what else they can do. */
export interface Queried<T> extends SizedSource<T> {
  readonly shared: SharedShards
}

/** The samples of a dataset that answer a question with yes, found by manifests. They are looked up once, when the first of them is wanted. */
export class QueriedSource<T> implements SizedSource<T> {
  readonly #base: Queried<T>
  readonly #condition: Condition
  readonly #matches: Matches
  #selections: Promise<readonly Selection[]> | undefined

  constructor(base: Queried<T>, condition: Condition) {
    this.#base = base
    this.#condition = condition
    this.#matches = matcherOf(condition)
  }

  /** Those of them that also answer another question so. */
  query(condition: Condition): QueriedSource<T> {
    return new QueriedSource(this.#base, { op: 'and', of: [this.#condition, condition] })
  }

  get dataUrls(): readonly string[] {
    return this.#base.dataUrls
  }

  /** Not known before the manifests are read. */
  get length(): undefined {
    return undefined
  }

  /** The same samples of the same data, asked for by the same question. */
  get contentCid(): string {
    return `${this.#base.contentCid ?? ''}?${conditionText(this.#condition)}`
  }

  get ownFields(): readonly string[] | undefined {
    return this.#base.ownFields
  }

  get keepsBytes(): boolean {
    return this.#base.keepsBytes
  }

  shardUrls(): readonly string[] {
    return this.#base.shardUrls()
  }

  async *blocks({ signal, shuffle }: ReadOptions): AsyncGenerator<T[]> {
    const selections = await this.#select(signal)
    const shards = shuffle === undefined ? selections : shuffledThrough(selections, shuffle.bufferShards, shuffle.random)
    // What a few samples take is mostly waiting: that of the next shards goes on beside it.
    const ahead = async (selection: Selection, either: AbortSignal): Promise<RawSample[] | undefined> =>
      selection.sizeBytes > SMALL_BYTES ? undefined : collect(this.#read(selection, { signal: either }))
    let place = 0
    for await (const raws of inOrder(shards, SHARDS_AT_ONCE, ahead, signal)) {
      const selection = shards[place++]!
      for await (const block of raws === undefined ? this.#read(selection, { signal }) : [raws]) {
        signal?.throwIfAborted()
        yield block.map((raw) => this.decode(raw))
      }
    }
  }

  knownSizes(): undefined {
    return undefined
  }

  async sizes(signal?: AbortSignal): Promise<readonly ShardSize[]> {
    const selections = await this.#select(signal)
    for (const { shard } of selections) {
      if (shard.description !== undefined) continue
      const { reader, settings } = this.#base.shared
      if (settings.verify === 'sha256' || (await reader.index(shard, { signal })) === undefined) throw unindexed(shard.url)
    }
    return selections.map(({ samples, sizeBytes }) => ({ sampleCount: samples.length, sizeBytes }))
  }

  async *part(shard: number, range: SampleRange): AsyncGenerator<RawSample[]> {
    yield* this.#read((await this.#select(range.signal))[shard]!, range)
  }

  /** Manifests tell what to read; only the sample itself tells whether it was asked for. */
  decode(raw: RawSample): T {
    const sample = this.#base.decode(raw)
    if (this.#matches(sample as Readonly<Record<string, unknown>>)) return sample
    throw corruptManifest(`of the shard that holds ${raw.key}`, 'a sample that does not answer the query', 'those that do')
  }

  async at(position: number, signal?: AbortSignal): Promise<T> {
    let before = 0
    for (const selection of await this.#select(signal)) {
      const sample = selection.samples[position - before]
      if (sample !== undefined) return this.#sampleAt(selection, sample, signal)
      before += selection.samples.length
    }
    const message = `${before} samples answer the query, so there is none at ${position}. Ask for less than ${before}.`
    throw new ShardexError('dataset.range', { dataset: this.dataUrls[0] ?? '', index: position, length: before }, { message })
  }

  async byKey(key: string, signal?: AbortSignal): Promise<T | undefined> {
    for (const selection of await this.#select(signal)) {
      if (!mayHold(selection, key)) continue
      const sample = (await this.#indexOf(selection, signal)).find(key)
      if (sample !== undefined) return selection.samples.includes(sample) ? this.#sampleAt(selection, sample, signal) : undefined
    }
    return undefined
  }

  async prove(key: string, schemaDigest: string, signal?: AbortSignal): Promise<SampleProof | undefined> {
    return (await this.byKey(key, signal)) && this.#base.prove(key, schemaDigest, signal)
  }

  async #sampleAt(selection: Selection, sample: number, signal: AbortSignal | undefined): Promise<T> {
    const index = await this.#indexOf(selection, signal)
    assertClaim(selection, index)
    return this.decode(await this.#base.shared.reader.sampleAt(selection.shard, index, sample, { signal }))
  }

  async #indexOf({ shard }: Selection, signal: AbortSignal | undefined) {
    const index = await this.#base.shared.reader.index(shard, { signal })
    if (index === undefined) throw unindexed(shard.url)
    return index
  }

  #read(selection: Selection, range: SampleRange): AsyncGenerator<RawSample[]> {
    const { reader, settings } = this.#base.shared
    const whole = settings.verify === 'sha256' && selection.shard.description === undefined
    return selectedSamples(reader, selection, range, { whole })
  }

  #select(signal: AbortSignal | undefined): Promise<readonly Selection[]> {
    const { settings, shards } = this.#base.shared
    if (this.#selections === undefined) {
      // Without the signal: others may wait for it too. Manifests that are not there now may be there later.
      this.#selections = select(settings.storage, shards, this.#condition)
      this.#selections.catch(() => {
        this.#selections = undefined
      })
    }
    return abortable(this.#selections, signal)
  }
}

function mayHold({ shard: { description } }: Selection, key: string): boolean {
  return description === undefined || !(utf8Before(key, description.minKey) || utf8Before(description.maxKey, key))
}

async function collect(blocks: AsyncIterable<readonly RawSample[]>): Promise<RawSample[]> {
  const all: RawSample[] = []
  for await (const block of blocks) for (const raw of block) all.push(raw)
  return all
}
