/** What S3 answers say about the content of an object. */
interface Marks {
  readonly ChecksumCRC32?: string | undefined
  readonly ETag?: string | undefined
}

/**
 * The server's own checksum of an object: the CRC-32 that it was uploaded with (of all parts together, with `-N`, if it came in N parts),
 * or on servers that keep none (Ceph before 20) the ETag, which there is made of the MD5 of the bytes.
 */
export function checksumOf({ ChecksumCRC32, ETag }: Marks): string | undefined {
  if (ChecksumCRC32 !== undefined) return `crc32:${ChecksumCRC32}`
  const etag = unquoted(ETag)
  return etag === undefined ? undefined : `etag:${etag}`
}

/** Servers quote it, as HTTP wants; the mark is what is inside. */
export function unquoted(etag: string | undefined): string | undefined {
  return etag?.replace(/^"(.*)"$/, '$1')
}
