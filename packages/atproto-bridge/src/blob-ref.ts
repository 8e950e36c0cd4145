import { type BlobRef, jsonToLex } from '@atproto/lexicon'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'

const RAW = 0x55
const SHA2_256 = 0x12

/** The reference that a PDS gives for bytes of this SHA-256 (64 hex digits): known before they are sent. */
export function blobRefOf(sha256: string, sizeBytes: number, mimeType: string): BlobRef {
  const cid = CID.createV1(RAW, create(SHA2_256, Buffer.from(sha256, 'hex')))
  return jsonToLex({ $type: 'blob', ref: { $link: cid.toString() }, mimeType, size: sizeBytes }) as BlobRef
}
