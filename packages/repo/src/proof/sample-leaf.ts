/** Before the key: the mark of a leaf (RFC 6962), and the size of the key as u32 little-endian. */
const KEY_AT = 5

/**
 * The bytes whose SHA-256 is the leaf hash of a sample: `0x00`, the size of its key in bytes as u32 little-endian, the key in UTF-8, the payload.
 */
export function sampleLeafInput(key: Uint8Array, payload: Uint8Array): Uint8Array {
  const input = new Uint8Array(leafHeadBytes(key) + payload.length)
  writeLeafHead(input, key)
  input.set(payload, leafHeadBytes(key))
  return input
}

/** How many bytes come before the payload. */
export function leafHeadBytes(key: Uint8Array): number {
  return KEY_AT + key.length
}

/** @param input its first bytes are written */
export function writeLeafHead(input: Uint8Array, key: Uint8Array): void {
  input[0] = 0
  for (let i = 1; i < KEY_AT; i++) input[i] = key.length >>> (8 * (i - 1))
  input.set(key, KEY_AT)
}
