/**
 * How samples are checked while they are read. `crc32`: against the CRC-32 in the offset index, which finds every accident. `sha256`:
 * against the SHA-256 there, and the index against the registry, which finds every accident and every forgery. No sample leaves before it is checked.
 */
export type Verify = 'crc32' | 'sha256'
