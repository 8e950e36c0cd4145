/// <reference lib="esnext.float16" preserve="true" />

/** The JavaScript form of the elements of an array of dtype `D`, in C order. A dtype that is only known as `string` may be any of them. */
export type ValuesOf<D extends string> = string extends D
  ? ArrayValues
  : Unordered<D> extends keyof Forms
    ? Forms[Unordered<D>]
    : ArrayValues

type Unordered<D> = D extends `${'<' | '>' | '=' | '|'}${infer Rest}` ? Rest : D

/** By numpy name, and by protocol string without its byte order. */
interface Forms {
  bool: Uint8Array
  b1: Uint8Array
  int8: Int8Array
  i1: Int8Array
  int16: Int16Array
  i2: Int16Array
  int32: Int32Array
  i4: Int32Array
  int64: BigInt64Array
  i8: BigInt64Array
  uint8: Uint8Array
  u1: Uint8Array
  uint16: Uint16Array
  u2: Uint16Array
  uint32: Uint32Array
  u4: Uint32Array
  uint64: BigUint64Array
  u8: BigUint64Array
  float16: Float16Array
  f2: Float16Array
  float32: Float32Array
  f4: Float32Array
  float64: Float64Array
  f8: Float64Array
  complex64: Float32Array
  c8: Float32Array
  complex128: Float64Array
  c16: Float64Array
  str: readonly string[]
  bytes: readonly Uint8Array[]
  void: readonly Uint8Array[]
  [time: `${'datetime' | 'timedelta'}64${string}` | `${'M' | 'm'}8${string}`]: BigInt64Array
  [text: `U${number}`]: readonly string[]
  [cells: `${'S' | 'V'}${number}`]: readonly Uint8Array[]
}

/** Complex numbers are pairs of neighbours (real, imaginary), booleans 0 or 1, times the 64-bit integers they are stored as. */
export type ArrayValues = NumericArray | readonly string[] | readonly Uint8Array[]

export type NumericArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float16Array
  | Float32Array
  | Float64Array

/** Names that editors can offer; any numpy protocol string works too. */
export type DtypeName =
  | 'bool'
  | `${'' | 'u'}int${8 | 16 | 32 | 64}`
  | `float${16 | 32 | 64}`
  | `complex${64 | 128}`
  | 'str'
  | 'bytes'
  | `${'datetime' | 'timedelta'}64[${'s' | 'ms' | 'us' | 'ns' | 'D'}]`
