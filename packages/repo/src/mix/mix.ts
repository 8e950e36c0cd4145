import type { Dataset, ShuffledOptions } from '../dataset.ts'
import { planOf } from '../dataset.ts'
import { positiveInteger } from '../positive-integer.ts'
import type { Batch } from '../read/batch.ts'
import { memoryUse } from '../read/memory-use.ts'
import { planShuffle } from '../read/shuffle-options.ts'
import type { Shuffled } from '../read/shuffled.ts'
import { isSized } from '../read/sized-source.ts'
import { limitOf } from '../read/stages.ts'
import type { Until } from './mix-order.ts'
import { type MixedPart, MixedSamples } from './mixed-samples.ts'
import { windowOf } from './window.ts'

/** A dataset, and how many of its samples there are to those of the others. */
export interface MixPart<T extends object = object> {
  readonly dataset: Dataset<T>
  /** Above 0. Only the proportions count: 7 and 3 are 0.7 and 0.3. */
  readonly weight: number
}

export interface MixOptions extends ShuffledOptions {
  /**
   * When an epoch ends: as soon as one dataset has given each of its samples, when all have (those that come to their end before begin again, in another
   * order), or after so many samples. With `resume` the same as before, as datasets and weights are. Default `first_exhausted`.
   */
  readonly until?: Until | undefined
}

/** A sample of any of the datasets. */
export type MixedSample<Parts extends readonly MixPart[]> = SampleOf<Parts[number]['dataset']>
type SampleOf<D> = D extends Dataset<infer T> ? T : never

/**
 * One epoch of several datasets together, in random order and in the proportion of their weights, exactly so in each window (`docs/formats/mix-order.md`). As with
 * `dataset.shuffled` the order is one for any number of ranks and workers, `state()` is a line of text, and `resume` goes on with another number of them.
 * Samples stay what they are; with `batchSize` all datasets need the same fields. `bufferSamples` and `bufferBytes` are those of each dataset.
 *
 * ```ts
 * for await (const batch of mix([{ dataset: web, weight: 7 }, { dataset: books, weight: 3 }], { seed: 1, batchSize: 32 })) train(batch)
 * ```
 * @throws `state.invalid` for a state that does not fit; `dataset.empty`; {TypeError} for datasets without a known length (in memory, filtered): an epoch
 * of them has no order
 */
export function mix<const Parts extends readonly MixPart[]>(
  parts: Parts,
  options: MixOptions & { readonly batchSize: number },
): Shuffled<Batch<MixedSample<Parts>>>
export function mix<const Parts extends readonly MixPart[]>(parts: Parts, options?: MixOptions): Shuffled<MixedSample<Parts>>
export function mix(parts: readonly MixPart[], options: MixOptions = {}): Shuffled<object> {
  if (parts.length === 0) throw new TypeError('a mix needs at least one dataset')
  const { until = 'first_exhausted', signal } = options
  if (typeof until === 'number') positiveInteger('until', until)
  else if (until !== 'first_exhausted' && until !== 'all_exhausted')
    throw new TypeError(
      `until is 'first_exhausted', 'all_exhausted' or a number of samples, found ${String(until satisfies never)}`,
    )
  const batchSize = options.batchSize === undefined ? undefined : positiveInteger('batchSize', options.batchSize)
  const fields = batchSize === undefined ? undefined : fieldsOf(parts)
  const plan = planShuffle(options, batchSize, 'mix')
  const perWindow = windowOf(parts.map(({ weight }) => weight))
  const mixed = parts.map(({ dataset }, part) => mixedPart(dataset, part, perWindow[part]!))
  const memory = memoryUse(options, mixed)
  return new MixedSamples({ parts: mixed, until, fields, batchSize, memory, signal, plan })
}

function mixedPart(dataset: Dataset<object>, part: number, perWindow: number): MixedPart {
  const { source, stages } = planOf(dataset)
  const limit = limitOf(stages)
  if (!isSized(source) || limit === undefined || !stages.every((stage) => stage.isOneToOne))
    throw new TypeError(
      `dataset ${part} of the mix has no order that can be shared and resumed: insert samples in memory into a repo first, and filter() what the mix gives`,
    )
  return { source, stages: stages.filter((stage) => stage.limit === undefined), limit, perWindow }
}

/** Of a batch, whose fields are stacked one by one. Those of datasets without a type, after `map`, are the caller's business. */
function fieldsOf(parts: readonly MixPart[]): readonly string[] | undefined {
  const fields = parts.map(({ dataset: { type } }) => type && Object.keys(type.fields))
  const lists = fields.flatMap((names) => (names === undefined ? [] : [names.toSorted().join(', ')]))
  const other = lists.find((list) => list !== lists[0])
  if (other === undefined) return fields.includes(undefined) ? undefined : fields[0]
  throw new TypeError(
    `batches need the same fields in all datasets, found (${lists[0]}) and (${other}): bring them together with map()`,
  )
}
