/**
 * The same map in msgpack with a number of bytes that three divides: its count, or the length of its first key, takes more room than it needs. A PDS gives
 * bytes as base64 without padding, and atdata reads base64 only where none is wanting.
 * @param map with text as its first key, of less than 256 bytes; another is given back as it is
 */
export function padMsgpack(map: Uint8Array): Uint8Array {
  const head = map[0]! >= 0xde ? (map[0] === 0xde ? 3 : 5) : 1
  switch (map.length % 3) {
    case 1:
      return widened(map, 0, COUNT)
    case 2:
      return widened(map, head, LENGTH)
    default:
      return map
  }
}

/** Headers of maps, two bytes longer. */
const COUNT: Widen = ([first = 0, high = 0, low = 0]) => {
  if (first >= 0x80 && first < 0x90) return { from: 1, to: [0xde, 0, first & 15] }
  return first === 0xde ? { from: 3, to: [0xdf, 0, 0, high, low] } : undefined
}

/** Headers of texts, a byte longer. */
const LENGTH: Widen = ([first = 0, length = 0]) => {
  if (first >= 0xa0 && first < 0xc0) return { from: 1, to: [0xd9, first & 31] }
  return first === 0xd9 ? { from: 2, to: [0xda, 0, length] } : undefined
}

type Widen = (header: Uint8Array) => { readonly from: number; readonly to: readonly number[] } | undefined

function widened(bytes: Uint8Array, at: number, widen: Widen): Uint8Array {
  const change = widen(bytes.subarray(at))
  if (change === undefined) return bytes
  const { from, to } = change
  return Uint8Array.from([...bytes.subarray(0, at), ...to, ...bytes.subarray(at + from)])
}
