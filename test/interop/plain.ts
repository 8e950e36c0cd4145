import { NDArray, type SampleType } from 'shardex'

/** A value as JSON that loses nothing, and tells 1 from 1.0: `plain.py` writes and reads the same. */
export type Plain = null | string | boolean | Plain[] | { [key: string]: Plain | number[] }

/** The fields of a sample, without its key. */
export function plainSample(type: SampleType, sample: object): { [field: string]: Plain } {
  const values = sample as { readonly [field: string]: unknown }
  return Object.fromEntries(Object.entries(type.fields).map(([name, { kind }]) => [name, toPlain(values[name], kind)]))
}

/** Whole numbers count as `int`, as in msgpack. */
export function plainMetadata(value: unknown): Plain {
  if (Array.isArray(value)) return value.map(plainMetadata)
  if (typeof value === 'number') return toPlain(value, { kind: Number.isInteger(value) ? 'int' : 'float' })
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return toPlain(value, { kind: 'int' })
  return { map: Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainMetadata(item)])) }
}

type Kind = SampleType['fields'][string]['kind']

function toPlain(value: unknown, kind: Kind): Plain {
  if (value === undefined || value === null) return null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (value instanceof NDArray) return { dtype: value.dtype, shape: [...value.shape], hex: hex(value.bytes) }
  if (value instanceof Uint8Array) return { bytes: hex(value) }
  if (Array.isArray(value) && kind.kind === 'array') return value.map((item) => toPlain(item, kind.items))
  if (kind.kind === 'int') return { int: String(value) }
  const bigEndian = Buffer.alloc(8)
  bigEndian.writeDoubleBE(value as number)
  return { float: hex(bigEndian) }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}
