import { ShardexError } from '@shardex/errors'
import type { ShardDescription } from '@shardex/index'
import { sha256 } from '#platform'
import type { OffsetIndex } from '../shard/offset-index.ts'
import { contentCid, describeContent, encodeContent, encodeShard } from './content.ts'
import { auditPath, leafInput } from './merkle.ts'
import type { SampleProof } from './verify-proof.ts'

/**
 * The proof that one sample is part of the content of an entry.
 * @throws `index.corrupt` if entry, schema and shards do not belong together
 */
export function proveSample(
  cid: string,
  schemaDigest: string,
  shards: readonly ShardDescription[],
  shardPosition: number,
  index: OffsetIndex,
  samplePosition: number,
): SampleProof {
  const content = describeContent(schemaDigest, shards, sha256)
  const found = contentCid(content, sha256)
  if (found !== cid) throw foreign(cid, found)
  const leaves = shards.map((shard) => sha256(leafInput(encodeShard(shard))))
  return {
    content: encodeContent(content),
    shard: encodeShard(shards[shardPosition]!),
    shardPosition,
    samplePosition,
    shardPath: auditPath((i) => leaves[i]!, shardPosition, leaves.length, sha256),
    samplePath: auditPath((i) => index.leafAt(i), samplePosition, index.sampleCount, sha256),
  }
}

function foreign(wanted: string, found: string): ShardexError {
  const message = `the entry says that its content is ${wanted}, but its shards and this schema are ${found}. Open the dataset with the schema it was written with.`
  return new ShardexError('index.corrupt', { where: 'contentCid', found, wanted }, { message })
}
