import { describe } from '@shardex/errors'
import { encodeMsgpack } from '@shardex/schema'
import { entryCid, isDagCborCid } from './cid.ts'
import type { Metadata, ShardDescription } from './entry.ts'
import { assertLabelVersion, assertName } from './name.ts'
import type { Commit, WriteOptions } from './provider.ts'
import { unusable } from './refusals.ts'
import { encodeDetails, faultOfShard } from './shard-details.ts'
import { assertIngestId, assertText, isText } from './usage.ts'

export interface EntryOptions extends WriteOptions {
  readonly name: string
  /** Any msgpack map. Metadata belong to the entry: those of the newest commit of the same content win, also if it has none. */
  readonly metadata?: Metadata | undefined
  /** Also mark the entry with a version of the name. */
  readonly label?: { readonly version: string; readonly description?: string | undefined } | undefined
}

export interface CommitEntryOptions extends EntryOptions {
  readonly schemaRef: string
  /** Stored as they are given: a brace pattern stays a pattern. */
  readonly dataUrls: readonly string[]
  /** One per data URL, in the same order. What an earlier commit of the same content said stays if left out. */
  readonly shards?: readonly ShardDescription[] | undefined
  /** The CID of the content that `shards` describe; goes with them. */
  readonly contentCid?: string | undefined
  /** The journal that ends with this commit, in the same step. It must have noted all that the entry needs. */
  readonly ingest?: { readonly id: string; readonly owner: string } | undefined
}

/**
 * What can be known of a commit before its data is there, so that nobody uploads for hours first.
 * @throws {ShardexError} `name.invalid`; `usage.invalid`; `msgpack.invalid`
 */
export function checkEntryOptions({ name, metadata, label, ifRevision }: EntryOptions): void {
  toCommit({ name, schemaRef: 'local://schemas/any@1.0.0', dataUrls: [], metadata, label, ifRevision })
}

/** Everything a backend must not be given is refused here. @throws {ShardexError} `name.invalid`; `usage.invalid`; `msgpack.invalid` */
export function toCommit({
  name,
  schemaRef,
  dataUrls,
  metadata,
  shards,
  contentCid,
  label,
  ifRevision,
  ingest,
}: CommitEntryOptions): Commit {
  assertName(name)
  checkRevision(ifRevision)
  if (label) assertLabelVersion(label.version)
  assertText('schemaRef', schemaRef, 'a schema reference')
  if (!Array.isArray(dataUrls)) throw unusable('dataUrls', describe(dataUrls), 'an array of URLs')
  for (const [i, url] of dataUrls.entries()) if (!isText(url)) throw unusable(`dataUrls[${i}]`, describe(url), 'a URL')
  if (metadata !== undefined && !isMap(metadata)) throw unusable('metadata', describe(metadata), 'a map')
  checkShards(shards, dataUrls)
  if (contentCid !== undefined && !isDagCborCid(contentCid)) throw unusable('contentCid', describe(contentCid), 'a CID')
  if (ingest) {
    assertIngestId(ingest.id)
    assertText('ingest.owner', ingest.owner, 'text')
  }
  return {
    entry: {
      cid: entryCid({ schemaRef, dataUrls }),
      name,
      schemaRef,
      dataUrls: encodeMsgpack(dataUrls),
      metadata: metadata && encodeMsgpack(metadata),
      details: shards && encodeDetails({ shards, contentCid }),
    },
    contentCid,
    ifRevision,
    label,
    ingest,
    // Patterns and foreign URLs have no marks. The offset index of a shard has a URL of its own, described or not.
    objects: dataUrls.flatMap((url) => [url, `${url}.idx`]),
  }
}

/** @throws {ShardexError} `usage.invalid` */
export function checkRevision(ifRevision: number | undefined): void {
  if (ifRevision === undefined || (Number.isSafeInteger(ifRevision) && ifRevision >= 0)) return
  throw unusable('ifRevision', describe(ifRevision), 'a whole number')
}

function checkShards(shards: readonly ShardDescription[] | undefined, dataUrls: readonly string[]): void {
  if (shards === undefined) return
  if (shards.length !== dataUrls.length)
    throw unusable('shards', `${shards.length} of them`, `one for each of ${dataUrls.length} data URLs`)
  for (const [i, shard] of shards.entries()) {
    const fault = faultOfShard(shard, dataUrls[i])
    if (fault !== undefined) throw unusable(`shards[${i}]`, fault, 'the description of its data URL')
  }
}

function isMap(value: object): boolean {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !ArrayBuffer.isView(value)
}
