import type { Entry } from '@shardex/index'
import type { DataStore } from '@shardex/repo'

/** Where the shards of a published dataset lie: on web servers, in a bucket, or with the account. */
export type StorageKind = 'urls' | 's3' | 'blobs'

/** A shard on its way: where it is, and where the record will say it is. */
export interface PlacedShard {
  /** Where it is read from. */
  readonly from: string
  /** The URL for the record; for blobs the same as `from`. */
  readonly url: string
  /** 64 lower-case hex digits. */
  readonly sha256?: string | undefined
  readonly sizeBytes?: number | undefined
  /** The checksum that the store where it is keeps of it. */
  readonly storeChecksum?: string | undefined
  /** Of the offset index beside it. */
  readonly index?: { readonly sha256: string; readonly sizeBytes: number } | undefined
  /** The key under which it is to be copied to the store. */
  readonly copyTo?: string | undefined
}

/** The kind that needs no copying: where the shards are. */
export function storageOf({ dataUrls }: Pick<Entry, 'dataUrls'>): StorageKind {
  if (dataUrls.every((url) => /^https?:/i.test(url))) return 'urls'
  return dataUrls.every((url) => /^s3:/i.test(url)) ? 's3' : 'blobs'
}

/**
 * @param store where copies are to lie, under keys made of the account, the name and their digests, so that a copy that is there needs not be made again;
 * `undefined` to leave the shards where they are
 */
export async function placeShards(
  entry: Entry,
  owner: CopyOwner,
  kind: StorageKind,
  store: DataStore | undefined,
): Promise<PlacedShard[]> {
  const objects = store === undefined || kind === 'blobs' ? undefined : await store.objects()
  return knownShards(entry).map((shard) => {
    if (store === undefined || objects === undefined || shard.sha256 === undefined) return { ...shard, url: shard.from }
    const key = copyPrefix(owner) + shard.sha256 + SHARD_SUFFIX
    const url = objects.urlOf(key)
    return { ...shard, url: kind === 'urls' ? webUrl(store.readUrl(url), key) : url, copyTo: key }
  })
}

/** Whose copies they are. Accounts may share a store: what one takes back, the other still needs. */
export interface CopyOwner {
  /** The account's DID. */
  readonly repo: string
  /** What the dataset is called there. */
  readonly name: string
}

/** What the keys of copies start with, in the store that they are published from. */
export function copyPrefix({ repo, name }: CopyOwner): string {
  return `promoted/${repo}/${name}/`
}

/** Names may hold what ends the path of a URL. */
function webUrl(url: string, key: string): string {
  return /^https?:/i.test(url) && url.endsWith(key) ? url.slice(0, -key.length) + urlPath(key) : url
}

/** A key as the path of a URL has it. */
export function urlPath(key: string): string {
  return encodeURI(key).replace(/[?#]/g, encodeURIComponent)
}

const SHARD_SUFFIX = '.tar'

type KnownShard = Omit<PlacedShard, 'url' | 'copyTo'>

/** Of entries of atdata only what it has noted: digests in their metadata, if any. */
function knownShards({ shards, dataUrls, metadata }: Entry): KnownShard[] {
  if (shards !== undefined)
    return shards.map(({ url, sha256, sizeBytes, indexSha256, indexSizeBytes, storeChecksum }) => ({
      from: url,
      sha256,
      sizeBytes,
      storeChecksum,
      index: { sha256: indexSha256, sizeBytes: indexSizeBytes },
    }))
  const checksums = Object(metadata?.['checksums']) as Readonly<Record<string, unknown>>
  return dataUrls.map((from) => {
    const sha256 = Object.hasOwn(checksums, from) ? checksums[from] : undefined
    return { from, ...(typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) && { sha256 }) }
  })
}
