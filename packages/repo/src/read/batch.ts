import { isShardexError, ShardexError } from '@shardex/errors'
import { NDArray, stackArrays } from '@shardex/schema'
import { positiveInteger } from '../positive-integer.ts'
import type { BatchColumns } from './batch-columns.ts'

/**
 * Samples side by side. Each field of the samples is a property: arrays are stacked along a new first axis (`(32, 128)` for 32
 * arrays of `(128)`), everything else is a list. A field is gathered when it is first asked for.
 */
export type Batch<T> = {
  readonly [K in Exclude<keyof T, 'samples' | 'length'>]: T[K] extends NDArray<infer D> ? NDArray<D> : readonly T[K][]
} & {
  readonly samples: readonly T[]
  readonly length: number
}

/**
 * @param fields which properties the batch has; those of the first sample for samples without a schema
 * @param stacked those of them that are stacked already
 * @throws on access: `batch.ragged` if the arrays of a field differ in shape or dtype
 */
export function makeBatch<T extends object>(
  samples: readonly T[],
  fields: readonly string[] = Object.keys(samples[0] ?? {}),
  stacked?: ReadonlyMap<string, NDArray>,
): Batch<T> {
  const batch = Object.create(null) as Record<string, unknown>
  for (const field of fields) {
    Object.defineProperty(batch, field, {
      enumerable: true,
      configurable: true,
      get() {
        const column = stacked?.get(field) ?? gather(samples, field)
        Object.defineProperty(batch, field, { enumerable: true, value: column })
        return column
      },
    })
  }
  Object.defineProperty(batch, 'samples', { value: samples })
  Object.defineProperty(batch, 'length', { value: samples.length })
  return batch as Batch<T>
}

/**
 * The samples of blocks in batches; the last holds what is left.
 * @param fields as those of {@link makeBatch}
 * @param columns takes over the bytes of the samples as they come
 */
export async function* inBatches<T extends object>(
  blocks: AsyncIterable<readonly T[]>,
  batchSize: number,
  fields: readonly string[] | undefined,
  columns?: BatchColumns,
): AsyncGenerator<Batch<T>> {
  positiveInteger('batchSize', batchSize)
  let batch: T[] = []
  for await (const block of blocks) {
    for (const sample of block) {
      columns?.add(sample as Record<string, unknown>)
      batch.push(sample)
      if (batch.length < batchSize) continue
      yield makeBatch(batch, fields, columns?.take())
      batch = []
    }
  }
  if (batch.length > 0) yield makeBatch(batch, fields, columns?.take())
}

function gather(samples: readonly object[], field: string): unknown {
  const values = samples.map((sample) => (sample as Record<string, unknown>)[field])
  if (!values.every((value) => value instanceof NDArray)) return values
  try {
    return stackArrays(values)
  } catch (error) {
    if (!isShardexError(error, 'array.invalid', 'batch.ragged')) throw error
    const shapes = [...new Set(values.map((value) => `${value.dtype}(${value.shape.join(', ')})`))]
    const found = shapes.slice(0, 4).join(' and ') + (shapes.length > 4 ? ` and ${shapes.length - 4} more` : '')
    throw new ShardexError(
      'batch.ragged',
      { field, found, wanted: 'arrays of one dtype and shape' },
      {
        message: `the arrays "${field}" of this batch cannot be stacked: found ${found}. Bring them to one shape with map(), or read them from batch.samples.`,
        cause: error,
      },
    )
  }
}
