import type { Entry, LocalIndex, Metadata } from '@shardex/index'
import { array, bool, bytes, defineSample, float, int, ndarray, type SchemaRecord, str, toSchemaRecord } from '@shardex/schema'
import { type PrepareOptions, prepare } from '../../src/index.ts'

const Img = defineSample('demo.Img', {
  image: ndarray('float32', [null, 3]),
  label: str(),
  n: int(),
  f: float(),
  ok: bool(),
  raw: bytes(),
  tags: array(str()),
  emb: ndarray('float32'),
  opt: str().optional(),
  oarr: ndarray('float32').optional(),
})

export const record: SchemaRecord = toSchemaRecord(Img, {
  version: '1.0.0',
  createdAt: '2024-01-02T03:04:05.678901+00:00',
  description: 'd',
})
export const index: Pick<LocalIndex, 'getSchema'> = {
  getSchema: async (ref: string) => (ref === REF ? { ...record, $ref: ref } : undefined),
}
export const REF = 'local://schemas/demo.Img@1.0.0'
export const DIGEST = 'ab'.repeat(32)

/** An entry with a shard at each URL. */
export function entryAt(
  urls: readonly string[],
  { sizeBytes = 10_240, metadata }: { sizeBytes?: number; metadata?: Metadata } = {},
): Entry {
  const shards = urls.map((url) => ({
    url,
    sha256: DIGEST,
    sizeBytes,
    sampleCount: 3,
    minKey: 'a',
    maxKey: 'c',
    merkleRoot: DIGEST,
    indexSha256: DIGEST,
    indexSizeBytes: 400,
    storeChecksum: 'etag:secret',
  }))
  return {
    cid: 'bafyreib',
    name: 'imgs',
    schemaRef: REF,
    dataUrls: urls,
    shards,
    contentCid: 'bafyreigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi',
    sampleCount: 3 * urls.length,
    sizeBytes: sizeBytes * urls.length,
    createdAtMs: 1_700_000_000_000,
    metadata,
    wdsUrl: urls[0] ?? '',
    sampleKind: REF,
  }
}

/** What is wrong, and where. */
export const problemsOf = async (entry: Entry, options?: PrepareOptions): Promise<string[]> =>
  (await prepare(entry, index, options)).problems.map(({ code, path }) => `${code} ${path}`)
