import type { ShardDescription } from '@shardex/index'
import { sha256 } from '#platform'
import { contentCid, describeContent } from './content.ts'

/** The `contentCid` of these shards in this order, with samples of the schema that has this digest: what an entry that says another one is wrong about. */
export function contentCidOf(schemaDigest: string, shards: readonly ShardDescription[]): string {
  return contentCid(describeContent(schemaDigest, shards, sha256), sha256)
}
