import type { ShardexError } from '@shardex/errors'
import type { Entry, Metadata } from '@shardex/index'
import { type Fields, type InferFields, type Lens, type SampleType, schemaDigest } from '@shardex/schema'
import type { Storage } from '@shardex/storage'
import { lensFor } from './lens/lens-for.ts'
import type { Members } from './members/define-members.ts'
import { isEntry, openSource, typeOfSamples } from './open-source.ts'
import { positiveInteger } from './positive-integer.ts'
import type { SampleProof } from './proof/verify-proof.ts'
import type { Condition } from './query/condition.ts'
import { matcherOf } from './query/matcher.ts'
import { planQuery } from './query/plan-query.ts'
import { QueriedSource } from './query/queried-source.ts'
import type { Where } from './query/where.ts'
import { type Batch, inBatches } from './read/batch.ts'
import { collapseUrls } from './read/collapse-urls.ts'
import { countSamples } from './read/count-samples.ts'
import type { OnCorrupt } from './read/damage.ts'
import { type DatasetSource, type Decoder, IterableSource, type Keyed, ShardsSource } from './read/dataset-source.ts'
import { memoryUse } from './read/memory-use.ts'
import { oneByOne } from './read/one-by-one.ts'
import type { ReadingOptions } from './read/reading-options.ts'
import { planShuffle, type ShuffleOptions } from './read/shuffle-options.ts'
import { type Shuffled, ShuffledSamples } from './read/shuffled.ts'
import { filtered, limited, mapped, type Stage } from './read/stages.ts'
import type { Verify } from './read/verify.ts'

export interface DatasetOptions {
  /** Where URLs are opened; give one with credentials to read private buckets. Default: local files, public HTTP, S3 by the AWS default chain. */
  readonly storage?: Storage | undefined
  /** Default `crc32`. */
  readonly verify?: Verify | undefined
  /** Default `error`. */
  readonly onCorrupt?: OnCorrupt | undefined
  /** With `skip` and `refetch`: hears of each damage to the shards once, when it is met. What it throws ends the reading. */
  readonly onDamage?: ((error: ShardexError) => void) | undefined
  /** Default: that of the entry. */
  readonly metadata?: Metadata | undefined
}

/** A sample of another type, with its key if it had one. */
export type Seen<T, V extends Fields> = T extends { readonly __key__: string } ? Keyed<InferFields<V>> : InferFields<V>

export interface QueryOptions {
  /** Read all samples and look at each, as `filter` does: needs no manifests, and has no order that can be shared. Default false. */
  readonly scan?: boolean | undefined
}

export interface ShuffledOptions extends ReadingOptions, ShuffleOptions {}

type Batched = { readonly batchSize: number }

/** URLs and brace patterns, or an entry of the registry. */
export type ShardsFrom = string | readonly string[] | Entry

/** What a dataset is made of. */
export interface Plan {
  readonly source: DatasetSource<object>
  readonly type: SampleType | undefined
  readonly metadata: Metadata | undefined
  readonly stages: readonly Stage[]
  readonly length: number | undefined
}

/** For who reads several datasets together. */
export let planOf: (dataset: Dataset<object>) => Plan

/**
 * Samples that can be read again and again, in order or shuffled, one by one or in batches. A dataset is a description: nothing is
 * opened before it is read. `filter`, `map` and `take` give new datasets, and hold in batches too.
 *
 * ```ts
 * const dataset = Dataset.from(ImageSample, 's3://bucket/data-{000000..000009}.tar')
 * for await (const batch of dataset.shuffled({ seed: 7, batchSize: 32 })) batch.image.shape // [32, 64, 64, 3]
 * ```
 */
export class Dataset<T extends object> implements AsyncIterable<T> {
  static {
    planOf = (dataset) => dataset.#plan
  }

  readonly #plan: Plan

  private constructor(plan: Plan) {
    this.#plan = plan
  }

  /** From shards: a URL, a brace pattern, several of them, or an entry. The samples carry their key as `__key__`. */
  static from<F extends Fields>(type: SampleType<F>, shards: ShardsFrom, options?: DatasetOptions): Dataset<Keyed<InferFields<F>>>
  /** From samples in memory or made on the way; a generator can be read once only. */
  static from<F extends Fields>(
    type: SampleType<F>,
    samples: Samples<InferFields<F>>,
    options?: DatasetOptions,
  ): Dataset<InferFields<F>>
  /** From shards whose samples have no schema. */
  static from<T extends object>(decoder: Decoder<T>, shards: ShardsFrom, options?: DatasetOptions): Dataset<Keyed<T>>
  /** From plain WebDataset tars, with several members per sample. They have no offset index: they are read in order, or through a buffer. */
  static from<F extends Fields>(members: Members<F>, shards: ShardsFrom, options?: DatasetOptions): Dataset<Keyed<InferFields<F>>>
  static from(
    type: SampleType | Decoder<object> | Members,
    from: ShardsFrom | Samples<object>,
    options: DatasetOptions = {},
  ): Dataset<object> {
    const source = openSource(type, from, options)
    const metadata = options.metadata ?? (isEntry(from) ? from.metadata : undefined)
    return new Dataset({ source, type: typeOfSamples(type), metadata, stages: [], length: source.length })
  }

