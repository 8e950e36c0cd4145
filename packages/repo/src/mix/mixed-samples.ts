import { ShardexError } from '@shardex/errors'
import { runningSha256 } from '#platform'
import { toHex } from '../hex.ts'
import { positionAfter, stepsOf, stretchesOf } from '../order/lane.ts'
import type { ShardSize } from '../order/parameters.ts'
import { encodeState, fingerprint, invalidState } from '../order/state.ts'
import { makeBatch } from '../read/batch.ts'
import { fetchingRuns } from '../read/fetch-runs.ts'
import type { MemoryUse } from '../read/memory-use.ts'
import type { ShufflePlan } from '../read/shuffle-options.ts'
import { AHEAD, firstOf, type Shuffled } from '../read/shuffled.ts'
import type { SizedSource } from '../read/sized-source.ts'
import type { Stage } from '../read/stages.ts'
import { MixOrder, type Until } from './mix-order.ts'
import { PartReader } from './part-reader.ts'
import { readSlots, type Slot, type Taken } from './read-slots.ts'

/** One of the datasets that are mixed. */
export interface MixedPart {
  readonly source: SizedSource<object>
  /** Each gives one sample for each. */
  readonly stages: readonly Stage[]
  /** Only so many of its first samples. */
  readonly limit: number
  /** Samples that it gives in one window. */
  readonly perWindow: number
}

export interface MixedParts {
  readonly parts: readonly MixedPart[]
  readonly until: Until
  /** Of a batch. */
  readonly fields: readonly string[] | undefined
  readonly batchSize: number | undefined
  readonly memory: MemoryUse
  readonly signal: AbortSignal | undefined
  readonly plan: ShufflePlan
}

interface Opened {
  readonly sizes: readonly (readonly ShardSize[])[]
  readonly order: MixOrder
  /** Fingerprint of all datasets and of how they are mixed. */
  readonly datasets: string
  readonly start: number
}

/** Not more than this is decoded ahead of whoever reads. */
const BLOCK_SAMPLES = 128

export class MixedSamples implements Shuffled<object> {
  readonly #mixed: MixedParts
  #opened: Opened | undefined
  /** The first position that was not given out. */
  #position: number | undefined

  constructor(mixed: MixedParts) {
    this.#mixed = mixed
    const known = mixed.parts.map(({ source }) => source.knownSizes())
    if (known.every((sizes) => sizes !== undefined)) this.#opened = this.#openSizes(known)
  }

  state(): string {
    const { parameters, resume } = this.#mixed.plan
    const dataset = this.#opened?.datasets ?? resume?.dataset
    const position = this.#position ?? this.#opened?.start ?? resume?.position
    if (dataset === undefined || position === undefined)
      throw new TypeError(
        'how many samples the shards have is known when the first of them was given; open the datasets by their entries to know it before',
      )
    return encodeState({ ...parameters, dataset, position }, 'mix')
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<object> {
    const { batchSize, fields, memory, plan, parts, signal } = this.#mixed
    const columns = memory.columns?.()
    this.#opened ??= this.#openSizes(await Promise.all(parts.map(({ source }) => source.sizes(signal))))
    const { order, start } = this.#opened
    this.#position = start
    let batch: object[] = []
    for await (const block of this.#blocks(this.#opened)) {
      for (const { sample, step } of block) {
        columns?.add(sample as Record<string, unknown>)
        batch.push(sample)
        if (batch.length < (batchSize ?? 1)) continue
        this.#position = positionAfter(plan.lane, start, order.length, step + 1)
        yield batchSize === undefined ? sample : makeBatch(batch, fields, columns?.take())
        batch = []
      }
    }
    const steps = plan.lane.remainder === 'drop' ? stepsOf(plan.lane, start, order.length) : Number.POSITIVE_INFINITY
    const end = positionAfter(plan.lane, start, order.length, steps)
    this.#position = end
    if (batch.length > 0) yield makeBatch(batch, fields, columns?.take())
  }

  #openSizes(all: readonly (readonly ShardSize[])[]): Opened {
    const { parts, until, plan } = this.#mixed
    const sizes = all.map((each, part) => firstOf(each, parts[part]!.limit))
    const counts = sizes.map((each) => each.reduce((sum, { sampleCount }) => sum + sampleCount, 0))
    const empty = counts.indexOf(0)
    if (empty >= 0) throw nothingToMix(empty, parts[empty]!.source.dataUrls[0] ?? '')
    const order = new MixOrder(
      parts.map(({ perWindow }, part) => ({ perWindow, sampleCount: counts[part]! })),
      until,
      plan.parameters,
    )
    const prints = sizes.map((each, part) => `${fingerprint(each, parts[part]!.source.contentCid)}:${parts[part]!.perWindow}`)
    const datasets = digestOf([...prints, until].join(' '))
    const { resume } = plan
    if (resume !== undefined && resume.dataset !== datasets) throw invalidState('datasets', resume.dataset, datasets)
    const start = resume?.position ?? 0
    if (start > order.length) throw invalidState('position', String(start), `at most ${order.length}`)
    return { sizes, order, datasets, start }
  }

