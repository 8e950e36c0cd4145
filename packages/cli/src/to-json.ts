import { NDArray } from '@shardex/schema'

/**
 * Any value as JSON text. What JSON has no word for becomes an object with one key: `{"$bytes": base64}`, `{"$int": "18446744073709551615"}`
 * beyond ±2^53, `{"$float": "NaN"}`. Arrays are shown as `{"dtype", "shape"}`; dates as ISO 8601; `undefined` members are left out.
 */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(plain(value), undefined, indent) ?? 'null'
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : { $int: String(value) }
  if (typeof value === 'number') return Number.isFinite(value) ? value : { $float: String(value) }
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array)
    return { $bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') }
  if (value instanceof NDArray) return { dtype: value.dtype, shape: value.shape }
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]))
}
