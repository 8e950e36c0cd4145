import { encode } from '@ipld/dag-cbor'
import { sha256 } from '@noble/hashes/sha2.js'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import type { EntryIdentity } from './entry.ts'

const DAG_CBOR = 0x71
const SHA2_256 = 0x12

/**
 * The CID of an entry: that of `{schema_ref, data_urls}` and of nothing else. Strings count as they are given: another order, another
 * brace form or another Unicode normal form is another entry.
 */
export function entryCid(identity: EntryIdentity): string {
  return dagCborCid({ schema_ref: identity.schemaRef, data_urls: identity.dataUrls })
}

/** Whether this is the one spelling of a CID as {@link dagCborCid} makes them; its last character carries two bits that are zero. */
export function isDagCborCid(text: string): boolean {
  return /^bafyrei[a-h][a-z2-7]{50}[aeimquy4]$/.test(text)
}

/** The CIDv1 (DAG-CBOR, SHA-256, base32: `bafyrei…`, 59 characters) of any value of the IPLD data model. */
export function dagCborCid(value: unknown): string {
  return blockCid(encode(value))
}

/** The same of the bytes of a block. */
export function blockCid(bytes: Uint8Array): string {
  return CID.createV1(DAG_CBOR, create(SHA2_256, sha256(bytes))).toString()
}
