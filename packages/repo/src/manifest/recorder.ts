import type { SampleType } from '@shardex/schema'
import { type ManifestColumn, type ManifestFields, manifestColumns } from './columns.ts'
import { type Scalar, scalarOf, scalarsOf } from './values.ts'

/** The values of one field, one per sample; `undefined` if they are too many bytes for a manifest. */
export type ColumnValues = readonly (Scalar | readonly Scalar[] | undefined)[] | undefined

/** Text that is longer than this in one shard is content, and not something to look for; and it is all in memory. */
const MAX_COLUMN_CHARACTERS = 2 ** 25

/** Whether to write manifests, and what each field is to them: `{ fields: { label: 'categorical', caption: false } }`. */
export type ManifestOption = boolean | { readonly fields?: ManifestFields | undefined }

/** `undefined` if no manifests are asked for. @throws {TypeError} for fields that have no place in one */
export function recorderFor(type: SampleType, option: ManifestOption = false): SampleRecorder | undefined {
  if (option === false) return undefined
  return new SampleRecorder(manifestColumns(type, option === true ? {} : option.fields))
}

/** Keeps what manifests need of samples that pass by, until their shards are closed. */
export class SampleRecorder {
  readonly columns: readonly ManifestColumn[]
  readonly #kept: Recorded[]

  constructor(columns: readonly ManifestColumn[]) {
    this.columns = columns
    this.#kept = columns.map((column) => new Recorded(column))
  }

  add(sample: object): void {
    for (const column of this.#kept) column.add(sample)
  }

  /** The same samples, each added before it is given on. Those that come without waiting still do. */
  watch<T extends object>(samples: Iterable<T> | AsyncIterable<T>): Iterable<T> | AsyncIterable<T> {
    if (typeof samples !== 'object') return samples // whoever writes them says that they are none
    return Symbol.asyncIterator in samples ? this.#watchAsync(samples) : this.#watchSync(samples)
  }

  /** Take out the first samples that are left. One list per column. */
  take(count: number): readonly ColumnValues[] {
    return this.#kept.map((column) => column.take(count))
  }

  *#watchSync<T extends object>(samples: Iterable<T>): Generator<T> {
    for (const sample of samples) {
      this.add(sample)
      yield sample
    }
  }

  async *#watchAsync<T extends object>(samples: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const sample of samples) {
      this.add(sample)
      yield sample
    }
  }
}

class Recorded {
  readonly #column: ManifestColumn
  #values: (Scalar | readonly Scalar[] | undefined)[] = []
  #characters = 0
  /** So many of the samples that are left belong to shards in which this column has too much text. */
  #untold = 0

  constructor(column: ManifestColumn) {
    this.#column = column
  }

  /** What is no sample, or has a wrong value, is refused by whoever packs it. */
  add(sample: object): void {
    const { name, kind, isList } = this.#column
    const given = (sample as Readonly<Record<string, unknown>> | null)?.[name]
    const value = isList ? scalarsOf(given, kind) : scalarOf(given, kind)
    this.#characters += charactersOf(value)
    this.#values.push(value)
    if (this.#characters <= MAX_COLUMN_CHARACTERS) return
    this.#values.fill(undefined)
    this.#characters = 0
    this.#untold = this.#values.length
  }

  take(count: number): ColumnValues {
    const taken = this.#values.splice(0, count)
    const isTold = this.#untold === 0
    this.#untold = Math.max(0, this.#untold - count)
    for (const value of taken) this.#characters -= charactersOf(value)
    this.#characters = Math.max(0, this.#characters)
    return isTold ? taken : undefined
  }
}

function charactersOf(value: Scalar | readonly Scalar[] | undefined): number {
  if (typeof value === 'string') return value.length
  return Array.isArray(value) ? value.reduce((sum: number, item) => sum + 8 + charactersOf(item as Scalar), 0) : 0
}
