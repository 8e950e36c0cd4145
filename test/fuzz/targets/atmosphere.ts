import assert from 'node:assert/strict'
import { jsonToLex, lexToIpld } from '@atproto/lexicon'
import { dagCborCid, encodeDetails } from '@shardex/index'
import { decodeRecord } from '../../../packages/atproto-bridge/src/atmosphere/decode-record.ts'
import { readEntry } from '../../../packages/atproto-bridge/src/atmosphere/read-entry.ts'
import { readSchema } from '../../../packages/atproto-bridge/src/atmosphere/read-schema.ts'
import { formatRecordUri, parseReference } from '../../../packages/atproto-bridge/src/identity/parse-reference.ts'
import { isPublished } from '../../../packages/cli/src/find-dataset.ts'
import { recordVectors } from '../corpus/vectors.ts'
import { mutateJson } from '../mutate/json.ts'
import { mutateTextWith } from '../mutate/text.ts'
import { type Target, target } from '../target.ts'

const URI = 'at://did:plc:abc/science.alt.dataset.entry/3kabc'
const HOME = { did: 'did:plc:abc', pds: 'https://pds.example.com' }

/** The corpus of atdata, and a record with descriptions of our own. */
function records(): string[] {
  return [...recordVectors(), described()]
}

function described(): string {
  const url = 'https://h/a.tar'
  const [sha256, merkleRoot, indexSha256] = ['1', '2', '3'].map((digit) => digit.repeat(64))
  const shard = { url, sha256: sha256!, sizeBytes: 4096, sampleCount: 2, minKey: 'a', maxKey: 'b', indexSizeBytes: 300 }
  const contentCid = dagCborCid({})
  const details = encodeDetails({ shards: [{ ...shard, merkleRoot: merkleRoot!, indexSha256: indexSha256! }], contentCid })
  return JSON.stringify({
    $type: 'science.alt.dataset.entry',
    name: 'ours',
    schemaRef: 'at://did:plc:abc/science.alt.dataset.schema/x',
    storage: { $type: 'science.alt.dataset.storageHttp', shards: [{ url, checksum: { algorithm: 'sha256', digest: sha256 } }] },
    createdAt: '2026-01-01T00:00:00.000Z',
    metadata: { $bytes: 'gaFhAQ' },
    shardex: { format: 1, content: contentCid, details: { $bytes: Buffer.from(details).toString('base64') } },
  })
}

export const atmosphereTargets: readonly Target[] = [
  target<string>({
    name: 'atmosphere-record',
    corpus: records,
    mutate: mutateJson,
    run(text) {
      const value = parsed(text)
      const fetched = decodeRecord(URI, cidOf(value), value)
      if (!/entry$|record$/.test(fetched.record.$type)) return readSchema(fetched)
      const entry = readEntry(fetched, HOME)
      for (const url of entry.dataUrls) assert.match(url, /^(\{*)(https?|s3):/i)
      return entry
    },
    refuses: (error) => error instanceof SyntaxError,
  }),
  target<string>({
    name: 'atmosphere-reference',
    corpus: () => [URI, 'alice.example.com/photos@1.0', '@alice.test/a', 'did:web:example.com/x', 'did:plc:abc/photos'],
    mutate: mutateTextWith(['at://', 'did:', '@', '/', '.', ':', '%2F', 'science.alt.dataset.entry', '..', '\u0000', '\ud800']),
    run(text) {
      const reference = parseReference(text)
      assert.ok(isPublished(text))
      if ('rkey' in reference) assert.deepEqual(parseReference(formatRecordUri(reference)), reference)
      return reference
    },
  }),
]

function parsed(text: string): unknown {
  return JSON.parse(text)
}

/** A hostile server gives the right CID for what it has made up, if that has one. How deep a value may be that this is computed of, nobody knows before. */
function cidOf(value: unknown): string {
  try {
    return dagCborCid(lexToIpld(jsonToLex(value)))
  } catch {
    return 'none'
  }
}
