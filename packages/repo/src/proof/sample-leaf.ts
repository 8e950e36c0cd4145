import { leafInput } from './merkle.ts'

/** Where the payload begins in what is hashed for a sample: after `0x00`, the size of the key as u32 little-endian, and the key. */
const KEY_AT = 4

/**
 * The bytes whose SHA-256 is the leaf hash of a sample: `0x00`, the size of its key in bytes as u32 little-endian, the key in UTF-8, the payload.
 */
export function sampleLeafInput(key: Uint8Array, payload: Uint8Array): Uint8Array {
  const entry = new Uint8Array(KEY_AT + key.length + payload.length)
  new DataView(entry.buffer).setUint32(0, key.length, true)
  entry.set(key, KEY_AT)
  entry.set(payload, KEY_AT + key.length)
  return leafInput(entry)
}
