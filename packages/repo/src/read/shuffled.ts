import { isShardexError } from '@shardex/errors'
import { GlobalOrder } from '../order/global-order.ts'
import { keyedRandom } from '../order/keyed-random.ts'
import { positionAfter, stepsOf, stretchesOf } from '../order/lane.ts'
import type { ShardSize } from '../order/parameters.ts'
import { runsOf } from '../order/runs.ts'
import { encodeState, fingerprint, invalidState } from '../order/state.ts'
import { makeBatch } from './batch.ts'
import type { DatasetSource } from './dataset-source.ts'
import { fetchingRuns } from './fetch-runs.ts'
import type { MemoryUse } from './memory-use.ts'
import { oneByOne } from './one-by-one.ts'
import { readRuns } from './read-runs.ts'
import { shuffledBlocks } from './shuffle.ts'
import type { ShufflePlan } from './shuffle-options.ts'
import { isSized, type SizedSource } from './sized-source.ts'
import { limitOf, type Stage } from './stages.ts'

/** One epoch in random order, or what is left of it. Each iteration begins where the epoch was begun or resumed. */
export interface Shuffled<T> extends AsyncIterable<T> {
  /**
   * How far the epoch has been given out, in less than 200 characters: `resume` takes it. What was only fetched ahead is not counted. It holds for all
   * ranks and workers that have been given as many samples as this one, so take it when all have done the same step; damaged samples that are
   * passed over count as given. Before the first sample of shards that were opened by URL it is not known where nothing was resumed.
   * @throws `dataset.unindexed` if the order has no positions, because it is not known how many samples the shards have
   */
  state(): string
}

export interface ShuffledParts {
  readonly source: DatasetSource<object>
  readonly stages: readonly Stage[]
  /** Of a batch. */
  readonly fields: readonly string[] | undefined
  readonly batchSize: number | undefined
  readonly memory: MemoryUse
  readonly signal: AbortSignal | undefined
  readonly plan: ShufflePlan
}

/** An order of shards whose sizes are known. */
interface Opened {
  readonly source: SizedSource<object>
  readonly sizes: readonly ShardSize[]
  readonly order: GlobalOrder
  readonly dataset: string
  /** The position that this reader begins at. */
  readonly start: number
}

/** Not more than this is decoded ahead of whoever reads. */
const BLOCK_SAMPLES = 128
/** Of the blocks that are held, so many are fetched before they are needed: enough to keep a store busy. */
export const AHEAD: { readonly share: number; readonly least: number; readonly most: number } = { share: 6, least: 2, most: 32 }

export class ShuffledSamples implements Shuffled<object> {
  readonly #parts: ShuffledParts
  readonly #stages: readonly Stage[]
  readonly #limit: number | undefined
  readonly #isOneToOne: boolean
  #opened: Opened | undefined
  /** Why the order has no positions. */
  #refusal: unknown
  /** The first position that was not given out. */
  #position: number | undefined
  /** Where the order stands after the sample at a place of the block that was decoded last. */
  #after: (place: number) => number | undefined = () => undefined

  constructor(parts: ShuffledParts) {
    const { source, stages, plan } = parts
    this.#parts = parts
    this.#limit = limitOf(stages)
    this.#stages = stages.filter((stage) => stage.limit === undefined)
    this.#isOneToOne = stages.every((stage) => stage.isOneToOne)
    const { needsOrder } = plan
    if (isSized(source) && this.#limit !== undefined) {
      if (!this.#isOneToOne && plan.lane.remainder !== 'keep')
        throw new TypeError('after filter() it is not known how many samples remain: take remainder: "keep"')
      const sizes = source.knownSizes()
      if (sizes !== undefined) this.#opened = this.#openSizes(source, sizes)
    } else {
      this.#refusal = new TypeError(
        'only the samples of shards have an order that can be shared and resumed: insert samples in memory into a repo first, and call take() before filter()',
      )
      if (needsOrder !== undefined) throw new TypeError(`${needsOrder} cannot be kept to: ${(this.#refusal as Error).message}`)
    }
  }

  state(): string {
    const { lane, parameters, resume } = this.#parts.plan
    if (this.#refusal !== undefined) throw this.#refusal
    if (!this.#isOneToOne && lane.lanes > 1)
      throw new TypeError(
        'with filter() the ranks are not at the same position after the same step: call filter() on what they were given',
      )
    const dataset = this.#opened?.dataset ?? resume?.dataset
    const position = this.#position ?? this.#opened?.start ?? resume?.position
    if (dataset === undefined || position === undefined)
      throw new TypeError(
        'how many samples the shards have is known when the first of them was given; open the dataset by its entry to know it before',
      )
    return encodeState({ ...parameters, dataset, position })
  }

  [Symbol.asyncIterator](): AsyncIterator<object> {
    const { batchSize } = this.#parts
    if (batchSize !== undefined) return this.#batches(batchSize)
    return oneByOne(this.#blocks(), (place) => {
      this.#position = this.#after(place)
    })
  }

  async *#batches(batchSize: number): AsyncGenerator<object> {
    const { fields, memory } = this.#parts
    const columns = memory.columns?.()
    let after: number | undefined
    let batch: object[] = []
    for await (const block of this.#blocks()) {
      for (const [place, sample] of block.entries()) {
        after = this.#after(place)
        columns?.add(sample as Record<string, unknown>)
        batch.push(sample)
        if (batch.length < batchSize) continue
        this.#position = after
        yield makeBatch(batch, fields, columns?.take())
        batch = []
      }
    }
    if (batch.length === 0) return
    const end = this.#position
    this.#position = after
    yield makeBatch(batch, fields, columns?.take())
    this.#position = end
  }

