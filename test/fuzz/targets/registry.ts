import { isShardexError } from '@shardex/errors'
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
