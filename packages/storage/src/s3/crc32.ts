import { crc32 } from 'node:zlib'

/** CRC-32 as S3 writes it: four bytes, big-endian, in base64. */
export function crc32Header(bytes: Uint8Array): string {
  return bigEndian(crc32(bytes)).toString('base64')
}

/** What S3 calls a composite checksum: the CRC-32 over those of all parts, and their number. */
export function compositeCrc32(partHeaders: readonly string[]): string {
  const all = Buffer.concat(partHeaders.map((header) => Buffer.from(header, 'base64')))
  return `${crc32Header(all)}-${partHeaders.length}`
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value)
  return bytes
}
