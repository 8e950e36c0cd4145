/// <reference lib="esnext.float16" preserve="true" />

type Ordered<T extends string> = `${'<' | '>' | '='}${T}`
type Unordered<T extends string> = `${'|' | '<' | '>' | '='}${T}`

/** The JavaScript form of the elements of an array of dtype `D`, in C order. A dtype that is only known as `string` may be any of them. */
export type ValuesOf<D extends string> = string extends D
  ? ArrayValues
  : D extends 'float32' | 'complex64' | Ordered<'f4' | 'c8'>
    ? Float32Array
    : D extends 'float64' | 'complex128' | Ordered<'f8' | 'c16'>
      ? Float64Array
      : D extends 'float16' | Ordered<'f2'>
        ? Float16Array
        : D extends 'uint8' | 'bool' | Unordered<'u1' | 'b1'>
          ? Uint8Array
          : D extends 'int8' | Unordered<'i1'>
            ? Int8Array
            : D extends 'int16' | Ordered<'i2'>
              ? Int16Array
              : D extends 'uint16' | Ordered<'u2'>
                ? Uint16Array
                : D extends 'int32' | Ordered<'i4'>
                  ? Int32Array
                  : D extends 'uint32' | Ordered<'u4'>
                    ? Uint32Array
                    : D extends 'uint64' | Ordered<'u8'>
                      ? BigUint64Array
                      : D extends 'int64' | Ordered<'i8'> | Time
                        ? BigInt64Array
                        : D extends 'str' | Ordered<`U${number}`>
                          ? readonly string[]
                          : D extends 'bytes' | 'void' | Unordered<`${'S' | 'V'}${number}`>
                            ? readonly Uint8Array[]
                            : ArrayValues

type Time = `${'datetime64' | 'timedelta64'}${string}` | `${'<' | '>' | '='}${'M8' | 'm8'}${string}`

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
