/** CRC-32 as zlib computes it (ISO-HDLC), eight bytes at a time: https://create.stephan-brumme.com/crc32/#slicing-by-8-overview */
export function crc32(bytes: Uint8Array | string): number {
  const input = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables()
  let crc = -1
  let at = 0
  for (const end = input.length - 7; at < end; at += 8) {
    crc ^= input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16) | (input[at + 3]! << 24)
    crc =
      t7[crc & 255]! ^
      t6[(crc >>> 8) & 255]! ^
      t5[(crc >>> 16) & 255]! ^
      t4[crc >>> 24]! ^
      t3[input[at + 4]!]! ^
      t2[input[at + 5]!]! ^
      t1[input[at + 6]!]! ^
      t0[input[at + 7]!]!
  }
  for (; at < input.length; at++) crc = t0[(crc ^ input[at]!) & 255]! ^ (crc >>> 8)
  return ~crc >>> 0
}

type Tables = readonly [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array]

let made: Tables | undefined

/** Table `k` has the CRC of each byte with `k` zeros after it. */
function tables(): Tables {
  if (made !== undefined) return made
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
    return crc
  })
  const after = (table: Int32Array<ArrayBuffer>) => table.map((crc) => (crc >>> 8) ^ first[crc & 255]!)
  const all = [first]
  while (all.length < 8) all.push(after(all.at(-1)!))
  made = all as unknown as Tables
  return made
}
