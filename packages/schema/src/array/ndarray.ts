import { parseDtype } from './dtype.ts'
import { invalidArray } from './invalid-array.ts'
import { type ArraySource, layOut } from './lay-out.ts'
import { readValues } from './read-values.ts'
import { countElements, formatShape } from './shape.ts'
import type { ArrayValues, DtypeName, ValuesOf } from './values-of.ts'

/** The dtype that {@link NDArray.from} gives a source when none is named. */
export type NaturalDtype<S> = S extends Float32Array
  ? 'float32'
  : S extends Float64Array
    ? 'float64'
    : S extends Uint8Array | Uint8ClampedArray
      ? 'uint8'
      : S extends BigInt64Array
        ? 'int64'
        : S extends BigUint64Array
          ? 'uint64'
          : string

/**
 * An n-dimensional array as numpy lays it out: one dtype, a shape, and the elements in C order (last dimension fastest). Arrays that were
 * read share memory with the bytes they were read from; whoever changes one changes the other. `V` follows from `D`.
 */
export class NDArray<D extends string = string, V extends ArrayValues = ValuesOf<D>> {
  /** numpy's protocol string, byte order included: `<f4`, `|u1`, `<U5`, `<M8[ns]`. */
  readonly dtype: string
  readonly shape: readonly number[]
  /** The elements, in C order and the byte order of `dtype`. */
  readonly bytes: Uint8Array
  /** How many elements. 1 for a 0-dimensional array, whose shape is `[]`. */
  readonly size: number
  /** Of an array of records: numpy's description of them, as text, `[('x', '<f4'), ('y', '<i4')]`. `dtype` is then `|V8`. */
  readonly descr: string | undefined
  #values: V | undefined

  /**
   * An array over bytes, which are not copied.
   * @throws {ShardexError} `array.invalid` if the dtype is unknown, a dimension negative, or `bytes` not exactly as long as they say
   */
  constructor(dtype: D, shape: readonly number[], bytes: Uint8Array, descr?: string) {
    const { text, sizeBytes } = parseDtype(dtype)
    this.dtype = text
    this.shape = shape
    this.bytes = bytes
    this.size = countElements(shape)
    this.descr = descr
    if (this.size * sizeBytes !== bytes.length) {
      throw invalidArray(`${bytes.length} bytes`, `${this.size * sizeBytes} bytes for ${text} ${formatShape(shape)}`)
    }
  }

  /**
   * The elements in C order: a typed array, sharing memory with `bytes` where alignment and byte order allow it (else converted once).
   * Complex numbers are pairs (real, imaginary), booleans 0 or 1, times 64-bit integers in their unit (NaT is -2^63), text a list of
   * strings, byte strings and opaque elements a list of `Uint8Array`.
   */
  get values(): V {
    this.#values ??= readValues(parseDtype(this.dtype), this.bytes) as V
    return this.#values
  }

  /**
   * Make an array. A typed array keeps its type unless `dtype` says otherwise and is not copied if it does not have to be; nested
   * lists of numbers become `float64`, of bigints `int64`, of booleans `bool`, of strings `<U` as long as the longest.
   * @param shape left out: `[length]` of a typed array, the nesting of a list
   * @throws {ShardexError} `array.invalid` if the list is ragged, a value does not fit the dtype, or the shape has another size
   */
  static from<const E extends DtypeName | (string & {})>(
    source: ArraySource,
    shape: readonly number[] | undefined,
    dtype: E,
  ): NDArray<E>
  static from<S extends ArraySource>(source: S, shape?: readonly number[]): NDArray<NaturalDtype<S>>
  static from(source: ArraySource, shape?: readonly number[], dtype?: string): NDArray {
    const parts = layOut(source, shape, dtype)
    return new NDArray(parts.dtype, parts.shape, parts.bytes)
  }
}