  async *#blocks({ sizes, order, start }: Opened): AsyncGenerator<readonly Given[]> {
    const { parts, plan, memory } = this.#mixed
    const { lane, parameters } = plan
    // What was fetched ahead is let go when nobody reads on.
    const stop = new AbortController()
    const signal = AbortSignal.any([stop.signal, ...(this.#mixed.signal === undefined ? [] : [this.#mixed.signal])])
    const readers = parts.map(({ source, perWindow }, part) => {
      const fetch = fetchingRuns({ source, sizes: sizes[part]!, parameters, lanes: lane.lanes, memory, signal })
      return new PartReader({ part, perWindow, sizes: sizes[part]!, parameters, fetch })
    })
    const slots = function* (): Generator<Slot> {
      for (const { first, stride, steps } of stretchesOf(lane, start, order.length)) {
        for (let step = 0; step < steps; step++) {
          const place = order.at(first + step * stride)
          yield readers[place.part]!.slotOf(place)
        }
      }
    }
    const ahead = Math.min(Math.max(Math.ceil((parameters.bufferShards * parts.length) / AHEAD.share), AHEAD.least), AHEAD.most)
    try {
      for await (const block of readSlots(slots(), ahead, BLOCK_SAMPLES)) {
        signal.throwIfAborted()
        yield await this.#decode(block)
      }
    } finally {
      stop.abort()
    }
  }

  /** Through the stages of their own dataset, and back into the order of the mix. */
  async #decode(block: readonly Taken[]): Promise<readonly Given[]> {
    const given: Given[] = []
    for (const [part, { source, stages }] of this.#mixed.parts.entries()) {
      const places = block.flatMap((taken, place) => (taken.part === part ? [place] : []))
      if (places.length === 0) continue
      const decoded = places.map((place) => source.decode(block[place]!.raw))
      const samples = await through(stages, decoded)
      for (const [i, place] of places.entries()) given[place] = { sample: samples[i]!, step: block[place]!.step }
    }
    return given
  }
}

interface Given {
  readonly sample: object
  readonly step: number
}

async function through(stages: readonly Stage[], samples: object[]): Promise<readonly object[]> {
  if (stages.length === 0) return samples
  const once = async function* (): AsyncGenerator<object[]> {
    yield samples
  }
  const made: object[] = []
  for await (const block of stages.reduce<AsyncIterable<object[]>>((before, stage) => stage.run(before), once()))
    made.push(...block)
  return made
}

function digestOf(text: string): string {
  const running = runningSha256()
  running.update(new TextEncoder().encode(text))
  return toHex(running.digest()).slice(0, 16)
}

function nothingToMix(part: number, url: string): ShardexError {
  const message = `dataset ${part} of the mix (${url}) has no samples; leave it out`
  return new ShardexError('dataset.empty', { dataset: url }, { message })
}
