import { BlobRef } from '@atproto/lexicon'
import { describe } from '@shardex/errors'
import { invalidRecord } from './invalid-record.ts'

/** Where the blobs of an account are. */
export interface BlobHome {
  readonly did: string
  readonly pds: string
}

export interface RemoteBlob {
  readonly url: string
  /** 64 lower-case hex digits. */
  readonly sha256: string
  /** Unless the reference is of the first form, which does not say it. */
  readonly sizeBytes?: number | undefined
}

/** Of raw bytes with SHA-256, which is what blobs are. */
const RAW = 0x55
const SHA2_256 = 0x12

/** Where a blob is, and what it must be: its CID is the SHA-256 of its bytes. @throws {ShardexError} `record.invalid` */
export function readBlob(uri: string, blob: unknown, { did, pds }: BlobHome): RemoteBlob {
  if (!(blob instanceof BlobRef)) throw invalidRecord(uri, `${describe(blob)} for a blob`, 'a reference to a blob')
  const { code, multihash, version } = blob.ref
  if (version !== 1 || code !== RAW || multihash.code !== SHA2_256 || multihash.digest.length !== 32)
    throw invalidRecord(uri, `the blob ${String(blob.ref).slice(0, 100)}`, 'the CID of raw bytes with SHA-256')
  const url = new URL('/xrpc/com.atproto.sync.getBlob', pds)
  url.search = String(new URLSearchParams({ did, cid: String(blob.ref) }))
  const sha256 = Buffer.from(multihash.digest).toString('hex')
  return { url: url.href, sha256, ...(Number.isSafeInteger(blob.size) && blob.size >= 0 && { sizeBytes: blob.size }) }
}