  /** The schema of the samples; `undefined` for samples without one, and after `map`. */
  get type(): SampleType | undefined {
    return this.#plan.type
  }

  get metadata(): Metadata | undefined {
    return this.#plan.metadata
  }

  /** Where the samples lie, as it was given: brace patterns are not expanded. Empty for samples in memory. */
  get dataUrls(): readonly string[] {
    return this.#plan.source.dataUrls
  }

  /** One URL or brace pattern for all shards, if there is one; else that of the first shard. */
  get url(): string {
    return collapseUrls(this.dataUrls)
  }

  /** The URL of every shard, in order. */
  get shardList(): readonly string[] {
    return this.#plan.source.shardUrls()
  }

  /** How many samples there are, where that is known without reading them. */
  get length(): number | undefined {
    return this.#plan.length
  }

  /** All samples in order, for whoever wants each once; those in memory come without waiting. */
  get samples(): Samples<T> {
    const { source, stages } = this.#plan
    return source instanceof IterableSource && stages.length === 0 ? (source.samples as Samples<T>) : this
  }

  /** In the order of the dataset. */
  ordered(options: ReadingOptions & Batched): AsyncIterable<Batch<T>>
  ordered(options?: ReadingOptions): AsyncIterable<T>
  ordered(options: ReadingOptions = {}): AsyncIterable<T | Batch<T>> {
    const { batchSize, signal } = options
    const { reuse, columns } = memoryUse(options, [this.#plan])
    const blocks = this.#staged(this.#plan.source.blocks({ signal, reuse })) as AsyncIterable<T[]>
    return batchSize === undefined ? oneByOne(blocks) : inBatches(blocks, batchSize, this.#fields(), columns?.())
  }

  /**
   * One epoch in random order. The order is a function of seed, epoch and dataset, and the same for any number of ranks and workers, which share it
   * without a word to each other; `docs/decisions/0006-order.md`. Samples whose number is not known (in memory, made on the way, in tars without an
   * offset index, after `filter` and `take`) pass through a buffer of 10,000 instead, for one reader.
   * @throws `state.invalid` for a state that does not fit; {TypeError}
   */
  shuffled(options: ShuffledOptions & Batched): Shuffled<Batch<T>>
  shuffled(options?: ShuffledOptions): Shuffled<T>
  shuffled(options: ShuffledOptions = {}): Shuffled<object> {
    const { source, stages } = this.#plan
    const batchSize = options.batchSize === undefined ? undefined : positiveInteger('batchSize', options.batchSize)
    const plan = planShuffle(options, batchSize)
    const memory = memoryUse(options, [this.#plan])
    return new ShuffledSamples({ source, stages, fields: this.#fields(), batchSize, memory, signal: options.signal, plan })
  }

  /** How many samples there are: `length` where it is known; of shards and queries without reading a sample, else by reading them all. */
  async count({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<number> {
    return this.length ?? countSamples(this.#plan, () => this.#staged(this.#plan.source.blocks({ signal })), signal)
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this.ordered()[Symbol.asyncIterator]()
  }

  /**
   * Only the samples that answer a question with yes: `dataset.query({ label: 3, score: { gte: 0.5 } })`. The manifests of the shards tell which
   * they are, so that nothing else is read; the result is ordered, shuffled, shared and resumed as any dataset is. Not after `filter`, `map` or `take`.
   * @throws `usage.invalid` for what cannot be asked; when it is read, `manifest.not_found` if a shard has no manifest
   */
  query(where: Where<T>, { scan = false }: QueryOptions = {}): Dataset<T> {
    this.#assertWhole('query')
    const { source, type } = this.#plan
    if (type === undefined) throw new TypeError('a query is about fields: open the dataset with its sample type')
    const condition = planQuery(where, type)
    if (scan) return this.#with({ stage: filtered(matcherOf(condition) as (sample: object) => boolean), length: undefined })
    if (source instanceof ShardsSource || source instanceof QueriedSource)
      return new Dataset<T>({ ...this.#plan, source: queried(source, condition), length: undefined })
    throw new TypeError(
      'samples in memory and plain tars have no manifests: query them with { scan: true }, or insert them into a repo first',
    )
  }

  /** Only the samples for which `keep` is true. */
  filter(keep: (sample: T) => boolean | Promise<boolean>): Dataset<T> {
    return this.#with({ stage: filtered(keep as (sample: object) => boolean), length: undefined })
  }

  /** Each sample made into another; the result has no schema unless it is given one. */
  map<U extends object>(make: (sample: T) => U | Promise<U>): Dataset<U>
  map<F extends Fields>(
    make: (sample: T) => InferFields<F> | Promise<InferFields<F>>,
    type: SampleType<F>,
  ): Dataset<InferFields<F>>
  map(make: (sample: T) => object | Promise<object>, type?: SampleType): Dataset<object> {
    return this.#with({ stage: mapped(make as (sample: object) => object), type })
  }

  /**
   * Samples of another type: by a lens, or by a type alone, for which the lens is that of `registerLens`, or one by name if the samples have all of its fields.
   * Keys stay, and so does the order with its states.
   * @throws `lens.not_found` if no lens leads to the type; `lens.invalid` for a lens from another type
   */
  as<S extends Fields, V extends Fields>(to: SampleType<V> | Lens<S, V>): Dataset<Seen<T, V>> {
    const lens = lensFor(this.#plan.type, to as unknown as SampleType | Lens)
    const see = (sample: object): object => {
      const seen: object = lens.get(sample as never)
      // Not written into it: a lens may give one object again and again.
      return '__key__' in sample ? { ...seen, __key__: sample.__key__ } : seen
    }
    return this.map(see as never, lens.view as never) as Dataset<object> as Dataset<Seen<T, V>>
  }

  /** The first `count` samples, in the order of the dataset. */
  take(count: number): Dataset<T> {
    if (!Number.isSafeInteger(count) || count < 0) throw new TypeError(`take needs a count of 0 or more, found ${count}`)
    const { length } = this.#plan
    return this.#with({ stage: limited(count), length: length === undefined ? undefined : Math.min(length, count) })
  }

  /**
   * The sample at a position, counted from 0, by one ranged read. Not after `filter`, `map` or `take`.
   * @throws `dataset.range`; `dataset.unindexed` for shards without an offset index
   */
  async at(position: number, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<T> {
    if (!Number.isSafeInteger(position) || position < 0)
      throw new TypeError(`a position is an integer of 0 or more, found ${position}`)
    this.#assertWhole('at')
    return (await this.#plan.source.at(position, options.signal)) as T
  }

  /**
   * The sample with this key, by one ranged read, or `undefined`. Not after `filter`, `map` or `take`.
   * @throws `dataset.unindexed` for shards without an offset index
   */
  async byKey(key: string, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<T | undefined> {
    this.#assertWhole('byKey')
    return (await this.#plan.source.byKey(key, options.signal)) as T | undefined
  }

  /**
   * The proof that the sample with this key is part of the data that the entry's `contentCid` stands for, or `undefined` if there is no such
   * key. {@link verifyProof} checks it, anywhere.
   * @throws `config.invalid` if the dataset is not from an entry with a content CID; `index.corrupt` if its type is not the one it was written with
   */
  async prove(key: string, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<SampleProof | undefined> {
    this.#assertWhole('prove')
    if (this.type === undefined) throw new TypeError('a proof covers the schema: open the dataset with its sample type')
    return this.#plan.source.prove(key, schemaDigest(this.type), options.signal)
  }

  /** Of a batch. */
  #fields(): readonly string[] | undefined {
    return this.type === undefined ? undefined : Object.keys(this.type.fields)
  }

  #staged(blocks: AsyncIterable<object[]>): AsyncIterable<object[]> {
    return this.#plan.stages.reduce((before, stage) => stage.run(before), blocks)
  }

  #with<U extends object>(change: { stage: Stage; length?: number | undefined; type?: SampleType | undefined }): Dataset<U> {
    const { stage, ...plan } = change
    return new Dataset<U>({ ...this.#plan, ...plan, stages: [...this.#plan.stages, stage] })
  }

  #assertWhole(method: string): void {
    if (this.#plan.stages.length > 0)
      throw new TypeError(`${method} finds samples by their place in the shards: call it before filter, map and take`)
  }
}

export type Samples<T> = Iterable<T> | AsyncIterable<T>

function queried<T extends object>(source: ShardsSource<T> | QueriedSource<T>, condition: Condition): DatasetSource<object> {
  return source instanceof QueriedSource ? source.query(condition) : new QueriedSource(source, condition)
}
