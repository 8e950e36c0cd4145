import { BlobRef } from '@atproto/lexicon'
import { describe, isShardexError } from '@shardex/errors'
import { expandBraces, parseUrl } from '@shardex/storage'
import { lexicons } from '../lexicons.ts'
import { STORAGE } from '../nsid.ts'
import type { DatasetEntryRecord, OldEntryRecord, ShardChecksum } from '../records.ts'
import { invalidRecord } from './invalid-record.ts'
import { type BlobHome, type RemoteBlob, readBlob } from './read-blob.ts'

/** A shard as a record names it. */
export interface RemoteShard {
  /** `https:`, `http:` or `s3:`; brace patterns stand for several shards in records of atdata. */
  readonly url: string
  /** 64 lower-case hex digits, if the record says it. */
  readonly sha256?: string | undefined
  /** If the record says it. */
  readonly sizeBytes?: number | undefined
}

export interface RemoteShards {
  readonly kind: 'urls' | 's3' | 'blobs'
  readonly shards: readonly RemoteShard[]
  /** Of S3. */
  readonly region?: string | undefined
  /** The offset indexes in order, if the shards are blobs and the record names them. */
  readonly indexes?: readonly RemoteBlob[] | undefined
}

const MAX_SHARDS = 100_000

/**
 * Where the shards of an entry lie. Nothing is opened; every URL is one that may be opened from anywhere, so none of this machine.
 * @throws {ShardexError} `record.invalid`
 */
export function readShards(uri: string, { storage }: DatasetEntryRecord | OldEntryRecord, home: BlobHome): RemoteShards {
  assertStorage(uri, storage)
  switch (storage.$type) {
    case STORAGE.http:
    case STORAGE.oldHttp:
      return urls(
        uri,
        storage.shards.map(({ url, checksum }) => withDigest(uri, url, checksum)),
      )
    case STORAGE.oldExternal:
      return urls(
        uri,
        storage.urls.map((url) => ({ url })),
      )
    case STORAGE.s3:
    case STORAGE.oldS3: {
      const base = bucketUrl(uri, storage)
      const shards = storage.shards.map(({ key, checksum }) => withDigest(uri, base(key), checksum))
      return { ...urls(uri, shards), kind: 's3', region: regionOf(uri, storage.region) }
    }
    case STORAGE.blobs:
    case STORAGE.oldBlobs:
      return { kind: 'blobs', shards: storage.blobs.map((item) => blobShard(uri, item, home)) }
  }
}

/** The union of the lexicon is open: of a storage that is not of the generation of its record, nothing has been checked yet. */
function assertStorage(uri: string, storage: (DatasetEntryRecord | OldEntryRecord)['storage']): void {
  if (!KNOWN.has(storage.$type)) throw invalidRecord(uri, `storage ${describe(storage.$type)}`, `one of ${[...KNOWN].join(', ')}`)
  const result = lexicons().validate(storage.$type, storage)
  if (!result.success) throw invalidRecord(uri, `storage in which ${result.error.message}`, `a ${storage.$type}`)
}

const KNOWN: ReadonlySet<string> = new Set(Object.values(STORAGE))

function urls(uri: string, shards: readonly RemoteShard[]): RemoteShards {
  let count = 0
  for (const { url, sha256 } of shards) {
    const expanded = countOf(uri, url)
    if (sha256 !== undefined && expanded !== 1)
      throw invalidRecord(uri, `one checksum for the ${expanded} shards of ${describe(url)}`, 'one for each')
    count += expanded
    if (count > MAX_SHARDS) throw invalidRecord(uri, `more than ${MAX_SHARDS} shards`, 'fewer')
  }
  return { kind: 'urls', shards }
}

/** How many shards a pattern stands for. Each is looked at again when it is opened; here it is enough that none is a path. */
function countOf(uri: string, pattern: string): number {
  try {
    const [first = '', ...others] = expandBraces(pattern, { limit: MAX_SHARDS })
    parseUrl(first)
    for (const url of [first, ...others])
      if (!/^(https?|s3):/i.test(url))
        throw invalidRecord(uri, `a shard at ${describe(url)}, a path of the machine that wrote it`, 'https:, http: or s3:')
    return others.length + 1
  } catch (error) {
    if (!isShardexError(error) || error.code === 'record.invalid') throw error
    throw invalidRecord(uri, `a shard that cannot be (${error.message})`, 'https:, http: or s3:', error)
  }
}

/** As atdata writes them: path-style below an endpoint, `s3:` without. */
function bucketUrl(
  uri: string,
  { bucket, endpoint }: { bucket: string; endpoint?: string | undefined },
): (key: string) => string {
  if (!/^[a-z0-9][a-z0-9._-]{1,254}$/i.test(bucket))
    throw invalidRecord(uri, `the bucket ${describe(bucket)}`, 'the name of a bucket')
  if (endpoint === undefined) return (key) => `s3://${bucket}/${key}`
  const root = URL.parse(endpoint)
  if (root === null || !/^https?:$/.test(root.protocol) || root.username + root.password + root.search + root.hash !== '')
    throw invalidRecord(uri, `the endpoint ${describe(endpoint)}`, 'https://host')
  const base = root.href.endsWith('/') ? root.href : `${root.href}/`
  return (key) => `${base}${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`
}

/** It becomes a part of a host name. */
function regionOf(uri: string, region: string | undefined): string | undefined {
  if (region === undefined || /^[a-z0-9-]{1,50}$/i.test(region)) return region
  throw invalidRecord(uri, `the region ${describe(region)}`, 'the name of a region')
}

function blobShard(
  uri: string,
  item: BlobRef | { readonly blob: BlobRef; readonly checksum?: ShardChecksum | undefined },
  home: BlobHome,
): RemoteShard {
  const { blob, checksum } = item instanceof BlobRef ? { blob: item, checksum: undefined } : item
  const found = readBlob(uri, blob, home)
  const stated = digestOf(uri, checksum)
  if (stated === undefined || stated === found.sha256) return found
  throw invalidRecord(uri, `the SHA-256 ${stated} for the blob ${String(blob.ref)}`, `that of the blob, ${found.sha256}`)
}

function withDigest(uri: string, url: string, checksum: ShardChecksum | undefined): RemoteShard {
  const sha256 = digestOf(uri, checksum)
  return sha256 === undefined ? { url } : { url, sha256 }
}

/** atdata writes `none` with an empty digest where it does not know. Other algorithms say nothing that we could check. */
function digestOf(uri: string, checksum: ShardChecksum | undefined): string | undefined {
  if (checksum === undefined || !/^sha-?256$/i.test(checksum.algorithm)) return undefined
  const digest = checksum.digest.toLowerCase()
  if (!/^[0-9a-f]{64}$/.test(digest)) throw invalidRecord(uri, `the SHA-256 ${describe(checksum.digest)}`, '64 hex digits')
  return digest
}
