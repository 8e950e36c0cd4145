import { describe } from '@shardex/errors'
import { decodeDetails, type EntryDetails } from '@shardex/index'
import type { EntryMark } from '../records.ts'
import { invalidRecord } from './invalid-record.ts'
import { type BlobHome, type RemoteBlob, readBlob } from './read-blob.ts'
import type { RemoteShards } from './read-shards.ts'

/** What we know of our own shards. */
export interface Mark extends EntryDetails {
  /** The offset indexes, if they are blobs; else they lie beside the shards. */
  readonly indexes?: readonly RemoteBlob[] | undefined
}

/**
 * Our part of a record, if it has one. It cannot say something else than the rest of it.
 * @throws {ShardexError} `record.invalid`
 */
export function readMark(
  uri: string,
  mark: EntryMark | undefined,
  { shards, kind }: RemoteShards,
  home: BlobHome,
): Mark | undefined {
  if (mark === undefined) return undefined
  const { format, content, details: bytes, indexes: blobs } = Object(mark) as Partial<EntryMark>
  if (format !== 1)
    throw invalidRecord(uri, `a shardex mark of format ${describe(format)}`, 'format 1; a newer shardex may have written it')
  const details = decode(
    uri,
    bytes,
    shards.map(({ url }) => url),
  )
  if (content !== details.contentCid)
    throw invalidRecord(uri, `two content CIDs, ${describe(content)} and ${describe(details.contentCid)}`, 'one')
  for (const [i, { sha256, url }] of details.shards.entries())
    if (sha256 !== shards[i]?.sha256) throw invalidRecord(uri, `two digests of ${url}`, 'one')
  if (kind !== 'blobs') return details
  const indexes = Array.isArray(blobs) ? blobs.map((blob) => readBlob(uri, blob, home)) : []
  if (indexes.length !== shards.length)
    throw invalidRecord(uri, `${indexes.length} offset indexes`, `one for each of ${shards.length} shards`)
  for (const [i, { sha256 }] of indexes.entries())
    if (sha256 !== details.shards[i]?.indexSha256) throw invalidRecord(uri, `two digests of the offset index ${i}`, 'one')
  return { ...details, indexes }
}

function decode(uri: string, bytes: unknown, urls: readonly string[]): EntryDetails {
  try {
    if (!(bytes instanceof Uint8Array)) throw new TypeError(describe(bytes))
    return decodeDetails(bytes, urls)
  } catch (error) {
    throw invalidRecord(uri, 'descriptions of its shards that cannot be read', 'one for each shard', error)
  }
}
