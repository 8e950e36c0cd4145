import { encodeMsgpack } from '@shardex/schema'
import { decodeDetails, encodeDetails } from '../../../packages/index/src/shard-details.ts'
import { toEntry } from '../../../packages/index/src/stored-entry.ts'
import { dataUrlsVectors } from '../corpus/vectors.ts'
import { mutateBytes } from '../mutate/bytes.ts'
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

export const registryTargets: readonly Target[] = [
  target<Uint8Array>({
    name: 'entry-details',
    corpus: () => [encodeDetails({ shards }), encodeDetails({ shards, contentCid: CID })],
    mutate: mutateBytes,
    // Whatever the decoder of DAG-CBOR and CIDs throws becomes the cause of `index.corrupt`.
    refuses: (error) => error instanceof Error,
    run(details) {
      toEntryOrRefusal(details)
      return encodeDetails(decodeDetails(details, URLS))
    },
  }),
  target<Uint8Array>({
    name: 'entry-fields',
    corpus: dataUrlsVectors,
    mutate: mutateBytes,
    run: (bytes) => [toEntry({ ...stored, metadata: bytes }), toEntry({ ...stored, dataUrls: bytes })],
  }),
]

function toEntryOrRefusal(details: Uint8Array): void {
  try {
    toEntry({ ...stored, details })
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ShardexError')) throw new AggregateError([error], 'toEntry let it through')
  }
}
