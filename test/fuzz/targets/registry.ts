import { deepStrictEqual, ok } from 'node:assert'
import { isShardexError } from '@shardex/errors'
import type { Entry } from '@shardex/index'
import { encodeMsgpack } from '@shardex/schema'
import { isObjectKey } from '@shardex/storage'
import { blockCid } from '../../../packages/index/src/cid.ts'
import { decodeDetails, encodeDetails } from '../../../packages/index/src/shard-details.ts'
import { decodeEntry, encodeEntry } from '../../../packages/index/src/static/entry-record.ts'
import { cidKey, decodePointer, encodePointer, nameKey, recordKey } from '../../../packages/index/src/static/layout.ts'
import { toEntry } from '../../../packages/index/src/stored-entry.ts'
import { dataUrlsVectors } from '../corpus/vectors.ts'
import { mutateBytes } from '../mutate/bytes.ts'
import { mutateJson } from '../mutate/json.ts'
import { type Target, target } from '../target.ts'

const CID = 'bafyreiglax7urowuwbbyntzw67tmyjigftqlkglud5myzyo5vm227p5yqu'
const URLS = ['/data/a-000000.tar', '/data/a-000001.tar']
const stored = { cid: CID, name: 'fuzz', schemaRef: 'local://schemas/m.S@1.0.0', dataUrls: encodeMsgpack(URLS) }
const shards = URLS.map((url, i) => ({
  url,
  sha256: `${i}1`.repeat(32),
  sizeBytes: 2048 * 2 ** (i * 24),
  sampleCount: 5,
  minKey: 'a',
  maxKey: 'é',
  merkleRoot: `${i}2`.repeat(32),
  indexSha256: `${i}3`.repeat(32),
  indexSizeBytes: 300,
}))

const entry: Entry = { ...toEntry(stored), shards, contentCid: CID, metadata: { split: 'train', size: 7n }, createdAtMs: 1 }
const PUBLISHED = encodeEntry(entry, URLS)
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

export const registryTargets: readonly Target[] = [
  target<Uint8Array>({
    name: 'entry-details',
    corpus: () => [encodeDetails({ shards }), encodeDetails({ shards, contentCid: CID })],
    mutate: mutateBytes,
    run(details) {
      // How deep DAG-CBOR may nest is for the stack to say, so the message is not always the same.
      if (codeOf(() => toEntry({ ...stored, details })) !== undefined) return 'refused'
      return encodeDetails(decodeDetails(details, URLS))
    },
  }),
  target<Uint8Array>({
    name: 'entry-fields',
    corpus: dataUrlsVectors,
    mutate: mutateBytes,
    run: (bytes) => [toEntry({ ...stored, metadata: bytes }), toEntry({ ...stored, dataUrls: bytes })],
  }),
  target<string>({
    name: 'static-pointer',
    corpus: () =>
      [
        { cid: CID, record: CID, revision: 3 },
        { cid: CID, record: CID },
      ].map((each) => textOf(encodePointer(each))),
    mutate: mutateJson,
    run(text) {
      const pointer = decodePointer(new TextEncoder().encode(text), 'fuzz')
      deepStrictEqual(decodePointer(encodePointer(pointer), 'fuzz'), pointer)
      ok([nameKey('fuzz'), cidKey(pointer.cid), recordKey(pointer.record)].every(isObjectKey))
      return pointer
    },
  }),
  target<Uint8Array>({
    name: 'static-record',
    corpus: () => [PUBLISHED.bytes],
    mutate: mutateBytes,
    run(bytes) {
      // Named by its hash, as whoever forges a record will do, so that what it says is looked at.
      const pointer = { ...PUBLISHED.pointer, record: blockCid(bytes) }
      const code = codeOf(() => decodeEntry(bytes, pointer, 'fuzz', (url) => url))
      if (code !== undefined) return 'refused'
      const { cid, dataUrls } = decodeEntry(bytes, pointer, 'fuzz', (url) => url)
      deepStrictEqual([cid, dataUrls], [PUBLISHED.pointer.cid, URLS])
      return dataUrls
    },
  }),
]

function codeOf(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (isShardexError(error, 'index.corrupt')) return error.code
    throw error
  }
}
