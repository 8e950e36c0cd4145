import { encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { expect, test } from 'vitest'
import { dagCborCid, decodeDetails, type EntryDetails, encodeDetails, type ShardDescription } from '../src/index.ts'

const SHARD: ShardDescription = {
  url: 's3://b/0.tar',
  sha256: '01'.repeat(32),
  sizeBytes: 2048,
  sampleCount: 5,
  minKey: 'a',
  maxKey: 'é',
  merkleRoot: '02'.repeat(32),
  indexSha256: '03'.repeat(32),
  indexSizeBytes: 99,
}
const RAW = 0x55
const DAG_CBOR = 0x71
const SHA2_256 = 0x12
const SHA2_512 = 0x13

test('details come back as they were written', () => {
  const details: EntryDetails = {
    shards: [SHARD, { ...SHARD, url: 's3://b/1.tar', storeChecksum: 'crc' }],
    contentCid: dagCborCid(1),
  }
  expect(decodeDetails(encodeDetails(details), ['s3://b/0.tar', 's3://b/1.tar'])).toEqual(details)
})

test.each([
  ['of raw bytes', CID.createV1(RAW, create(SHA2_256, new Uint8Array(32)))],
  ['by another hash', CID.createV1(DAG_CBOR, create(SHA2_512, new Uint8Array(64)))],
  ['of version 0', CID.createV0(create(SHA2_256, new Uint8Array(32)) as Parameters<typeof CID.createV0>[0])],
  ['that is text', dagCborCid(1)],
])('a content CID %s is refused, because it cannot be ours', (_, content) => {
  expect(() => decodeDetails(encode({ version: 1, shards: [], content }), [])).toThrow('in place of a CID of DAG-CBOR by SHA-256')
})
