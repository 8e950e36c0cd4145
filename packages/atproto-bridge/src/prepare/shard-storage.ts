import { parseUrl } from '@shardex/storage'
import { blobRefOf } from '../blob-ref.ts'
import { STORAGE } from '../nsid.ts'
import type { DatasetEntryRecord, ShardChecksum, StorageBlobs, StorageHttp, StorageS3 } from '../records.ts'
import type { PlacedShard, StorageKind } from './place-shards.ts'
import type { PrepareOptions, S3Place } from './prepare-options.ts'
import type { Problem } from './problem.ts'
import { faultOfUrl, type UrlRules } from './public-url.ts'

/** What the lexicon lets a blob be. */
export const MAX_BLOB_BYTES = 52_428_800
export const SHARD_TYPE = 'application/x-tar'
export const INDEX_TYPE = 'application/octet-stream'

/** The server of a bucket: as it is given, else as the store of the copies says it. */
export function s3PlaceOf(
  kind: StorageKind,
  [first]: readonly PlacedShard[],
  { s3, dataStore }: Pick<PrepareOptions, 's3' | 'dataStore'>,
): S3Place {
  if (s3?.endpoint !== undefined || kind !== 's3' || dataStore === undefined || first === undefined) return s3 ?? {}
  const readUrl = dataStore.readUrl(first.url)
  const path = first.url.slice('s3:/'.length)
  return /^https?:/i.test(readUrl) && readUrl.endsWith(path) ? { ...s3, endpoint: readUrl.slice(0, -path.length) } : { ...s3 }
}

type Built = DatasetEntryRecord['storage']
type Note = (problem: Problem) => void

/** The storage of an entry's record, with what is wrong told to `note`. */
export function toStorage(kind: StorageKind, shards: readonly PlacedShard[], s3: S3Place, rules: UrlRules, note: Note): Built {
  if (shards.length === 0)
    note({
      code: 'shards.missing',
      path: 'entry.storage',
      found: 'no shards',
      wanted: 'one at least',
      advice: 'insert samples first',
    })
  switch (kind) {
    case 'urls':
      return toHttp(shards, rules, note)
    case 's3':
      return toS3(shards, s3, rules, note)
    case 'blobs':
      return toBlobs(shards, note)
  }
}

function toHttp(shards: readonly PlacedShard[], rules: UrlRules, note: Note): StorageHttp {
  return {
    $type: STORAGE.http,
    shards: shards.map((shard, i) => {
      const path = `entry.storage.shards[${i}]`
      const fault = faultOfUrl(shard.url, rules)
      if (fault !== undefined) note({ ...fault, path: `${path}.url` })
      return { url: shard.url, checksum: checksumOf(shard, path, note) }
    }),
  }
}

function toS3(shards: readonly PlacedShard[], { endpoint, region }: S3Place, rules: UrlRules, note: Note): StorageS3 {
  const fault = endpoint === undefined ? undefined : faultOfUrl(endpoint, rules)
  if (fault !== undefined) note({ ...fault, path: 'entry.storage.endpoint' })
  const places = shards.map((shard, i) => objectOf(shard.url, `entry.storage.shards[${i}].key`, note))
  const [bucket = '', ...others] = new Set(places.flatMap((place) => place?.bucket ?? []))
  if (others.length > 0)
    note({
      code: 'bucket.many',
      path: 'entry.storage.bucket',
      found: [bucket, ...others].join(', '),
      wanted: 'one bucket',
      advice: 'copy the shards to one store (dataStore)',
    })
  return {
    $type: STORAGE.s3,
    bucket,
    shards: shards.map((shard, i) => ({
      key: places[i]?.key ?? '',
      checksum: checksumOf(shard, `entry.storage.shards[${i}]`, note),
    })),
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
  }
}

function objectOf(url: string, path: string, note: Note): { bucket: string; key: string } | undefined {
  if (/^s3:/i.test(url)) {
    if (/[{}]/.test(url)) {
      note({
        code: 'url.pattern',
        path,
        found: 'a brace pattern',
        wanted: 'one key for each shard',
        advice: 'insert the shards one by one: a record has a digest for each',
      })
      return undefined
    }
    const parsed = parseS3(url)
    if (parsed !== undefined) return parsed
    note({ code: 'url.invalid', path, found: 'an s3: URL that cannot be read', wanted: 's3://bucket/key', advice: 'mend it' })
    return undefined
  }
  const isLocal = !/^[a-z][a-z0-9+.-]*:/i.test(url) || /^file:/i.test(url)
  note({
    code: isLocal ? 'url.local' : 'url.scheme',
    path,
    found: isLocal ? 'a path of this machine' : `the scheme ${url.slice(0, url.indexOf(':') + 1)}`,
    wanted: 's3://bucket/key',
    advice: 'give a store on S3 to copy the shards to (dataStore), or publish them as blobs',
  })
  return undefined
}

function parseS3(url: string): { bucket: string; key: string } | undefined {
  try {
    const parsed = parseUrl(url)
    return parsed.scheme === 's3' && parsed.key !== '' ? parsed : undefined
  } catch {
    return undefined
  }
}

function toBlobs(shards: readonly PlacedShard[], note: Note): StorageBlobs {
  return {
    $type: STORAGE.blobs,
    blobs: shards.map((shard, i) => {
      const path = `entry.storage.blobs[${i}]`
      const { sha256 = '0'.repeat(64), sizeBytes = 0 } = shard
      const checksum = checksumOf(shard, path, note)
      if (sizeBytes > MAX_BLOB_BYTES)
        note({
          code: 'blob.too_large',
          path: `${path}.blob`,
          found: `${sizeBytes} bytes`,
          wanted: `at most ${MAX_BLOB_BYTES}`,
          advice: 'insert the samples again with smaller shards (maxsize 50MB), or publish them on S3 or a web server',
        })
      if (shard.sha256 !== undefined && shard.sizeBytes === undefined)
        note({ ...UNDESCRIBED, code: 'digest.missing', path: `${path}.blob`, found: 'no size', wanted: 'the size of the shard' })
      return { blob: blobRefOf(sha256, sizeBytes, SHARD_TYPE), checksum }
    }),
  }
}

const UNDESCRIBED = { advice: 'insert the dataset with shardex, which notes digests and sizes, and publish that entry' } as const

function checksumOf({ sha256, from }: PlacedShard, path: string, note: Note): ShardChecksum {
  if (sha256 !== undefined) return { algorithm: 'sha256', digest: sha256 }
  // A pattern stands for shards that nobody has described; what is wrong with it is said where its URL is looked at.
  note({
    ...UNDESCRIBED,
    code: 'digest.missing',
    path: `${path}.checksum`,
    found: /[{}]/.test(from) ? 'a pattern for shards' : 'no digest',
    wanted: 'the SHA-256 of the shard',
  })
  return { algorithm: 'none', digest: '' }
}
