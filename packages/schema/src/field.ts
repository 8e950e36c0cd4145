import { dtypeMatcher } from './array/dtype.ts'
import type { NDArray } from './array/ndarray.ts'
import { countElements, MAX_DIMENSIONS } from './array/shape.ts'
import type { DtypeName } from './array/values-of.ts'
import type { BinaryFormat, FieldKind, NdarrayKind, PrimitiveKind } from './field-kind.ts'

declare const valueType: unique symbol

/** One field of a sample type. `Value` is what it holds in TypeScript. */
export interface Field<Value = unknown, Optional extends boolean = boolean> {
  readonly kind: FieldKind
  readonly isOptional: Optional
  /** The same field, which a sample may leave out (or give as `undefined` or `null`). It is stored as nil. */
  optional(): Field<Value, true>
  readonly [valueType]?: Value
}

/** The fields of a sample type; their order is the order of the bytes. */
export type Fields = { readonly [name: string]: Field }

/** The TypeScript type of the samples of a record of fields. */
export type InferFields<F extends Fields> = Flatten<
  { -readonly [K in keyof F as F[K] extends Field<unknown, false> ? K : never]: ValueOf<F[K]> } & {
    -readonly [K in keyof F as F[K] extends Field<unknown, false> ? never : K]?: ValueOf<F[K]> | undefined
  }
>

type ValueOf<F> = F extends Field<infer Value> ? Value : never
type Flatten<T> = { [K in keyof T]: T[K] }

/** Unicode text. */
export function str(): Field<string, false> {
  return primitive('str')
}

/** A whole number from -2^63 to 2^64-1. Beyond ±(2^53-1) it is a bigint, both ways; within, a number when read, either when written. */
export function int(): Field<number | bigint, false> {
  return primitive('int')
}

/** A 64-bit float. Integers that another writer put here are read as numbers. */
export function float(): Field<number, false> {
  return primitive('float')
}

export function bool(): Field<boolean, false> {
  return primitive('bool')
}

export function bytes(): Field<Uint8Array, false> {
  return primitive('bytes')
}

/**
 * An array of numbers, text or times.
 * @param dtype numpy's name (`float32`: either byte order) or protocol string (`>f4`: only that); left out, any
 * @param shape `null` for a free dimension; left out, any shape
 * @param options `dimensionNames`: one for each dimension, for people and records
 * @throws {ShardexError} `array.invalid` for a dtype or shape that cannot be
 */
export function ndarray(): Field<NDArray, false>
export function ndarray<const D extends DtypeName | (string & {})>(
  dtype: D,
  shape?: readonly (number | null)[],
  options?: NdarrayOptions,
): Field<NDArray<D>, false>
export function ndarray(dtype: undefined, shape?: readonly (number | null)[], options?: NdarrayOptions): Field<NDArray, false>
export function ndarray(dtype?: string, shape?: readonly (number | null)[], options: NdarrayOptions = {}): Field<NDArray, false> {
  const { dimensionNames } = options
  const kind: NdarrayKind = {
    kind: 'ndarray',
    ...(dtype !== undefined && { dtype }),
    ...(shape !== undefined && { shape: [...shape] }),
    ...(dimensionNames !== undefined && { dimensionNames: [...dimensionNames] }),
  }
  checkNdarray(kind)
  return field<NDArray>(kind)
}

export interface NdarrayOptions {
  readonly dimensionNames?: readonly string[] | undefined
}

/** A list whose items are all of one kind. */
export function array<Value>(items: Field<Value, false>): Field<Value[], false> {
  if (items.isOptional) throw new TypeError('array(): the items of a list cannot be optional; make the list optional')
  return field({ kind: 'array', items: items.kind })
}

/** An array of records, as a `.npy` file. */
export function structured(): Field<Uint8Array, false> {
  return binary('structured')
}

/** A sparse matrix, as scipy's `.npz` file. */
export function sparse(): Field<Uint8Array, false> {
  return binary('sparse')
}

/** An Arrow IPC tensor message. */
export function arrowTensor(): Field<Uint8Array, false> {
  return binary('arrow_tensor')
}

/** A safetensors file. */
export function safetensors(): Field<Uint8Array, false> {
  return binary('safetensors')
}

/** A table, as a Parquet file. */
export function dataframe(): Field<Uint8Array, false> {
  return binary('dataframe')
}

/** A field from its description, for schemas that are data. */
export function field<Value = unknown>(kind: FieldKind): Field<Value, false> {
  const optional: Field<Value, true> = { kind, isOptional: true, optional: () => optional }
  return { kind, isOptional: false, optional: () => optional }
}

function primitive<Value>(kind: PrimitiveKind['kind']): Field<Value, false> {
  return field({ kind })
}

function binary(kind: BinaryFormat): Field<Uint8Array, false> {
  return field({ kind })
}

/** @throws {ShardexError} `array.invalid`, or a `TypeError`, if no array could be of this kind */
export function checkNdarray({ dtype, shape, dimensionNames }: NdarrayKind): void {
  if (dtype !== undefined) dtypeMatcher(dtype)
  if (shape !== undefined) countElements(shape.map((size) => size ?? 0))
  const dimensions = shape?.length ?? dimensionNames?.length ?? 0
  if (dimensionNames !== undefined && dimensionNames.length !== dimensions) {
    throw new TypeError(`ndarray(): ${dimensionNames.length} dimension names for ${dimensions} dimensions`)
  }
  if (dimensions > MAX_DIMENSIONS) throw new TypeError(`ndarray(): ${dimensions} dimensions, at most ${MAX_DIMENSIONS}`)
}