  async *#blocks(): AsyncGenerator<object[]> {
    const opened = await this.#open()
    this.#position = opened?.start
    yield* opened === undefined ? this.#buffered() : this.#ordered(opened)
    if (opened === undefined) return
    const { lane } = this.#parts.plan
    const { start, order } = opened
    const dropped = lane.remainder === 'drop' ? stepsOf(lane, start, order.length) : Number.POSITIVE_INFINITY
    this.#position = positionAfter(lane, start, order.length, dropped)
  }

  async #open(): Promise<Opened | undefined> {
    const { source, signal, plan } = this.#parts
    if (this.#opened !== undefined || this.#refusal !== undefined || !isSized(source)) return this.#opened
    try {
      this.#opened = this.#openSizes(source, await source.sizes(signal))
    } catch (error) {
      if (plan.needsOrder !== undefined || !isShardexError(error, 'dataset.unindexed')) throw error
      this.#refusal = error
    }
    return this.#opened
  }

  #openSizes(source: SizedSource<object>, all: readonly ShardSize[]): Opened {
    const { parameters, resume } = this.#parts.plan
    const sizes = firstOf(all, this.#limit ?? Number.POSITIVE_INFINITY)
    const order = new GlobalOrder(sizes, parameters)
    const dataset = fingerprint(sizes, source.contentCid)
    if (resume !== undefined && resume.dataset !== dataset) throw invalidState('dataset', resume.dataset, dataset)
    const start = resume?.position ?? 0
    if (start > order.length) throw invalidState('position', String(start), `at most ${order.length}`)
    return { source, sizes, order, dataset, start }
  }

  async *#ordered({ source, sizes, order, start }: Opened): AsyncGenerator<object[]> {
    const { lane, parameters } = this.#parts.plan
    // What was fetched ahead is let go when nobody reads on.
    const stop = new AbortController()
    const signal = AbortSignal.any([stop.signal, ...(this.#parts.signal === undefined ? [] : [this.#parts.signal])])
    const { memory } = this.#parts
    const fetch = fetchingRuns({ source, sizes, parameters, lanes: lane.lanes, memory, signal })
    const ahead = Math.min(Math.max(Math.ceil(order.streams / AHEAD.share), AHEAD.least), AHEAD.most)
    // A filter gives fewer samples than it is given: one by one it can be told which.
    const blockSize = this.#isOneToOne ? BLOCK_SAMPLES : 1
    const decoded = async function* (this: ShuffledSamples): AsyncGenerator<object[]> {
      let before = 0
      for (const stretch of stretchesOf(lane, start, order.length)) {
        for await (const { raws, steps } of readRuns(runsOf(order, stretch), fetch, { steps: stretch.steps, ahead, blockSize })) {
          signal.throwIfAborted()
          const taken = before
          this.#after = (place) => positionAfter(lane, start, order.length, taken + steps[place]! + 1)
          yield raws.map((raw) => source.decode(raw))
        }
        before += stretch.steps
      }
    }
    try {
      yield* this.#staged(decoded.call(this), this.#stages)
    } finally {
      stop.abort()
    }
  }

  /** For samples of which it is not known how many there are. */
  #buffered(): AsyncIterable<object[]> {
    const { source, signal, stages, plan } = this.#parts
    const { seed, epoch } = plan.parameters
    const random = keyedRandom(seed, epoch, 'buffer', 0)
    const shuffle = stages.some((stage) => stage.limit !== undefined) ? undefined : { random, bufferShards: plan.buffer.shards }
    return shuffledBlocks(this.#staged(source.blocks({ signal, shuffle }), stages), plan.buffer.samples, random)
  }

  #staged(blocks: AsyncIterable<object[]>, stages: readonly Stage[]): AsyncIterable<object[]> {
    return stages.reduce((before, stage) => stage.run(before), blocks)
  }
}

/** The shards of the first `count` samples. */
export function firstOf(sizes: readonly ShardSize[], count: number): readonly ShardSize[] {
  const first: ShardSize[] = []
  let left = count
  for (const { sampleCount, sizeBytes } of sizes) {
    if (left <= 0) break
    first.push(
      sampleCount <= left
        ? { sampleCount, sizeBytes }
        : { sampleCount: left, sizeBytes: Math.floor(sizeBytes / sampleCount) * left },
    )
    left -= sampleCount
  }
  return first
}
