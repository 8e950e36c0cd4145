import { array, bool, bytes, defineSample, type Field, float, int, ndarray, type SampleType, str } from '@shardex/schema'
import type { Column, ItemKind, Kind } from './column.ts'

/** The sample type whose fields are these columns, in this order. */
export function sampleTypeOf(name: string, columns: readonly Column[]): SampleType {
  return defineSample(name, Object.fromEntries(columns.map((column) => [column.field, fieldOf(column)])))
}

function fieldOf({ kind, optional }: Column): Field {
  const field = kindField(kind)
  return optional ? field.optional() : field
}

function kindField(kind: Kind): Field<unknown, false> {
  const item = ITEM[kind.item]()
  return kind.array ? array(item) : item
}

const ITEM: Readonly<Record<ItemKind, () => Field<unknown, false>>> = { bool, int, float, str, bytes, ndarray: () => ndarray() }
