import { formatShape } from './array/shape.ts'

/** What a field holds, as data: the part of a schema that is stored, compared and compiled. */
export type FieldKind = PrimitiveKind | NdarrayKind | ListKind | BinaryKind

export interface PrimitiveKind {
  readonly kind: 'str' | 'int' | 'float' | 'bool' | 'bytes'
}

export interface NdarrayKind {
  readonly kind: 'ndarray'
  /** A numpy name or a protocol string; left out, any dtype. */
  readonly dtype?: string | undefined
  /** `null` is a free dimension; left out, any shape. */
  readonly shape?: readonly (number | null)[] | undefined
  readonly dimensionNames?: readonly string[] | undefined
}

export interface ListKind {
  readonly kind: 'array'
  readonly items: FieldKind
}

/** Bytes in a format of their own, which travel as they are. */
export interface BinaryKind {
  readonly kind: BinaryFormat
}

export type BinaryFormat = (typeof BINARY_FORMATS)[number]

export const PRIMITIVES = ['str', 'int', 'float', 'bool', 'bytes'] as const
export const BINARY_FORMATS = ['structured', 'sparse', 'arrow_tensor', 'safetensors', 'dataframe'] as const

/** Whether a value of this kind is a view of the bytes that it was read from. */
export function isView(kind: FieldKind): boolean {
  if (kind.kind === 'array') return isView(kind.items)
  return !COPIED.has(kind.kind)
}

const COPIED: ReadonlySet<string> = new Set(['str', 'int', 'float', 'bool'])

/** For people: `int`, `list of str`, `ndarray float32 [*, *, 3]`, `ndarray uint8 [height: *, width: *, channel: 3]`. */
export function describeKind(kind: FieldKind): string {
  if (kind.kind === 'array') return `list of ${describeKind(kind.items)}`
  return kind.kind === 'ndarray' ? `ndarray ${describeArray(kind)}` : kind.kind
}

/** The part after the word "ndarray". */
export function describeArray({ dtype = 'of any dtype', shape, dimensionNames }: NdarrayKind): string {
  if (shape === undefined) return dimensionNames === undefined ? dtype : `${dtype} [${dimensionNames.join(', ')}]`
  if (dimensionNames === undefined) return `${dtype} ${formatShape(shape)}`
  return `${dtype} [${shape.map((size, axis) => `${dimensionNames[axis]}: ${size ?? '*'}`).join(', ')}]`
}
