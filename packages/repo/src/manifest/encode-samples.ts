import type { OffsetIndex } from '../shard/offset-index.ts'
import { KEY, type ManifestColumn, OFFSET, SIZE } from './columns.ts'
import { type ParquetColumn, writeParquet } from './parquet.ts'
import type { ColumnValues } from './recorder.ts'
import type { Scalar } from './values.ts'

/** A column that is written, with one value per sample. */
export interface FilledColumn {
  readonly column: ManifestColumn
  readonly values: NonNullable<ColumnValues>
}

/** The rows of a shard as Parquet: key, offset and size of the payload in the tar, and the fields; lists as JSON, which is what atdata makes of them. */
export function encodeSamples(index: OffsetIndex, columns: readonly FilledColumn[]): Uint8Array {
  const keys = Array.from({ length: index.sampleCount }, (_, row) => index.keyAt(row))
  const places: ParquetColumn[] = [
    { name: KEY, type: 'text', required: true, values: keys },
    { name: OFFSET, type: 'int64', required: true, values: Array.from(index.offsets) },
    { name: SIZE, type: 'int64', required: true, values: Array.from(index.sizes) },
  ]
  return writeParquet([...places, ...columns.map(toParquet)])
}

/** Integers that no one type of Parquet holds together. */
export function isOutOfRange({ column, values }: FilledColumn): boolean {
  return column.kind === 'int' && !column.isList && values.some(isLarge) && values.some((value) => (value as number) < 0)
}

function toParquet({ column: { name, kind, isList }, values }: FilledColumn): ParquetColumn {
  if (isList) return { name, type: 'json', values: values.map((list) => list && listText(list as readonly Scalar[])) }
  const scalars = values as readonly (Scalar | undefined)[]
  switch (kind) {
    case 'str':
      return { name, type: 'text', values: scalars }
    case 'bool':
      return { name, type: 'bool', values: scalars }
    case 'float':
      return { name, type: 'double', values: scalars }
    case 'int':
      return { name, type: values.some(isLarge) ? 'uint64' : 'int64', values: scalars }
  }
}

function isLarge(value: unknown): boolean {
  return typeof value === 'bigint' && value >= 2n ** 63n
}

/** JSON with integers to the last digit. Infinities are numbers that are too large to be others, in Python as well; NaN, which equals nothing, is null. */
function listText(list: readonly Scalar[]): string {
  return `[${list.map(itemText).join(',')}]`
}

function itemText(item: Scalar): string {
  if (typeof item === 'bigint') return String(item)
  if (item === Number.POSITIVE_INFINITY || item === Number.NEGATIVE_INFINITY) return item > 0 ? '1e999' : '-1e999'
  return Object.is(item, -0) ? '-0' : JSON.stringify(item)
}
