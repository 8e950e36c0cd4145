import { crc32 } from 'node:zlib'

/**
 * Change `bytes` at `at` to `value` and four bytes at `freeAt` so that the CRC-32 stays what it was, as anybody can: a CRC is linear, so
 * the 32 free bits are found by elimination over GF(2).
 */
export function forgeSameCrc(bytes: Uint8Array, at: number, value: number, freeAt: number): Uint8Array {
  const wanted = crc32(bytes)
  const forged = new Uint8Array(bytes) // the slice of a Buffer is no copy
  forged[at] = value
  const base = crc32(forged)
  const rows = Array.from({ length: 32 }, (_, bit) => {
    const flipped = new Uint8Array(forged)
    flipped[freeAt + (bit >> 3)]! ^= 1 << (bit & 7)
    return { effect: (crc32(flipped) ^ base) >>> 0, bits: (1 << bit) >>> 0 }
  })
  let missing = (base ^ wanted) >>> 0
  let chosen = 0
  for (let bit = 31; bit >= 0; bit--) {
    const pivot = rows.findIndex(({ effect }) => Math.clz32(effect) === 31 - bit)
    if (pivot < 0) continue
    const [row] = rows.splice(pivot, 1)
    for (const other of rows) {
      if (((other.effect >>> bit) & 1) === 0) continue
      other.effect = (other.effect ^ row!.effect) >>> 0
      other.bits = (other.bits ^ row!.bits) >>> 0
    }
    if (((missing >>> bit) & 1) === 0) continue
    missing = (missing ^ row!.effect) >>> 0
    chosen = (chosen ^ row!.bits) >>> 0
  }
  for (let i = 0; i < 4; i++) forged[freeAt + i]! ^= (chosen >>> (8 * i)) & 0xff
  if (crc32(forged) !== wanted) throw new Error('the forgery failed')
  return forged
}
