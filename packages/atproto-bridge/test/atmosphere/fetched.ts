import { jsonToLex, lexToIpld } from '@atproto/lexicon'
import { dagCborCid } from '@shardex/index'
import { decodeRecord, type FetchedRecord } from '../../src/atmosphere/decode-record.ts'

export const ALICE = { did: 'did:plc:alice', pds: 'https://pds.example.com' } as const

/** A record as an honest PDS gives it: the JSON of it, with the CID that it has. */
export function fetched(record: Readonly<Record<string, unknown>>, rkey = '3kabc'): FetchedRecord {
  const uri = `at://${ALICE.did}/${String(record['$type'])}/${rkey}`
  return decodeRecord(uri, cidOf(record), structuredClone(record))
}

export function cidOf(record: unknown): string {
  return dagCborCid(lexToIpld(jsonToLex(record)))
}
